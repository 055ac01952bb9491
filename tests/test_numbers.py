"""Ordinals and terms of office: many spellings in, one out, and nothing else taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalise.language.numbers import parse_ordinal, parse_years


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("XIV", "14th"), ("I", "1st"), ("III", "3rd"), ("XXII", "22nd"), ("XL", "40th"),
        ("fourteenth", "14th"), ("Fourteenth", "14th"), ("FIRST", "1st"), ("twelfth", "12th"),
        ("twenty-first", "21st"), ("Twenty First", "21st"), ("twentieth", "20th"),
        ("14th", "14th"), ("3th", "3rd"), ("1th", "1st"), ("22th", "22nd"), ("11st", "11th"),
        ("113rd", "113th"), ("14 th", "14th"), ("14TH", "14th"),
    ],
)  # fmt: skip
def test_ordinals_are_written_in_figures(text: str, expected: str) -> None:
    assert parse_ordinal(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "14", "0th", "1400th", "IIII", "VX", "IC", "xiv", "MIX", "CD", "fourteen", "th", "XIVth!",
     "twenty-eleventh", " XIV", "٣th", "x" * 10_000],
)  # fmt: skip
def test_what_is_no_ordinal_stays_none(text: str) -> None:
    assert parse_ordinal(text) is None


@pytest.mark.parametrize(
    "text",
    ["2020-2025", "2020 - 2025", "2020–2025", "2020 — 2025", "2020\u00a0–\u00a02025",
     "2020 -\n2025", "2020\u20112025"],
)  # fmt: skip
def test_years_are_written_with_a_hyphen(text: str) -> None:
    assert parse_years(text) == "2020-2025"


@pytest.mark.parametrize(
    "text",
    ["2020", "2025-2020", "2020-2020", "1920-1080", "1990-2020", "2020/2025", "20-25", "2020-25",
     "2020 - \n\n2025", "", "12020-2025"],
)  # fmt: skip
def test_what_is_no_term_stays_none(text: str) -> None:
    assert parse_years(text) is None


@given(st.integers(1, 89), st.data())
def test_every_numeral_below_ninety_reads_back(value: int, data: st.DataObject) -> None:
    tens = ("", "X", "XX", "XXX", "XL", "L", "LX", "LXX", "LXXX")[value // 10]
    units = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")[value % 10]
    written = parse_ordinal(tens + units)
    assert written is not None
    assert written.rstrip("sthndr") == str(value)
    assert parse_ordinal(written) == written


@given(st.text(max_size=40))
def test_any_text_is_answered_and_answers_are_fixed_points(text: str) -> None:
    for parse in (parse_ordinal, parse_years):
        written = parse(text)
        assert written is None or parse(written) == written
