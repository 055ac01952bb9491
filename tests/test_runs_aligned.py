"""Bold words and links of translated sentences, where attention shows what became of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalise import Pipeline
from normalise.data import Document, Language, Result, RunPlace, Stage
from normalise.edits import Edit, apply_edits
from normalise.formats import Reading, render
from normalise.formats.dividing import divide
from normalise.formats.pieces import Gathering
from normalise.formats.web import html
from normalise.translate.aligned.runs import Attention, find_run


def place(parts: list[str], after: str, runs: dict[str, str], firm: tuple[int, ...] = ()) -> list[str]:
    """The new pieces of a sentence; ``runs`` says which of its words became which."""
    found = Gathering()
    for index, part in enumerate(parts):
        found.add(part, firm=index in firm)
    found.close()
    document = found.document("a", "docx")
    before = document.text
    places = tuple(
        RunPlace(before.index(old), before.index(old) + len(old), after.index(new), after.index(new) + len(new))
        for old, new in runs.items()
    )
    text, changes = apply_edits("translate", before, [Edit(0, len(before), after, "translation")])
    result = Result(document, text, (Stage("translate", text, changes),), Language("nb", 1.0), (), runs=places)
    return divide(result, found.pieces)


@pytest.mark.parametrize(
    ("parts", "after", "runs", "want"),
    [
        (["Møtet ", "ble ikke", " holdt."], "The meeting was not held.", {"ble ikke": "was not"},
         ["The meeting ", "was not", " held."]),
        (["Møtet ", "ble", " ikke holdt her."], "The meeting was not held here.", {"Møtet": "The meeting", "ble": "was"},
         ["The meeting ", "was", " not held here."]),
        # What moved behind others stays with the long one, which takes everything around them.
        (["I går ", "vedtok", " komiteen i provinsen planen."], "The committee of the province adopted the plan yesterday.",
         {"I går": "yesterday", "vedtok": "adopted"}, ["The committee of the province ", "adopted", " the plan yesterday."]),
        # A mark after the words is not theirs, unless they had one.
        (["Si ", "nei", ", ikke ja da."], "Say no, not yes then.", {"nei": "no,"}, ["Say ", "no", ", not yes then."]),
        (["Si ", "nei,", " ikke ja da."], "Say no, not yes then.", {"nei,": "no,"}, ["Say ", "no,", " not yes then."]),
        # Attention may be wrong about the order; nothing is lost then.
        (["a ", "b", " c"], "x y z", {"a": "z", "b": "x"}, ["", "x", " y z"]),
    ],
)  # fmt: skip
def test_words_go_where_attention_points(
    parts: list[str], after: str, runs: dict[str, str], want: list[str]
) -> None:
    assert place(parts, after, runs) == want


def test_touching_pieces_lose_no_space() -> None:
    got = place(["organisasjons", "komiteen møttes"], "Organisation Commission met", {"organisasjons": "Organisation"})
    assert got == ["Organisation", " Commission met"]


def test_words_without_attention_are_none() -> None:
    attention = Attention(((0, 2), (2, 5)), ((0, 3), (3, 6)), ((0.1, 0.9), (0.3, 0.7)))
    assert find_run(attention, (0, 2), "one two") is None
    assert find_run(attention, (3, 5), "one tw") == (0, 6)


@given(st.lists(st.tuples(st.sampled_from(["a ", " b", "c", " d. ", "", " "]), st.booleans()), min_size=2, max_size=6),
       st.lists(st.sampled_from(["x", "y.", "z"]), min_size=1, max_size=6).map(" ".join),
       st.lists(st.tuples(st.integers(0, 12), st.integers(1, 6)), max_size=6))  # fmt: skip
def test_whatever_attention_says_no_word_is_lost(
    parts: list[tuple[str, bool]], after: str, where: list[tuple[int, int]]
) -> None:
    found = Gathering()
    for text, firm in parts:
        found.add(text, firm=firm)
    found.close()
    document = found.document("a", "docx")
    if not document.text:
        return
    places = []
    for piece, (start, length) in zip(found.pieces, where, strict=False):
        words = document.text[piece.start : piece.end].strip()
        start = min(start, len(after) - 1)
        if words:
            left = piece.start + document.text[piece.start : piece.end].index(words)
            places.append(RunPlace(left, left + len(words), start, min(start + length, len(after))))
    text, changes = apply_edits("translate", document.text, [Edit(0, len(document.text), after, "translation")])
    result = Result(document, text, (Stage("translate", text, changes),), Language("nb", 1.0), (), runs=tuple(places))
    assert "".join("".join(divide(result, found.pieces)).split()) == "".join(after.split())


@pytest.mark.parametrize(
    ("page", "want"),
    [
        ("<p><b>Lederen</b> for organisasjonskomiteen sa at <i>kommunene</i> trenger mot.</p>",
         "<p><b>The Head</b> of the Organisation Commission said that <i>communes</i> need courage.</p>"),
        ("<p>Les <a href=x>rapporten om skogbruk</a> her, og kommunene trenger <b>mot og hjelp</b>.</p>",
         "<p>Read <a href=x>the report on forestry</a> here, and communes need <b>courage and help</b>.</p>"),
    ],
)  # fmt: skip
def test_emphasis_survives_translation(page: str, want: str) -> None:
    document, source = html.read(page.encode(), "a.html", Reading())
    result = Pipeline().run(document)
    if not result.packages:
        pytest.skip("no nb→en package is installed")
    got = render(source, result).decode()
    assert result.runs
    if got != want:  # integer kernels differ between processors
        assert got.count("<") == want.count("<")
    else:
        assert got == want


def test_a_plain_document_has_no_runs() -> None:
    assert Document("a", ()).runs == ()
