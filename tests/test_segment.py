"""Sentences and clauses: tables of cases by language, and what must hold for any text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normalise.segment import split, split_clauses

# One string a case; "‖" marks the boundaries a reader would set.
CASES = {
    "nb": [
        "Møtet begynner kl. 9.30 den 1. juli 2025.‖ Alle kan komme.",
        "Noen, f.eks. lederen, bl.a. fra Nà Hang, talte.‖ De andre lyttet.",
        "Resolusjon nr. 04-NQ/TU ble vedtatt.‖ Den gjelder fra 1. januar.",
        "Den 14. nasjonale partikongressen er i Hanoi.‖ Det blir i 2026.",
        "Det skjedde i 2025.‖ Etterpå kom endringene.",
        "J. R. Hansen og fru A. Lie kom kl. 12.‖ Han gikk igjen.",
        "Det ble vedtatt osv.‖ Han sa ja.",
        "«Nei!» sa han.‖ «Vi går nå.»‖ Så gikk de.",
        "Han nølte …‖ Så kom svaret.",
        "Han nølte … og gikk.",
        "Følgende kamerater deltok på møtet:‖ Tran Thi Hoa og Le Van Minh.",
        "Kilde: Thanh Ha",
        "Ca. 40 % av cellene, jf. pkt. 3, er gode.‖ Resten ligger etter.",
        "Ordningen gjelder i henhold til § 4.‖ Den er ny.",
        "Er det slik?‖ Ja!‖ Vi tror det.",
        "Boken «Guitar Heroes: En historie» er ny.",
    ],
    "en": [
        "Mr. Tran met Dr. A. B. Smith.‖ They agreed.",
        "Resolution No. 04-NQ/TU was issued at 5 p.m. on Monday.‖ It is in force.",
        "He said no.‖ Then he left.",
        "The U.S. Army came.‖ The town was quiet.",
        "See Fig. 3 and Vol. II.‖ Both are new.",
        'She said: "We agree.‖ It is done."‖ He left.',
        "Cells, committees, etc. were praised.‖ Nobody spoke.",
        "He was born in 1805. [17]‖ His mother died.",
        "It grew by 3.5 per cent.‖ Exports fell.",
        "Read vietnam.example.org now.‖ It is short.",
        "Why?‖ Because!‖ So...‖ It ends.",
        "(He agreed.)‖ She did not.",
        "Sept. 2 is a holiday.‖ No. 5 is missing.",
    ],
    "da": [
        "Mødet begynder kl. 9 den 1. juli.‖ Alle, f.eks. du, kan komme.",
        "Det kostede ca. 5 mio. kr. i 2025.‖ Det var dyrt.",
    ],
    "de": [
        "Am 3. Oktober 2025 kam Dr. Meier, z.B. mit dem Zug.‖ Er blieb.",
        "Das gilt u.a. für Nr. 5.‖ Die anderen warten.",
    ],
    "vi": ["PGS.TS. Lê Văn A ở TP. Huế phát biểu.‖ Nghị quyết số 04-NQ/TU nêu rõ."],
    "ru": ["Он родился в 1950 г. в Москве.‖ Это т.н. новый город."],
    "fr": ["M. Dupont arrive p.ex. à 9 h.‖ Il part."],
    "zh": ["他说：“我们走吧。”‖然后大家都走了。‖结束了吗？‖是的！"],
    "ja": ["「行きましょう。」と彼は言った。‖会議は開かれた。"],
    "ar": ["هل انتهى الاجتماع؟‖ نعم، انتهى.‖ شكرا لكم."],
    "ur": ["اجلاس ختم ہوا۔‖ سب چلے گئے۔"],
    "hi": ["बैठक समाप्त हुई।‖ सब लोग चले गए।"],
    "th": ["การประชุมสิ้นสุดลงแล้ว ทุกคนกลับบ้าน"],
    "el": ["Τι ώρα είναι;‖ Δεν ξέρω.‖ Πάμε."],
    "ko": ["회의가 끝났다.‖ 모두 집에 갔다."],
    "xx": ["Unknown language here.‖ It still works."],
}


@pytest.mark.parametrize(
    ("language", "case"), [(code, case) for code, cases in CASES.items() for case in cases]
)
def test_sentences(language: str, case: str) -> None:
    wanted = [piece.strip() for piece in case.split("‖")]
    assert [segment.text for segment in split(case.replace("‖", ""), language)] == wanted


LAYOUT = """\
# Heading without a stop

- First item; with a semicolon
- Second item
  goes on here.
  * nested

1. One thing.
2. Another. And more.
a) Letters too

![](picture.jpg) |
A caption. |
| one cell | another cell |
|---|---|
> A quoted line.

This line is wrapped by its writer at a certain width, so it
goes on here. And it ends
Short line
Another Title
2025
"""


def test_layout_stays_outside_and_lines_stay_apart() -> None:
    assert [segment.text for segment in split(LAYOUT, "en")] == [
        "Heading without a stop",
        "First item; with a semicolon",
        "Second item\n  goes on here.",
        "nested",
        "One thing.",
        "Another.",
        "And more.",
        "Letters too",
        "A caption.",
        "one cell",
        "another cell",
        "A quoted line.",
        "This line is wrapped by its writer at a certain width, so it\ngoes on here.",
        "And it ends",
        "Short line",
        "Another Title",
        "2025",
    ]


def test_a_date_that_opens_a_line_is_no_list_item() -> None:
    assert [s.text for s in split("1. juli kom de.\n1. Første punkt", "nb")] == [
        "1. juli kom de.",
        "Første punkt",
    ]


@pytest.mark.parametrize(
    ("text", "limit", "wanted"),
    [
        ("Short.", 20, ["Short."]),
        ("One is long; two is longer; the end", 20, ["One is long;", "two is longer;", "the end"]),
        ("We met, and we talked at length", 20, ["We met,", "and we talked at", "length"]),
        ("The rate (low, as they say) fell", 28, ["The rate (low, as they say)", "fell"]),
        ("He paid 12,500 and 13 000 for it", 17, ["He paid 12,500", "and 13 000 for it"]),
        ("De kom hit – sent og trøtte – til", 20, ["De kom hit", "– sent og trøtte", "– til"]),
        ("会议结束了，大家回家，没有人", 7, ["会议结束了，", "大家回家，", "没有人"]),
        ("xxxxxxxxxxxx", 5, ["xxxxx", "xxxxx", "xx"]),
    ],
)  # fmt: skip
def test_clauses(text: str, limit: int, wanted: list[str]) -> None:
    assert [segment.text for segment in split_clauses(text, limit)] == wanted


def test_clauses_keep_a_document_number_together() -> None:
    text = "It follows Resolution No. 04 - NQ/TU of the committee in every commune"
    pieces = [segment.text for segment in split_clauses(text, 34)]
    assert any("04 - NQ/TU" in piece for piece in pieces)


def test_a_limit_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        split_clauses("text", 0)


LANGUAGES = st.sampled_from(["nb", "en", "da", "zh", "ja", "th", "ar", "el", "vi", "xx", ""])
PROSE = st.lists(
    st.sampled_from(
        ["kl.", "Hun", "gikk", "1.", "juli", "f.eks.", "No.", "04-NQ/TU", "«Ja!»", "osv.", "…", "|",
         "- ", "\n", "\n\n", "# ", "![](x)", "a)", "U.S.", "Dr.", "。", "第", "」", "؟", ";", ":",
         "?", "  ", "\u00a0", "(", ")", "[3]", "12,5", "–", "\r\n", '"', "e\u0301", "\u200d"]
    ).map(lambda piece: piece + " ")
    | st.text(max_size=6),
    max_size=40,
).map("".join)  # fmt: skip
MARKS = re.compile(r"!\[\]\([^()]*\)|[\s>#*+\-–—•·▪◦‣○●■□✓➢★|()._=~:\x1c-\x1f]|[\da-zđivx]")


@settings(max_examples=300)
@given(PROSE, LANGUAGES)
def test_offsets_slice_and_nothing_but_layout_is_left_out(text: str, language: str) -> None:
    segments = split(text, language)
    cursor = 0
    for segment in segments:
        assert cursor <= segment.start < segment.end
        assert text[segment.start : segment.end] == segment.text
        assert segment.text == segment.text.strip(" \t\n\r\u00a0\u3000")
        assert MARKS.sub("", text[cursor : segment.start]) == ""
        cursor = segment.end
    assert MARKS.sub("", text[cursor:]) == ""
    assert segments == split(text, language)


@settings(max_examples=300)
@given(PROSE, st.integers(1, 60))
def test_clauses_lose_only_white_space(text: str, limit: int) -> None:
    segments = split_clauses(text, limit)
    cursor = 0
    for segment in segments:
        assert text[cursor : segment.start].strip() == ""
        assert text[segment.start : segment.end] == segment.text
        assert 0 < len(segment.text) <= limit
        cursor = segment.end
    assert text[cursor:].strip() == ""


@pytest.mark.parametrize(
    "text", ['"' * 50_000, "." * 50_000, ". " * 50_000, " " * 50_000 + "x", "a |" * 20_000,
             "1." * 30_000, "![](" * 20_000, "([{«" * 20_000, "x" * 50_000]
)  # fmt: skip
def test_hostile_text_is_read_to_its_end(text: str) -> None:
    # Were the time not linear, this would run for minutes.
    parts = [part for found in split(text, "nb") for part in split_clauses(found.text, 500)]
    # Bars between cells are layout.
    whole = "".join(part.text for part in parts)
    assert re.sub(r"[\s|]", "", whole) == re.sub(r"[\s|]", "", text)
