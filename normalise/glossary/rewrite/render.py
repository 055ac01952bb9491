"""From winning hits to edits: number, capitals, quotation marks, articles, brackets."""

from __future__ import annotations

import re
from dataclasses import dataclass

from normalise.edits import Edit
from normalise.glossary.compiled.tables import Compiled, Name
from normalise.glossary.match.context import Context
from normalise.glossary.match.matcher import Candidate
from normalise.glossary.match.quotes import cover, fit_own_marks, has_own_marks, is_quoted
from normalise.glossary.source.phrase import fill
from normalise.glossary.source.schema import Term

_ARTICLE = re.compile(r"\b([Aa]n?) $")
_SMALL_WORDS = frozenset(
    ("a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with")
)
# Words after which a new noun phrase begins, so that its article is not missing on purpose.
_BEFORE_ARTICLE = (
    *("about", "after", "against", "and", "at", "before", "between", "by", "for", "from", "in"),
    *("including", "of", "on", "or", "that", "through", "to", "under", "while", "with"),
)
_FIXED = {"singular": 0, "plural": 1}
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Rendering:
    """What a hit becomes: the source span it replaces, the text, and an article before it."""

    start: int
    end: int
    after: str
    article: Edit | None


def render(compiled: Compiled, context: Context, candidate: Candidate) -> Rendering:
    """The text a hit becomes, in the text's number and the term's case."""
    entry = compiled.entries[candidate.entry]
    term = compiled.terms[entry.term]
    source = context.folded.source
    start, end = context.folded.span(candidate.start, candidate.end)
    name = compiled.names[entry.name]
    number = candidate.number if term.policy.number == "follow" else _FIXED[term.policy.number]
    template = name.forms[number]
    surface = source[start:end]
    if surface == template and term.policy.quotes == "keep":
        return Rendering(start, end, surface, None)  # most hits in a text that was converted before
    after = fill(template, dict(candidate.values))
    if has_own_marks(after):
        after = fit_own_marks(after, surface, is_quoted(source, start, end))
    begin, stop = cover(source, start, end, drop=term.policy.quotes == "drop")
    after = _write_case(after, surface, term, entry.rule)
    if _needs_the(context, candidate, after):
        after = f"{'THE' if after.isupper() else 'the'} {after}"
    raised = surface[:1].isupper() and not after[:1].isupper()
    if raised and context.starts_sentence(candidate.start):
        after = _raise_first(after)
    return Rendering(
        begin, stop, after, _repair_article(source, begin, after, name, number, surface)
    )


def _needs_the(context: Context, candidate: Candidate, after: str) -> bool:
    """Whether a name that began with a place, and now begins with a noun, needs an article.

    "asked by Lao Cai Provincial Party Committee Standing Committee" rightly has none; reordered, it
    is "by the Standing Board of …". Only if the words before leave no doubt.
    """
    places = [value for name, value in candidate.values if name == "place"]
    if not places or after.startswith((places[0], "the ", "The ", "THE ")):
        return False
    source = context.folded.source
    start, end = context.folded.span(candidate.start, candidate.end)
    if not source.startswith(places[0].split(" ")[0], start):
        return False
    if source[end : end + 1] == " " and source[end + 1 : end + 2].isupper():
        return False  # a title before a person's name has none
    return context.starts_sentence(candidate.start) or context.preceded(
        candidate.start, _BEFORE_ARTICLE
    )


def _write_case(after: str, surface: str, term: Term, rule: str) -> str:
    if rule != "abbreviation" and _is_capitals(surface):
        return after.upper()
    if term.policy.case == "text":
        if rule != "variant" and surface.lower() == after.lower():
            return surface  # unless the author lists it: then its capitals are to change
        if rule != "abbreviation" and _is_title(surface):
            return _title(after)
    return after


def _raise_first(text: str) -> str:
    """Capitalise the first letter, even after an opening quotation mark; not after a figure."""
    index = 1 if has_own_marks(text) or text[:1] in '"\u201c\u00ab' else 0
    return text[:index] + text[index : index + 1].upper() + text[index + 1 :]


def _is_capitals(surface: str) -> bool:
    return surface.isupper() and sum(map(str.isalpha, surface)) > 5


def _is_title(surface: str) -> bool:
    words = [word for word in _WORD.findall(surface) if word.lower() not in _SMALL_WORDS]
    return len(words) > 1 and all(word[0].isupper() or word[0].isdigit() for word in words)


def _title(text: str) -> str:
    return _WORD.sub(
        lambda match: (
            match.group()
            if match.group().lower() in _SMALL_WORDS
            else match.group()[0].upper() + match.group()[1:]
        ),
        text,
    )


def _repair_article(
    source: str, start: int, after: str, name: Name, number: int, surface: str
) -> Edit | None:
    """Change a/an before a hit whose first sound changed."""
    match = _ARTICLE.search(source, max(0, start - 4), start)
    if match is None or after[:1].lower() == surface[:1].lower():
        return None
    written = match.group(1)
    article = name.articles[number]
    if written.lower() == article:
        return None
    if written[0].isupper():
        article = article.capitalize()
    return Edit(
        match.start(1), match.end(1), article, "article", "", f"before '{after.split(' ')[0]}'"
    )
