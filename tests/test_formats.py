"""Reading and writing plain text and Markdown."""

from __future__ import annotations

import codecs
import os
import re
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalise.data import Document
from normalise.errors import InputError
from normalise.formats import Reading, find_format, markdown, read_document, render, txt
from normalise.formats.source import decode
from normalise.pipeline import Pipeline


def prose(page: Document) -> list[tuple[str, str]]:
    return [(block.kind, page.text[block.start : block.end]) for block in page.blocks]


def kept(page: Document) -> list[str]:
    return [page.text[start:end] for start, end in page.protected]


class TestPlainText:
    def test_lines_that_are_paragraphs(self) -> None:
        page = txt.parse(
            "News of the province\n"
            "The Provincial Party Committee met on Monday to review the first quarter of 2025.\n"
            "It praised 12 cells.\n"
            "More than 300 delegates from all the districts came to the hall for the conference, "
            "among them the secretaries of the district Party committees and many guests.\n"
        )
        assert len(page.blocks) == 4

    def test_wrapped_lines_are_one_paragraph(self) -> None:
        text = (
            "The committee met in the hall of the province on\n"
            "Monday. It heard 12 reports from the districts\n"
            "and praised 61 cells.\n"
            "\n"
            "A second paragraph."
        )
        assert prose(txt.parse(text)) == [
            ("paragraph", text.split("\n\n")[0]),
            ("paragraph", "A second paragraph."),
        ]

    def test_a_sentence_broken_by_a_line_end(self) -> None:
        text = "The resolution on the streamlining of the\napparatus was issued in 2017.\n"
        text += "x" * 200
        assert len(txt.parse(text).blocks) == 2

    @pytest.mark.parametrize("bullet", ["-", "•", "*", "1.", "12)", "(3)", "a)", "–", "+"])
    def test_bullets_are_layout(self, bullet: str) -> None:
        page = txt.parse(f"  {bullet} Build the Party\n  {bullet} Train cadres")
        assert prose(page) == [("list-item", "Build the Party"), ("list-item", "Train cadres")]

    @pytest.mark.parametrize("line", ["1. juli 2025 trådte modellen i kraft.", "No. 5 is next."])
    def test_a_date_is_no_bullet(self, line: str) -> None:
        assert prose(txt.parse(line)) == [("paragraph", line)]

    def test_headings(self) -> None:
        page = txt.parse("STRENGTHENING THE PARTY\nThe committee met.\n\nA short title\n\nEnd.")
        assert [kind for kind, _ in prose(page)] == ["heading", "paragraph", "heading", "paragraph"]

    def test_bars_are_layout(self) -> None:
        assert prose(txt.parse("Delegates at the meeting. |")) == [
            ("paragraph", "Delegates at the meeting.")
        ]

    def test_addresses_are_protected(self) -> None:
        page = txt.parse("See https://a.vn/b?c=(d), www.e.vn. Write to f.g@h.vn!")
        assert kept(page) == ["https://a.vn/b?c=(d)", "www.e.vn", "f.g@h.vn"]


class TestMarkdown:
    def test_structure(self) -> None:
        page = markdown.parse(
            "---\ntitle: kept as it is\ndate: 2025-03-01\n---\n"
            "# One\n\nTwo\n===\n\ntext in\ntwo lines\n\n> quoted\n> on\n\n"
            "1. first\n2. second\n   - nested\n\n```\ncode\n```\n\n    indented code\n\n"
            "| a | b |\n|---|---|\n| c | d |\n\n[ref]: https://a.vn\n\n<div>\nhtml\n</div>\n"
        )
        assert prose(page) == [
            ("heading", "One"),
            ("heading", "Two"),
            ("paragraph", "text in\ntwo lines"),
            ("paragraph", "quoted\n> on"),
            ("list-item", "first"),
            ("list-item", "second"),
            ("list-item", "nested"),
            ("cell", "a"),
            ("cell", "b"),
            ("cell", "c"),
            ("cell", "d"),
        ]
        assert page.date == "2025-03-01"
        assert kept(page) == ["\n> "]

    def test_inline_marks(self) -> None:
        page = markdown.parse(
            "A `code` span, a [link text](https://a.vn/b_(c) \"title\"), an ![alt text](i.png), "
            "a [ref][r], a note[^1], <b>bold</b>, &amp; \\* <!-- note --> and <https://d.vn>."
        )
        assert kept(page) == [
            "`code`", '](https://a.vn/b_(c) "title")', "![", "](i.png)", "][r]", "[^1]",
            "<b>", "</b>", "&amp;", "\\*", "<!-- note -->", "<https://d.vn>",
        ]  # fmt: skip

    def test_emphasis_round_a_block_is_layout(self) -> None:
        assert prose(markdown.parse("**Heading**\n\n*one* and *two*")) == [
            ("paragraph", "Heading"),
            ("paragraph", "*one* and *two*"),
        ]

    def test_an_image_alone_has_only_its_words(self) -> None:
        assert prose(markdown.parse("![](photo.jpg)\n\n![]() |\n")) == []
        assert prose(markdown.parse("![Delegates](photo.jpg)")) == [
            ("paragraph", "![Delegates](photo.jpg)")
        ]

    @pytest.mark.parametrize(
        "sentence",
        ["2025. A year", "7) seven", "# No heading", "- no item", "+ none", "> no quotation",
         "=== no rule", "--- none", "``` no fence", "~~~ none", "3.5 per cent", "-5 degrees"],
    )  # fmt: skip
    def test_a_new_sentence_stays_a_sentence(self, sentence: str) -> None:
        for before in ("", "# ", "- ", "1. ", "> "):
            page = markdown.parse(before + markdown.escape(sentence, "paragraph", at_start=True))
            (block,) = page.blocks
            assert page.text[block.start : block.end].replace("\\", "") == sentence

    def test_a_bar_cannot_split_a_cell(self) -> None:
        page = markdown.parse("| a |\n|---|\n| " + markdown.escape("b|c", "cell", at_start=True))
        assert all(text != "c" for _, text in prose(page))

    def test_equal_cells_are_found_at_their_own_places(self) -> None:
        page = markdown.parse("| x | x |\n|---|---|\n| x | x x |\n")
        assert [(b.start, b.end) for b in page.blocks] == [(2, 3), (6, 7), (22, 23), (26, 29)]

    @pytest.mark.parametrize(
        "text",
        [
            "> " * 300 + "deep",
            "- " * 500 + "deep",
            "[" * 3000,
            "![" * 3000 + "](" * 3000,
            "`" * 5000 + " a",
            "<" * 5000 + "a" * 5000,
            "<!-- " * 2000,
            "*" * 5000 + "a" + "_" * 5000,
            "http://" + ")" * 20000,
            "a@" * 5000,
            "data:" * 5000,
            "x" * 200_000,
            "<script>alert('x')</script>\n\ntext",
        ],
        ids=lambda text: text[:8],
    )
    def test_hostile_markup_ends(self, text: str) -> None:
        page = markdown.parse(text)
        for block in page.blocks:
            assert 0 <= block.start < block.end <= len(text)


@given(st.text(st.sampled_from("ab \n>-*#|`[](!)<>1.\\&;:\t_~=x"), max_size=80))
def test_blocks_lie_in_order_within_the_text(text: str) -> None:
    for parse in (txt.parse, markdown.parse):
        page = parse(text)
        last = 0
        for block in page.blocks:
            assert last <= block.start < block.end <= len(text)
            assert not text[block.start].isspace()
            assert not text[block.end - 1].isspace()
            last = block.end
        assert list(page.protected) == sorted(page.protected)


def _split_tone(letter: str) -> str:
    """A Vietnamese letter as Windows-1258 has it: its tone mark after it."""
    parts = unicodedata.normalize("NFD", letter)
    tone = re.sub("[^\u0300\u0301\u0303\u0309\u0323]", "", parts)
    return unicodedata.normalize("NFC", re.sub(f"[{tone}]", "", parts) if tone else parts) + tone


class TestFiles:
    @pytest.mark.parametrize(
        "raw",
        [
            "Chi bộ\nhai".encode(),
            codecs.BOM_UTF8 + b"one\r\ntwo\r\n",
            codecs.BOM_UTF16_LE + "Chi bộ\r\n".encode("utf-16-le"),
            codecs.BOM_UTF16_BE + "Chi bộ\n".encode("utf-16-be"),
            b"one\rtwo\r",
            b"one\r\ntwo\nthree\rfour\r\n\n\r\r\n",
            b"",
            b" \n\t\n",
            codecs.BOM_UTF8,
        ],
    )
    def test_a_file_comes_out_as_it_went_in(self, raw: bytes) -> None:
        source = decode(raw)
        assert "\r" not in source.text
        assert source.encode(source.text) == raw

    def test_an_encoding_that_lacks_a_letter_gives_way_to_utf8(self) -> None:
        source = decode(b"caf\xe9", encoding="latin-1")
        assert source.encode("café") == b"caf\xe9"
        assert source.encode("chi bộ") == "chi bộ".encode()

    def test_mixed_line_ends_stay_where_they_were(self, pipeline: Pipeline) -> None:
        raw = b"A party cell\r\n\nAnd  a party cell of the ward\r\rDone.\n\nSo.\n"
        source = decode(raw)
        result = pipeline.run(txt.parse(source.text))
        assert render(source, result) == (
            b"A Party cell\r\n\nAnd a Party cell of the ward\r\rDone.\n\nSo.\n"
        )

    def test_windows_1258_is_named_read_and_written(self, pipeline: Pipeline) -> None:
        text = "Chi bộ phường họp, kết nạp đảng viên mới ở Huế."
        raw = b"".join(_split_tone(letter).encode("cp1258") for letter in text)
        with pytest.raises(InputError, match=r"looks like cp1258.*--encoding cp1258"):
            decode(raw[:18])  # too little to be sure of
        assert decode(raw).encoding == "cp1258"
        source = decode(raw, encoding="cp1258")
        result = pipeline.run(txt.parse(source.text))
        assert result.text == text
        assert source.encoding_for(result.text) == "cp1258"
        output = render(source, result)
        again = decode(output, encoding="cp1258")
        result = pipeline.run(txt.parse(again.text))
        assert render(again, result) == output == raw

    def test_what_is_utf8_is_read_as_such(self) -> None:
        assert decode("Chi bộ".encode(), encoding="cp1258").text == "Chi bộ"
        assert decode(b"plain", encoding="cp1258").encoding == "cp1258"
        assert decode("Chi bộ".encode("utf-16-le"), encoding="utf-16-le").text == "Chi bộ"

    @pytest.mark.parametrize(
        ("raw", "problem", "remedy"),
        [
            (b"PK\x03\x04\0\0", "binary", "UTF-8"),
            (b"caf\xe9 au lait", "latin-1", "--encoding latin-1"),
            (b"\x93four good\x94", "cp1252", "--encoding cp1252"),
        ],
    )
    def test_what_cannot_be_read_says_how_to_mend_it(
        self, raw: bytes, problem: str, remedy: str
    ) -> None:
        with pytest.raises(InputError) as caught:
            decode(raw, name="a.txt")
        assert problem in caught.value.problem
        assert remedy in caught.value.remedy
        assert caught.value.where == "a.txt"

    def test_an_unknown_encoding(self) -> None:
        with pytest.raises(InputError, match="no encoding called klingon"):
            decode(b"abc", encoding="klingon")

    def test_too_large(self, tmp_path: Path) -> None:
        path = tmp_path / "a.txt"
        path.write_bytes(b"a" * 2000)
        with pytest.raises(InputError, match="--max-size"):
            read_document(path, reading=Reading(max_size=1000))

    def test_a_folder_or_pipe_called_txt(self, tmp_path: Path) -> None:
        (tmp_path / "a.txt").mkdir()
        with pytest.raises(InputError):
            read_document(tmp_path / "a.txt")
        if hasattr(os, "mkfifo"):
            os.mkfifo(tmp_path / "b.txt")
            with pytest.raises(InputError, match="not a regular file"):
                read_document(tmp_path / "b.txt")

    def test_formats_go_by_the_ending(self) -> None:
        assert find_format(Path("A.MD")) is markdown
        assert find_format(Path("a.docm")) is None
