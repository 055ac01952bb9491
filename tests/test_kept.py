"""Fields, formulas and code inside sentences of files without marks, when these are translated."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalise.data import Translation
from normalise.edits import replay
from normalise.formats.dividing import divide
from normalise.formats.pieces import Gathering
from normalise.stages.kept import part_around
from normalise.stages.sentences import find_cuts, put_in, take_sentences


def translate(parts: list[str], answer: str) -> tuple[list[str], list[str], list[str]]:
    """What the engine reads, the new pieces, and the flags; ``=x`` is a piece that stays."""
    found = Gathering()
    for part in parts:
        found.add(part.removeprefix("="), protected=part.startswith("="))
    found.close()
    document = found.document("a", "docx")
    sentences = take_sentences(document, document.blocks[0], "nb", find_cuts(document))
    woven = put_in(document, sentences, [Translation(answer, "engine", "p") for _ in sentences])
    assert replay(document.text, woven.changes) == woven.text
    from normalise.data import Language, Result, Stage

    stage = Stage("translate", woven.text, woven.changes)
    result = Result(document, woven.text, (stage,), Language("nb", 1.0), ())
    return [s.text for s in sentences], divide(result, found.pieces), [f.rule for f in woven.flags]


@pytest.mark.parametrize(
    ("parts", "shown", "answer", "want"),
    [
        (["Side ", "=1", " av ", "=1"], "Side 1 av 1", "Page 1 of 1", ["Page ", "1", " of ", "1"]),
        (["Kjør ", "=x = 1", " nå."], "Kjør `x = 1` nå.", "Now run `x = 1`.", ["Now run ", "x = 1", "."]),
        (["=iv", " sider"], "`iv` sider", "`iv` pages", ["iv", " pages"]),
    ],
)
def test_the_translation_is_put_around_what_stays(
    parts: list[str], shown: str, answer: str, want: list[str]
) -> None:
    assert translate(parts, answer) == ([shown], want, [])


@pytest.mark.parametrize("answer", ["Page 1", "Page", "1 1 page", "Page 1 of 1 more"])
def test_what_was_lost_leaves_the_sentence_as_it_was(answer: str) -> None:
    parts = ["Side ", "=1", " av ", "=1"]
    assert translate(parts, answer)[1:] == (["Side ", "1", " av ", "1"], ["slot"])


def test_a_sentence_of_fields_alone_is_not_translated() -> None:
    assert translate(["Møte ", "=1"], "Meeting 1")[0] == ["Møte 1"]
    found = Gathering()
    found.add("=1", protected=True), found.add(".")
    found.close()
    assert found.document("a", "docx").blocks == ()


@given(st.lists(st.tuples(st.sampled_from(["a ", " b", "", "c 1"]), st.sampled_from(["1", "x = 1", "iv"])), max_size=4),
       st.lists(st.sampled_from(["1", "`x = 1`", "`iv`", "word", "11"]), max_size=8).map(" ".join))  # fmt: skip
def test_what_stays_is_never_touched(pairs: list[tuple[str, str]], answer: str) -> None:
    text, kept = "", []
    for words, stays in pairs:
        text += words
        kept.append((len(text), len(text) + len(stays)))
        text += stays
    parts = part_around(text, 0, len(text), kept, answer)
    for (start, end), _ in parts or ():
        assert not any(start < right and left < end for left, right in kept)
