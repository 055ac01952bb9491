from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalise.language.vietnamese import find_names, restore_names
from normalise.segment import continue_sentence
from normalise.translate.capitals import is_capitals, lower_capitals
from normalise.translate.masking import find_slots, mask
from normalise.translate.prepare import (
    cut_long,
    finish_marks,
    prepare,
    split_layout,
)
from normalise.translate.terms import Demand


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Se https://example.vn/a_b?c=1.", ["https://example.vn/a_b?c=1"]),
        ("(https://example.vn/a_(b))", ["https://example.vn/a_(b)"]),
        ("Skriv til post.mottak@tinh-uy.gov.vn i dag", ["post.mottak@tinh-uy.gov.vn"]),
        ("![Foto](bilder/1.jpg) Møtet", ["![Foto](bilder/1.jpg)"]),
        ("Les [vedtaket](https://a.vn/x) nå", ["(https://a.vn/x)"]),
        ("Kjør `normalise text` først", ["`normalise text`"]),
        ("``a`b`` og mer", ["``a`b``"]),
        ("Vedtak nr. 04-NQ/TU og 204-QĐ/TW", ["04-NQ/TU", "204-QĐ/TW"]),
        ("Direktiv 01/CT-TW, 58-NQ / TW", ["01/CT-TW", "58-NQ / TW"]),
        ("Dekret 12/2024/NĐ-CP", ["12/2024/NĐ-CP"]),
        ("www.tinhuy.vn/side,", ["www.tinhuy.vn/side"]),
        ("Perioden 2020-2025 og 5/2024", []),
        ("3-5 medlemmer og/eller 4 gode", []),
    ],
)
def test_slots_are_found(text: str, expected: list[str]) -> None:
    assert [slot.text for slot in find_slots(text)] == expected


def test_kinds_of_slots() -> None:
    text = "`kode` ![x](y) [z](w) https://a.vn a@b.vn 04-NQ/TU"
    kinds = [slot.kind for slot in find_slots(text)]
    assert kinds == ["code", "image", "link", "address", "address", "number"]


def test_slots_come_back_in_any_order() -> None:
    text = "Se https://a.vn og `kode`."
    masked = mask(text, find_slots(text))
    first, second = (token for token, _ in masked.slots)
    assert masked.restore(f"{second} before {first}") == "`kode` before https://a.vn"


@pytest.mark.parametrize("output", ["See {0}.", "See {0} and {1} and {1}.", "See x{0} and {1}."])
def test_lost_or_doubled_slots_are_noticed(output: str) -> None:
    text = "Se https://a.vn og `kode`."
    masked = mask(text, find_slots(text))
    assert masked.restore(output.format(*(token for token, _ in masked.slots))) is None


def test_stand_ins_never_meet_a_paragraph_of_the_sentence() -> None:
    text = "Etter §1 og § 2 i https://a.vn og https://b.vn."
    masked = mask(text, find_slots(text))
    assert [token for token, _ in masked.slots] == ["§3", "§4"]
    assert masked.restore(masked.text) == text
    assert masked.restore(masked.text.replace("§3", "§ 3")) == text


def test_document_numbers_stand_for_themselves_unless_doubled() -> None:
    text = "04-NQ/TU, 35-CT/TW og 35-CT/TW"
    masked = mask(text, find_slots(text))
    assert masked.text == "04-NQ/TU, §1 og §2"
    assert masked.restore("§2 and §1, 04-NQ/TU") == "35-CT/TW and 35-CT/TW, 04-NQ/TU"


def test_capitals_stop_at_slots() -> None:
    text = "se https://a.vn og 24-QDi/TW"
    masked = mask(text, find_slots(text))
    assert masked.restore("see §1 and 24-QDi/TW", str.upper) == "SEE https://a.vn AND 24-QDi/TW"


@given(
    st.lists(
        st.sampled_from(
            ["møtet ", "§1 ", "https://a.vn/1 ", "`x y` ", "04-NQ/TU ", "a@b.vn ", "![](u) ", "("]
        ),
        max_size=12,
    )
)
def test_masking_is_undone_exactly(parts: list[str]) -> None:
    text = "".join(parts)
    masked = mask(text, find_slots(text))
    assert masked.restore(masked.text) == text
    assert "".join(part for part, _ in masked.between()) == masked.text


@pytest.mark.parametrize(
    "text",
    ["  Møtet ", "- a) Møtet", "• Møtet |", "", "   ", "* * *", "| ", "1) Møtet", "## Møtet"],
)
def test_layout_adds_up(text: str) -> None:
    assert "".join(split_layout(text)) == text
    assert split_layout(text)[1] in ("Møtet", "", "* * *"[-1:])


@pytest.mark.parametrize(
    ("text", "core"),
    [
        ("14. juli ble", "14. juli ble"),
        ("a) b) Styrke", "Styrke"),
        ("(1) Styrke", "Styrke"),
        ("-5 grader", "-5 grader"),
        ("#hashtag", "#hashtag"),
    ],
)
def test_only_layout_is_set_aside(text: str, core: str) -> None:
    assert split_layout(text)[1] == core


def test_long_sentences_are_cut_at_the_strongest_mark() -> None:
    text = "a b c d, e f g h; i j k l, m n o p"
    parts = [text[a:b] for a, b in cut_long(text, lambda t: len(t.split()), 8)]
    assert parts == ["a b c d, e f g h;", "i j k l, m n o p"]


@given(st.text(alphabet="ab ,;:.-\n", max_size=200), st.integers(3, 20))
def test_cutting_loses_nothing(text: str, limit: int) -> None:
    parts = cut_long(text, len, limit)
    kept = "".join(text[a:b] for a, b in parts)
    assert "".join(kept.split()) == "".join(text.split())
    assert all(b - a <= limit for a, b in parts)
    assert all(x[1] <= y[0] for x, y in itertools.pairwise(parts))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Kamerat Tran Quang Minh talte.", ["Tran Quang Minh"]),
        ("Provinspartisekretær Hau A Lenh ledet møtet.", ["Hau A Lenh"]),
        ("i Ha Giang- provinsen", ["Ha Giang"]),
        ("Nguyễn Phú Trọng og Đặng Hữu", ["Nguyễn Phú Trọng", "Đặng Hữu"]),
        ("Den stående komiteen. Det Hvite Hus", []),
        ("NHAN DAN skriver", []),
        ("Han Kan", []),
    ],
)
def test_names(text: str, names: list[str]) -> None:
    assert [text[a:b] for a, b in find_names(text)] == names


def test_names_get_their_marks_back() -> None:
    assert restore_names("Nguyen Phu Trong spoke", ["Nguyễn Phú Trọng"]).startswith("Nguyễn Phú")
    assert restore_names("a le loi b", ["Lê Lợi"]) == "a le loi b"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("DEN XIV PARTIKONGRESSEN I VIETNAM", "Den XIV partikongressen i Vietnam"),
        ("LE THI KIM DUNG TALTE TIL FN", "Le Thi Kim Dung talte til FN"),
        ("VI STYRKER PARTIET I HA GIANG", "Vi styrker partiet i Ha Giang"),
    ],
)
def test_capitals_are_lowered_and_names_kept(text: str, expected: str) -> None:
    assert is_capitals(text)
    assert lower_capitals(text, {"ha giang"}) == expected
    assert len(lower_capitals(text)) == len(text)


@pytest.mark.parametrize("text", ["UBND", "FN og EU", "Møtet", "12/2024", "EU FN"])
def test_what_is_no_line_of_capitals(text: str) -> None:
    assert not is_capitals(text)


def test_demands_keep_their_place_behind_a_slot() -> None:
    text = "https://eksempel.vn/lang/adresse: partikomiteen møttes"
    start = text.index("parti")
    demand = Demand(start, start + 13, "t", ("Party committee",), "Party committee")
    prepared = prepare(text, "nb", [demand])
    moved = prepared.demands[0]
    assert prepared.text[moved.start : moved.end] == "partikomiteen"


@pytest.mark.parametrize(
    ("source", "output", "expected"),
    [
        ("Overskrift", "A headline.", "A headline"),
        ("Setning.", "A sentence", "A sentence."),
        ("Deltakere:", "Participants.", "Participants:"),
        ("og så ...", "and so ...", "and so ..."),
        ("Hva?", "What?", "What?"),
        ("ja;", "yes", "yes;"),
    ],
)
def test_closing_marks_follow_the_source(source: str, output: str, expected: str) -> None:
    assert finish_marks(source, output) == expected


def test_parts_go_on_in_small_letters_but_names_do_not() -> None:
    assert continue_sentence("som styrket", "Which strengthened") == "which strengthened"
    assert continue_sentence("vietnamesisk", "Vietnamese") == "Vietnamese"
    assert continue_sentence("Som", "Which") == "Which"
