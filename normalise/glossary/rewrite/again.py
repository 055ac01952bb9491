"""Where to look again: after the first look, only where an edit can have made or freed a hit.

A hit depends on its own sentence; some also look at the paragraph or at a number of words around
(`Matcher.find_far`), and a few at the whole document: at words that mark it, at abbreviations that
it defines. If what those see has changed, everything is looked at again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from normalise.glossary.match.context import Context
from normalise.glossary.match.matcher import Match, Matcher
from normalise.glossary.match.protect import Spans


def find_touched(
    matcher: Matcher, context: Context, matches: Sequence[Match], edited: Iterable[tuple[int, int]]
) -> Spans:
    """The folded spans of sentences in which something may have changed for a hit.

    Those with an edit, and in the same paragraph those with a hit that looks further.

    Args:
        matcher: It knows which hits look far.
        context: The text with the edits made.
        matches: The anchors found in it.
        edited: Source spans of what the edits have written; an empty one is where something was.
    """
    at = context.folded.position
    places = [(at(start), max(at(start), at(end))) for start, end in edited]
    paragraphs = Spans(context.window(*place, "paragraph") for place in places)
    places += (
        span for span in matcher.find_far(context, matches) if paragraphs.touches(*span)
    )
    return Spans(context.window(*place, "sentence") for place in places)
