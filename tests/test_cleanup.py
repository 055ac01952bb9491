"""Clean-up: what it mends, what it leaves alone, and that it is recorded exactly."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalise.data import Block, Document
from normalise.edits import replay
from normalise.formats import markdown, txt
from normalise.stages.advance import advance
from normalise.stages.cleanup import clean, prose_spans, punctuate

NFD = unicodedata.normalize("NFD", "Tỉnh ủy Tuyên Quang")

CLEANED = [
    (NFD, "Tỉnh ủy Tuyên Quang"),
    ("Party\u00a0cell", "Party cell"),
    ("Party \u200b cell", "Party cell"),
    ("organ\u00adisation", "organisation"),
    ("one  two   three", "one two three"),
    ("one\u2028two", "one two"),
    ("bell\x07rings", "bellrings"),
    ("left\u202eright", "leftright"),
    ("e\u200b\u0301", "é"),
]

KEPT_CLEAN = [
    "two  \nlines",  # a Markdown line break
    "col\tcol",
    "نص\u200cعربي",  # a joiner that shapes the word
    "نص عربي\u200f (1)",  # a direction mark in a right-to-left text
    "👩\u200d🌾 farmers",
    "Chi bộ “bốn tốt” – năm 2025",
]

PUNCTUATED = [
    ("“4 good” cells", '"4 good" cells'),
    ("the Party’s ‘model’ cells", "the Party's 'model' cells"),
    ("« model » cells", '"model" cells'),
    ("socio -economic and socio- political work", "socio-economic and socio-political work"),
    ("term 2020–2025", "term 2020-2025"),
    ("the cell—the smallest unit—met", "the cell - the smallest unit - met"),
    ("the cell — the smallest unit – met", "the cell - the smallest unit - met"),
    ("members , cadres ; officials .", "members, cadres; officials."),
    ("the cell ( 61 members ) met", "the cell (61 members) met"),
    ("and so on…", "and so on..."),
    ("members，cadres：６１", "members,cadres:61"),
    ("members ，cadres ， officials", "members ,cadres, officials"),
    ("(—)", "(-)"),
]

KEPT_PUNCTUATION = [
    "No. 58-NQ / TW",  # a document number is the citation parser's
    "Resolution 19- NQ/TW",
    "the pre- and post-congress work",
    "a .NET server and version .5",
    "— a line that would become a list item",
    "３. would become a list",
]


@pytest.mark.parametrize(("before", "after"), CLEANED)
def test_characters_are_mended(before: str, after: str) -> None:
    stage = clean(txt.parse(before))
    assert stage.text == after
    assert replay(before, stage.changes) == after


@pytest.mark.parametrize("text", KEPT_CLEAN)
def test_what_means_something_stays(text: str) -> None:
    assert clean(txt.parse(text)).changes == ()


@pytest.mark.parametrize(("before", "after"), PUNCTUATED)
def test_punctuation_takes_one_form(before: str, after: str) -> None:
    page = txt.parse(before)
    assert punctuate(page, page.blocks).text == after


@pytest.mark.parametrize("text", KEPT_PUNCTUATION)
def test_punctuation_is_left_alone(text: str) -> None:
    page = Document(text, (Block(0, len(text)),))
    assert punctuate(page, page.blocks).changes == ()


def test_blocks_not_asked_for_keep_their_punctuation() -> None:
    page = txt.parse("“one”\n\n“two”")
    assert punctuate(page, page.blocks[1:]).text == '“one”\n\n"two"'


def test_addresses_and_code_stay() -> None:
    text = "see https://a.vn/x–y  and `a  “b”`  now"
    page = markdown.parse(text)
    assert clean(page).text == "see https://a.vn/x–y and `a  “b”` now"
    assert punctuate(page, page.blocks).changes == ()


def test_markdown_layout_is_untouched() -> None:
    text = "# One  title\n\n- item  one\n  - item two\n\n| a  | b   |\n|----|-----|\n| c  | d   |\n"
    after = "# One title\n\n- item one\n  - item two\n\n| a  | b   |\n|----|-----|\n| c  | d   |\n"
    assert clean(markdown.parse(text)).text == after


def test_spans_leave_out_what_is_protected() -> None:
    blocks = [Block(0, 10), Block(12, 20)]
    assert list(prose_spans(blocks, [(2, 4), (8, 14)])) == [(0, 2), (4, 8), (14, 20)]


ODD = st.text(
    st.sampled_from("aA1é .,:;!?()-\"'“”‘’«»—–…，：３\u00a0\u200b\u202e\u0301\u0323\n\t|#*`"),
    max_size=40,
)


@given(ODD)
def test_a_second_cleaning_finds_nothing(text: str) -> None:
    page = txt.parse(text)
    first = clean(page)
    assert replay(text, first.changes) == first.text
    again = clean(advance(page, first))
    assert again.changes == ()


@given(ODD)
def test_a_second_punctuating_finds_nothing(text: str) -> None:
    page = txt.parse(text)
    page = advance(page, clean(page))
    first = punctuate(page, page.blocks)
    assert replay(page.text, first.changes) == first.text
    page = advance(page, first)
    assert punctuate(page, page.blocks).changes == ()


@given(st.text(max_size=60))
def test_any_text_comes_out_in_nfc(text: str) -> None:
    page = Document(text, (Block(0, len(text)),))
    stage = clean(page)
    assert replay(text, stage.changes) == stage.text
    assert all(unicodedata.is_normalized("NFC", word) for word in stage.text.split())
    for change in stage.changes:
        assert text[change.start : change.end] == change.before
        assert stage.text[change.out_start : change.out_end] == change.after
