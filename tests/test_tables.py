"""Tables of separated values and JSON lines."""

from __future__ import annotations

import json
import random
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalise.errors import InputError
from normalise.formats import Reading, read_document, render
from normalise.formats.spans import SpanSource
from normalise.formats.tables import members, separated
from normalise.pipeline import Pipeline

TABLE = (
    "id,title,date,link,body,status\r\n"
    '1,Party cells meet,2025-01-02,https://a.vn/x,"The party cell of ""Ward 5"" met, and voted.",open\r\n'
    "2,A new party cell,2025-01-03,https://a.vn/y,It met.,open\r\n"
)


def read_table(text: str | bytes, *fields: str, name: str = "a.csv", encoding: str = "") -> SpanSource:
    raw = text if isinstance(text, bytes) else text.encode()
    form = members if name.endswith("jsonl") else separated
    return form.read(raw, name, Reading(fields=fields, encoding=encoding))[1]


def cells(source: SpanSource) -> list[str]:
    return source.old_texts()


def shout(source: SpanSource) -> str:
    form = members if source.file.text.lstrip().startswith(("{", "[")) else separated
    return form.write(source, [text.upper() for text in cells(source)]).decode()


class TestSeparated:
    def test_columns_of_prose_are_found_and_said(self) -> None:
        source = read_table(TABLE)
        assert cells(source) == [
            "Party cells meet", 'The party cell of "Ward 5" met, and voted.', "A new party cell", "It met.",
        ]  # fmt: skip
        assert source.notes == ("columns taken for prose: title, body",)

    def test_only_those_cells_change(self) -> None:
        assert shout(read_table(TABLE, "body")) == (
            "id,title,date,link,body,status\r\n"
            '1,Party cells meet,2025-01-02,https://a.vn/x,"THE PARTY CELL OF ""WARD 5"" MET, AND VOTED.",open\r\n'
            "2,A new party cell,2025-01-03,https://a.vn/y,IT MET.,open\r\n"
        )

    def test_columns_are_chosen(self) -> None:
        assert cells(read_table(TABLE, "Title")) == ["Party cells meet", "A new party cell"]
        assert cells(read_table(TABLE, "6")) == ["open", "open"]
        assert len(cells(read_table(TABLE, "title", "5"))) == 4
        with pytest.raises(InputError, match=r"no column 'text'.*id, title, date"):
            read_table(TABLE, "text")

    def test_a_cell_is_quoted_when_it_must_be(self) -> None:
        source = read_table("n,t\n1,one two\n2,three four\n", "t")
        written = separated.write(source, ['one, "two"', "three\nfour"])
        assert written == b'n,t\n1,"one, ""two"""\n2,"three\nfour"\n'
        assert cells(read_table(written, "t")) == ['one, "two"', "three\nfour"]

    @pytest.mark.parametrize("delimiter", [";", "\t", "|", ","])
    def test_the_delimiter_is_found(self, delimiter: str) -> None:
        text = f"id{delimiter}text\n7{delimiter}ab cd, ef\n" if delimiter != "," else "id,text\n7,ab cd ef\n"
        assert len(cells(read_table(text, "text"))) == 1

    def test_what_excel_declares_counts(self) -> None:
        assert cells(read_table("sep=;\r\nid;text\r\n1;a cell, met\r\n", "text")) == ["a cell, met"]

    def test_tab_separated(self) -> None:
        assert cells(read_table("id\ttext\n1\tone, two, three\n", name="a.tsv")) == ["one, two, three"]

    def test_a_list_without_heading(self) -> None:
        source = read_table("Party cells meet in the hall\nThe party cell voted\n")
        assert len(cells(source)) == 2
        assert source.notes == ("columns taken for prose: 1",)

    @pytest.mark.parametrize(
        "raw",
        [
            b"\xef\xbb\xbfid,text\r\n1,\"a b\"\r\n",
            "id;text\r\n1;Møte om kvelden i går\r\n".encode("utf-16"),
            b"id,text\r1,a cell met\r",
            b"id,text\n1,a cell met",
            b"",
            b"\n\n",
            b",,\n,,\n",
        ],
    )
    def test_a_table_comes_out_as_it_went_in(self, raw: bytes) -> None:
        source = read_table(raw)
        assert separated.write(source, cells(source)) == raw

    def test_paragraphs_in_a_cell_are_blocks(self) -> None:
        document, source = separated.read(
            b'id,text\r\n1,"One cell met.\r\n\r\nAnother one met."\r\n', "a.csv", Reading()
        )
        assert [document.text[b.start : b.end] for b in document.blocks] == ["One cell met.", "Another one met."]
        assert separated.write(source, [*map(str.lower, source.old_texts())]) == (
            b'id,text\r\n1,"one cell met.\r\n\r\nanother one met."\r\n'
        )

    def test_broken_quoting_is_read_as_it_stands(self) -> None:
        text = 'id,text\n1,"a cell met\n2,a "cell" met\n3,"a ""cell"" met"x\n4,a cell met, and left\n'
        source = read_table(text, "text")
        assert cells(source) == ['"a cell met', 'a "cell" met', '"a ""cell"" met"x']
        assert source.notes == ("1 row has another number of cells than the first, and stayed as they were",)
        assert separated.write(source, cells(source)) == text.encode()

    def test_a_windows_table_keeps_its_encoding(self) -> None:
        rows = "".join(f"{n};Møtet på rådhuset i år nr. {n} ble avlyst og får større følger\n" for n in range(3))
        raw = ("id;tekst\n" + rows).encode("cp1252")
        source = read_table(raw, encoding="cp1252")
        assert separated.write(source, [t.replace("avlyst", "holdt") for t in cells(source)]) == raw.replace(b"avlyst", b"holdt")
        assert source.encoding_for("chi bộ") == "utf-8"

    def test_a_hundred_thousand_cells(self) -> None:
        rows = [f'{n},"The party cell no. {n} met, twice",x' for n in range(100_000)]
        raw = "\n".join(["id,text,code", *rows]).encode()
        source = read_table(raw)
        assert len(source.pieces) == 100_000
        assert separated.write(source, cells(source)) == raw

    @pytest.mark.parametrize(
        "text", ['"' * 50_001, '",' * 30_000, 'a,"' * 30_000, ',' * 50_000, '"a\n' * 30_000]
    )
    def test_hostile_tables_end(self, text: str) -> None:
        source = read_table(text)
        assert separated.write(source, cells(source)) == text.encode()


class TestMembers:
    LINES = (
        '{"id": 1, "title": "A party cell met",  "meta": {"lead": "It was a long day", "n": 1.50}}\n'
        "\n"
        '{"id": 2,"title":"Party cells \\u0026 wards","tags":["party cells met","x"],"meta":{"lead":"Two days"}}\n'
    )

    def test_members_of_prose_are_found_and_said(self) -> None:
        source = read_table(self.LINES, name="a.jsonl")
        assert cells(source) == [
            "A party cell met", "It was a long day", "Party cells & wards", "party cells met", "Two days",
        ]  # fmt: skip
        assert source.notes == ("members taken for prose: title, meta.lead, tags",)

    def test_chosen_members_change_and_nothing_else(self) -> None:
        source = read_table(self.LINES, "meta.lead", "title", name="a.jsonl")
        assert shout(source) == (
            '{"id": 1, "title": "A PARTY CELL MET",  "meta": {"lead": "IT WAS A LONG DAY", "n": 1.50}}\n'
            "\n"
            '{"id": 2,"title":"PARTY CELLS & WARDS","tags":["party cells met","x"],"meta":{"lead":"TWO DAYS"}}\n'
        )
        same = read_table(self.LINES, "title", name="a.jsonl")
        assert members.write(same, cells(same)) == self.LINES.encode()

    def test_texts_in_lists(self) -> None:
        line = '[{"p": ["one cell", "two cells"]}, {"p": "a cell"}]'
        assert cells(read_table(line, "p", name="a.jsonl")) == ["one cell", "two cells", "a cell"]

    def test_a_file_in_ascii_stays_in_ascii(self) -> None:
        raw = b'{"t": "M\\u00f8te i g\\u00e5r"}\n'
        source = read_table(raw, "t", name="a.jsonl")
        assert members.write(source, ["Møte nå"]) == b'{"t": "M\\u00f8te n\\u00e5"}\n'

    def test_bad_lines_are_reported_and_kept(self) -> None:
        text = '{"t": "a cell met"}\n{"t": "a\nnull\n' + "[" * 100_000 + "\n" + '{"t": "two cells"}'
        source = read_table(text, "t", name="a.jsonl")
        assert cells(source) == ["a cell met", "two cells"]
        assert [note.split(" (")[0] for note in source.notes] == ["line 2 is not JSON", "line 4 is not JSON"]
        assert shout(source).count("\n") == 4

    def test_lines_of_something_else(self) -> None:
        with pytest.raises(InputError, match="no line is JSON; line 1"):
            read_table("one\ntwo\n", name="a.jsonl")
        with pytest.raises(InputError, match=r"no line has a member 'body'.*title"):
            read_table(self.LINES, "body", name="a.jsonl")

    def test_what_utf8_cannot_hold_stays(self) -> None:
        raw = b'{"t": "a \\ud800 cell"}\n{"t": "a cell"}\n'
        assert cells(read_table(raw, "t", name="a.jsonl")) == ["a cell"]

    @given(st.recursive(
        st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(string.printable, max_size=8),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["a", "b.c", "", '"', "\\"]), inner, max_size=4),
        max_leaves=12,
    ))  # fmt: skip
    def test_every_text_is_found_at_its_place(self, value: object) -> None:
        line = json.dumps(value)
        found = [text for _, _, text in members._find_members(line, 0)]

        def texts(value: object) -> list[str]:
            if isinstance(value, str):
                return [value]
            inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
            return [text for part in inner for text in texts(part)]

        assert found == texts(value)
        assert [json.loads(line[a:b]) for _, (a, b), _ in members._find_members(line, 0)] == found


@given(st.integers())
def test_any_table_comes_out_as_it_went_in(seed: int) -> None:
    pick = random.Random(seed)
    text = "".join(pick.choice('ab ",;\n\r\t|1"') for _ in range(pick.randrange(60)))
    source = read_table(text)
    assert separated.write(source, cells(source)) == text.encode()


def test_a_table_is_converted(tmp_path: Path, pipeline: Pipeline) -> None:
    path = tmp_path / "a.csv"
    path.write_text(TABLE, newline="")
    document, source = read_document(path, reading=Reading(fields=("title", "body")))
    assert source.reading == {"fields": ["title", "body"]}
    output = render(source, pipeline.run(document)).decode()
    assert output == TABLE.replace("party cell", "Party cell")
