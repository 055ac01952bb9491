"""Texts that stand in pieces: gathering them, and dividing the converted text among them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalise.data import Document, Language, Result, Stage, TermOutcome
from normalise.edits import Edit, apply_edits, drop_overlaps
from normalise.formats.dividing import divide
from normalise.formats.pieces import Gathering, Piece


def convert(
    parts: list[str],
    *edits: list[Edit],
    firm: tuple[int, ...] = (),
    terms: tuple[TermOutcome, ...] = (),
) -> list[str]:
    """The texts of one block's pieces after stages with these edits; "|…" is a gap."""
    found = Gathering()
    for index, part in enumerate(parts):
        if part.startswith("|"):
            found.gap(part[1:])
        else:
            found.add(part, firm=index in firm)
    found.close()
    document = found.document("a", "docx")
    text, stages = document.text, []
    for number, list_of_edits in enumerate(edits):
        name = "translate" if number == 0 else "standardise"
        text, changes = apply_edits(name, text, list_of_edits)  # type: ignore[arg-type]
        stages.append(Stage(name, text, changes))  # type: ignore[arg-type]
    result = Result(document, text, tuple(stages), Language("nb", 1.0), (), terms=terms)
    return divide(result, found.pieces)


def test_blocks_and_protected_pieces_are_found() -> None:
    found = Gathering()
    found.add(" Møtet i ")
    found.add("x = 1", protected=True)
    found.close("heading")
    found.add("***")
    found.close()
    found.add("se tinhuy.vn")
    found.close()
    document = found.document("a", "docx", date="2025-01-02")
    assert document.text == " Møtet i x = 1\n\n***\n\nse tinhuy.vn"
    assert [document.text[b.start : b.end] for b in document.blocks] == ["Møtet i x = 1", "se tinhuy.vn"]
    assert [document.text[a:b] for a, b in document.protected] == ["x = 1", "tinhuy.vn"]
    assert document.date == "2025-01-02"


def test_an_edit_inside_a_piece_stays_there() -> None:
    assert convert(["The ", "party cell", " met"], [Edit(4, 9, "Party", "variant")]) == [
        "The ", "Party cell", " met",
    ]  # fmt: skip


def test_as_many_words_are_divided_word_by_word() -> None:
    edit = Edit(0, 17, "Party member’s Cell", "case")
    assert convert(["party", " memb", "er cell"], [], [edit]) == ["Party", " member’s", " Cell"]


def test_the_longest_piece_takes_what_is_uncertain() -> None:
    source = ["Cellen ", "vedtok", " planen i går."]
    edit = Edit(0, 27, "Yesterday the cell adopted the plan.", "translation")
    assert convert(source, [edit]) == ["", "", "Yesterday the cell adopted the plan."]


def test_names_figures_and_terms_stay_in_their_piece() -> None:
    source = ["Cellen i ", "Lào Cai", " har ", "15", " medlemmer i ", "provinspartiet", "."]
    text = "".join(source)
    place = text.index("provinspartiet")
    term = TermOutcome("provincial-party-committee", place, place + 14, "Provincial Party Committee", "decoded")
    after = "The cell in Lào Cai has 15 members of the Provincial Party Committee."
    assert convert(source, [Edit(0, len(text), after, "translation")], terms=(term,)) == [
        "The cell in ", "Lào Cai", " has ", "15", " members of the ", "Provincial Party Committee", ".",
    ]  # fmt: skip


def test_firm_pieces_keep_words() -> None:
    text = "Les rapporten om skogbruk her."
    parts = convert(
        ["Les ", "rapporten om skogbruk", " her."],
        [Edit(0, len(text), "Read the report on forestry here.", "translation")],
        firm=(1,),
    )
    assert "".join(parts) == "Read the report on forestry here."
    assert "report on forestry" in parts[1]


def test_a_line_break_is_no_one_s() -> None:
    text = "Møtet i går\nble en suksess"
    parts = convert(
        ["Møtet i går", "|\n", "ble en suksess"],
        [Edit(0, len(text), "Yesterday’s meeting was a success", "translation")],
        firm=(0, 2),
    )
    assert [part.strip() for part in parts] == ["Yesterday’s", "meeting was a success"]


def test_what_is_added_at_the_end_belongs_to_the_last_piece() -> None:
    assert convert(["The cell", "|\n", "met"], [Edit(12, 12, ".", "broken space")]) == ["The cell", "met."]


def test_stages_follow_each_other() -> None:
    text = "Cellen i Hanoi møttes"
    first = [Edit(0, len(text), "The party cell in Hanoi met", "translation")]
    second = [Edit(4, 14, "Party cell", "variant")]
    assert convert(["Cellen i ", "Hanoi", " møttes"], first, second) == [
        "The Party cell in ", "Hanoi", " met",
    ]  # fmt: skip


WORDS = st.lists(st.sampled_from(["a", "Bé", "c1", "the", " ", ". ", "cell"]), min_size=1, max_size=12)


@given(
    st.lists(st.tuples(WORDS.map("".join), st.booleans()), min_size=1, max_size=6),
    st.lists(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 20), WORDS.map("".join)), max_size=4), max_size=3),
)
def test_no_word_is_lost_or_doubled(
    parts: list[tuple[str, bool]], rounds: list[list[tuple[int, int, str]]]
) -> None:
    found = Gathering()
    for text, firm in parts:
        found.add(text, firm=firm)
    found.close()
    document = found.document("a", "docx")
    text, stages = document.text, []
    for edits in rounds:
        wanted = [
            Edit(min(a, len(text)), min(a + n, len(text)), new, "translation" if n > 9 else "variant")
            for a, n, new in edits
        ]
        text, changes = apply_edits("clean", text, drop_overlaps(wanted))
        stages.append(Stage("clean", text, changes))
    result = Result(document, text, tuple(stages), Language("en", 1.0), ())
    divided = divide(result, [Piece(p.start, min(p.end, len(document.text)), p.firm) for p in found.pieces])
    assert len(divided) == len(parts)
    assert "".join(divided).split() == text.split() or "".join("".join(divided).split()) == "".join(text.split())


def test_no_pieces_is_fine() -> None:
    result = Result(Document("", ()), "", (), Language("und", 0.0), ())
    assert divide(result, []) == []


@pytest.mark.parametrize("count", [20_000])
def test_many_pieces(count: int) -> None:
    found = Gathering()
    for number in range(count):
        found.add(f"cell {number}")
        found.close("cell")
    document = found.document("a", "csv")
    result = Result(document, document.text, (), Language("en", 1.0), ())
    assert divide(result, found.pieces) == [f"cell {number}" for number in range(count)]


def test_the_mark_at_the_end_stays_behind_the_link() -> None:
    text = "Les rapporten."
    edit = Edit(0, len(text), "Read the report.", "translation")
    assert convert(["Les ", "rapporten", "."], [edit], firm=(1,))[1:] == ["the report", "."]


def test_an_address_stays_in_its_link() -> None:
    text = "Den finnes på a.example.org/x nå."
    edit = Edit(0, len(text), "It is at a.example.org/x now.", "translation")
    parts = convert(["Den finnes på ", "a.example.org/x", " nå."], [edit], firm=(1,))
    assert parts == ["It is at ", "a.example.org/x", " now."]
