"""Where a name begins and ends: hits that are only part of a larger noun phrase.

"The Party Committee of Da Nang City Police" holds a name of the glossary, and means another body.
As long as the words keep their order, a hit may be part of something larger; but where rewriting
moves its last word ("Da Nang City Party Committee"), whatever belongs to that word loses its place.
So a hit that *turns* must end where its noun phrase ends. Which words go on with a noun phrase is
decided here, once for all terms; the lists stand in the manifest under ``noun-phrases``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from normalise.glossary.compiled.tables import Compiled
from normalise.glossary.match.context import Context
from normalise.glossary.match.fold import fold, in_word
from normalise.glossary.match.quotes import has_own_marks
from normalise.glossary.source.phrase import fill
from normalise.language.nouns import AFTER_NOUNS, continues_noun
from normalise.language.vietnamese import SURNAMES, fold_name, is_syllable

_LINK = re.compile(r" (?:of|for|in|at|to|under|on|from|with|by) ")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_POSSESSIVE = re.compile(r"['’´`](?:s\b)?")
_APOSTROPHE = re.compile("['’´`\u2032]")
_HYPHENS = "-\u2010\u2011\u00ad"
_DASHES = _HYPHENS + "\u2012\u2013"
_LISTED = re.compile(
    r"([^\W_]+)(?:,? (?:and|or|&)|,) (?:the )?(?:(?:[^\W_]+ ){1,3}of (?:the )?)?$"
)
_NEXT = re.compile(r"(?:,? (?:and|or|&)|,) (?:the )?((?:[^\W_]+ ?){1,6})")
_OWNER = re.compile(r" of (?:the )?([^\W_]+)")
_PARTY = re.compile(r"part(?:y|ies)\b|cpv\b|communist\b")
_NAMED = re.compile(r" of (?:the )?((?:[^\W_]+ ?){1,4})")
_PARTIES_NAME = ("vietnam", "viet", "ho", "which", "whom")
_LIST_WINDOW = 60
_TITLE = r"(?:,? (?:called|titled|entitled|named|of|by|by [^\W_]+(?: [^\W_]+){0,2}))?,? ?[:]? ?"
_TITLE_WINDOW = 80
_QUOTED = re.compile(
    r"\"[^\"\n]{1,160}\"|\u201c[^\u201d\n]{1,160}\u201d|\u00ab[^\u00bb\n]{1,160}\u00bb"
)


def links(text: str, start: int, end: int) -> bool:
    """Whether a folded span contains a word that links a noun to its complement.

    >>> links("members of the party", 0, 20), links("party members", 0, 13)
    (True, False)
    """
    return _LINK.search(text, start, end) is not None


class Edges:
    """Objections to hits at the edges of their noun phrases. Immutable once built."""

    def __init__(self, compiled: Compiled) -> None:
        lists = compiled.noun_phrases
        self._entries, self._names = compiled.entries, compiled.names
        self._places = compiled.place_names
        self._heads = frozenset(lists.heads)
        self._bodies = frozenset(lists.bodies)
        self._levels = frozenset(lists.levels)
        self._titles = frozenset(lists.titles)
        self._other_parties = frozenset(lists.other_parties)
        self._works = (
            re.compile(rf"\b(?:{'|'.join(map(re.escape, lists.works))})s?{_TITLE}$", re.I)
            if lists.works
            else None
        )
        self._outer: dict[int, tuple[str, str]] = {}
        self._turned: dict[tuple[int, bool, str], bool] = {}

    def quoted_works(self, text: str) -> Iterator[tuple[int, int]]:
        """Source spans of the quoted titles of plays, songs, books …, which stay as they are."""
        if self._works is not None:
            for quoted in _QUOTED.finditer(text):
                start = quoted.start()
                if self._works.search(text, max(0, start - _TITLE_WINDOW), start):
                    yield quoted.span()

    def objection(self, context: Context, start: int, end: int, entry: int) -> str:
        """Why an entry's hit at a folded span is only part of something else; or empty."""
        row = self._entries[entry]
        if row.rule in ("forbidden", "abbreviation"):
            return ""
        text = context.folded.text
        if start and text[start - 1] == " ":
            if _is_hyphenated(context, start):
                return "part of a word with a hyphen"
            if text.startswith("part", start):
                word = text[text.rfind(" ", 0, start - 1) + 1 : start - 1]
                if word in self._other_parties and (start > 1 and text[start - 2] != "\n"):
                    return "another party"
        if row.rule == "flag" or self._lacks_possessive(context, start, end, row.name):
            return "" if row.rule == "flag" else "lacks the possessive, and has no capitals"
        if row.rule == "preferred":
            return ""
        if self._is_anothers(text, start, end, row.name):
            return "another owner follows"
        if self._doubles(text, start, end, row.name):
            return "a word would stand twice"
        if not self.turns(context, start, end, entry):
            return ""
        linked = links(text, start, end)
        if self._goes_on(context, start, end, linked=linked):
            return "part of a larger name"
        if not linked:
            before = text[text.rfind(" ", 0, max(start - 1, 0)) + 1 : max(start - 1, 0)]
            return "part of a larger name" if before in self._levels else ""
        if self._shares_owner(text, start):
            return "the owner belongs to several bodies"
        if self._is_named(context, start, end) or _is_coordinated(context, start, end):
            return "part of a larger name"
        return ""

    def turns(self, context: Context, start: int, end: int, entry: int) -> bool:
        """Whether rewriting an entry's hit moves its last word."""
        text, name = context.folded.text, self._entries[entry].name
        linked = links(text, start, end)
        last = text[text.rfind(" ", 0, end) + 1 : end].removesuffix("s")
        key = (name, linked, last)
        known = self._turned.get(key)
        if known is None:
            template = self._names[name].forms[0]
            written = fold(fill(template, {})).text.strip()
            relinked = _LINK.search(written) is not None
            if has_own_marks(template) or template.endswith("}"):
                known = False
            elif linked:
                known = not relinked or written[written.rfind(" ") + 1 :].removesuffix("s") != last
            else:  # "Communist Party of Vietnam" stays one name, whatever follows
                known = relinked and " of the " in written
            self._turned[key] = known
        return known

    def has_possessive(self, context: Context, start: int, end: int) -> bool:
        """Whether a possessive 's follows a hit."""
        stop = context.folded.span(start, end)[1]
        return _POSSESSIVE.match(context.folded.source, stop) is not None

    def _goes_on(self, context: Context, start: int, end: int, *, linked: bool) -> bool:
        """Whether the noun phrase goes on after a folded position."""
        folded = context.folded
        text, source = folded.text, folded.source
        if not text.startswith(" ", end) or end + 1 >= len(text):
            return False
        begin, stop = folded.span(start, end)
        after = folded.start(end + 1)
        gap = source[stop:after]
        if gap.strip():
            if _POSSESSIVE.match(gap):
                return linked
            return gap in _DASHES
        word = _WORD.match(source, after)
        if word is None:
            return False
        written = word.group()
        match = _WORD.match(text, end + 1)
        low = match.group() if match else written.lower()
        if low in AFTER_NOUNS:
            return False
        if written[0].isdigit() or low in self._heads:
            return True
        if written[0].isupper() and not source[begin:stop].isupper():
            return low not in self._titles and not _is_person(source, after)
        return continues_noun(low)

    def _is_named(self, context: Context, start: int, end: int) -> bool:
        """Whether a name that is none of ours follows: "of the province | of Ontario"."""
        text = context.folded.text
        named = _NAMED.match(text, end)
        if named is None or text.find(" of ", start, end) < 0:
            return False
        words = named.group(1).split()
        if text.endswith(" party", start, end) and words[0] not in _PARTIES_NAME:
            return True  # "of the party of growers"
        return (
            context.folded.source[context.folded.start(named.start(1))].isupper()
            and words[0] not in self._levels
            and not any(map(_PARTY.match, words))
            and not any(
                " ".join(words[:count]) in self._places for count in range(1, len(words) + 1)
            )
        )

    def _lacks_possessive(self, context: Context, start: int, end: int, name: int) -> bool:
        """Whether a name's first word lacks its 's: "the people committee members listen to"."""
        if not self._names[name].forms[0].split(" ", 1)[0].endswith(("'s", "s'")):
            return False
        low, high = context.folded.span(start, end)
        surface = context.folded.source[low:high]
        return surface.islower() and _APOSTROPHE.search(surface) is None

    def _is_anothers(self, text: str, start: int, end: int, name: int) -> bool:
        """Whether writing a name makes a body the Party's that the text gives to somebody else.

        "Central Executive Committee of the Vietnam Farmers' Union": no word of it says Party.
        """
        if "Party" not in self._names[name].forms[0] or _PARTY.search(text, start, end):
            return False
        owner = _OWNER.match(text, end)
        if owner is None:
            return False
        word = owner.group(1)
        return word not in self._levels and not _PARTY.match(word)

    def _doubles(self, text: str, start: int, end: int, name: int) -> bool:
        """Whether a name would repeat the word before or after it: "Ho Chi Minh City City"."""
        outer = self._outer.get(name)
        if outer is None:
            words = fold(fill(self._names[name].forms[0], {})).text.split()
            outer = self._outer[name] = (f" {words[0]} ", f" {words[-1]}")
        first, last = outer
        if text.endswith(first, 0, start) and not text.startswith(first[1:], start):
            return True
        after = end + len(last)
        return (
            text.startswith(last, end)
            and not text.endswith(last, 0, end)
            and (after == len(text) or not in_word(text[after]))
        )

    def _shares_owner(self, text: str, start: int) -> bool:
        """Whether bodies are listed before the hit that have no owner but the hit's.

        "The Party Committee and People's Council of Tan Ky commune": the commune is of both.
        """
        floor = max(text.rfind("\n", 0, start) + 1, start - _LIST_WINDOW)
        listed = _LISTED.search(text, floor, start)
        if listed is None or listed.group(1).removesuffix("s") not in self._bodies:
            return False
        own = text[max(floor, text.rfind(",", 0, listed.end(1)) + 1) : listed.end(1)]
        return self._levels.isdisjoint(own.split()[-5:])


def _is_hyphenated(context: Context, start: int) -> bool:
    """Whether a hyphen joins a hit to the word before it: third-party, 3–4 good."""
    source = context.folded.source
    edge = context.folded.start(start) - 1
    if edge < 1 or not source[edge - 1].isalnum():
        return False
    if source[edge] in _HYPHENS:
        return True
    return source[edge] in _DASHES and source[edge - 1].isdigit() and source[edge + 1].isdigit()


def _is_person(source: str, start: int) -> bool:
    """Whether a Vietnamese person's name begins here."""
    words = [m.group() for m in _WORD.finditer(source, start, start + 30)][:2]
    if not words or fold_name(words[0]) not in SURNAMES:
        return False
    return len(words) == 1 or words[1].islower() or is_syllable(words[1])


def _is_coordinated(context: Context, start: int, end: int) -> bool:
    """Whether a second owner of the same kind follows: "of A province and B province"."""
    text, source = context.folded.text, context.folded.source
    following = _NEXT.match(text, end)
    if following is None:
        return False
    first = text.rfind(" ", start, end) + 1
    words = following.group(1).split()
    if source[context.folded.start(first)].isupper() and not source[slice(
        *context.folded.span(start, end)
    )].isupper():  # it ends with a place: "of A and B"
        named = source[context.folded.start(following.start(1))].isupper()
        return named and text[end] == " " and not text.startswith("the ", following.start(1) - 4)
    last = text[first:end]
    return last in words[1:5] and AFTER_NOUNS.isdisjoint(words[: words.index(last)])
