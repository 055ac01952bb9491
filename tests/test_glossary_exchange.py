"""Terms survive the way through TBX, CSV, TSV and YAML, and come in from other people's files."""

from __future__ import annotations

import csv
import io

import pytest
import yaml
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from lxml import etree

from normalise.errors import GlossaryError
from normalise.glossary.source.load import read_file, read_files
from normalise.glossary.source.schema import (
    Abbreviation,
    Example,
    FlagEntry,
    Keep,
    KnownFailure,
    Near,
    Policy,
    Provenance,
    Term,
    TermFile,
    Variant,
    When,
)
from normalise.maintain.files.csv_files import (
    plain_name,
    read_table,
    slug,
    write_pairs,
    write_table,
)
from normalise.maintain.files.edit import (
    insert_terms,
    render_file,
    render_term,
    replace_terms,
    term_spans,
)
from normalise.maintain.files.serialise import from_plain, to_plain
from normalise.maintain.files.tbx import read_tbx, write_tbx

words = st.lists(
    st.text("abcdeđĐéßôæ'-&<|", min_size=1, max_size=6).filter(lambda w: "|" not in w),
    min_size=1,
    max_size=4,
).map(" ".join)
odd = st.one_of(
    words, st.sampled_from(["no", "442", "2026-11-21", '"4 good" cell', "a: b #c", "=1+1", "- x"])
)
dates = st.sampled_from([None, "2026", "2026-11", "2026-11-21"])
whens = st.one_of(
    st.none(),
    st.builds(When, counted=st.booleans(), near=st.builds(Near, any=st.tuples(odd))),
    st.tuples(st.builds(When, plural=st.just(True)), st.builds(When, preceded_by=st.tuples(odd))),
)
variants = st.one_of(
    odd,
    st.builds("({}|{}) cell".format, words, words),
    st.builds(Variant, text=odd, when=whens, becomes=st.one_of(st.none(), odd)),
)
names = st.lists(odd, max_size=3, unique=True).map(tuple)
terms = st.builds(
    Term,
    id=st.from_regex(r"\A[a-z][a-z0-9-]{3,12}\Z"),
    preferred=odd,
    plural=st.one_of(st.none(), odd),
    countable=st.booleans(),
    admitted=names,
    abbreviations=st.lists(
        st.builds(Abbreviation, odd, language=st.sampled_from(["en", "vi"]), when=whens), max_size=2
    ).map(tuple),
    sources=st.dictionaries(st.sampled_from(["vi", "nb", "en"]), names, max_size=2),
    variants=st.lists(variants, max_size=4).map(tuple),
    forbidden=names,
    flags=st.lists(st.builds(FlagEntry, text=odd, reason=odd), max_size=1).map(tuple),
    policy=st.builds(Policy, quotes=st.sampled_from(["keep", "drop"])),
    status=st.sampled_from(["approved", "proposed", "deprecated"]),
    definition=st.one_of(st.just(""), odd, st.just("Two lines:\nof text.")),
    provenance=st.lists(
        st.builds(Provenance, source=odd, date=dates, reviewer=st.one_of(st.none(), odd)),
        max_size=2,
    ).map(tuple),
    notes=st.one_of(st.just(""), odd, st.just("one\n\ntwo\n")),
    tags=names,
    examples=st.lists(st.builds(Example, text=odd, becomes=odd), max_size=2).map(tuple),
    keeps=st.lists(st.one_of(odd, st.builds(Keep, text=odd)), max_size=2).map(tuple),
    known_failures=st.lists(
        st.builds(KnownFailure, text=odd, becomes=odd, why=odd), max_size=1
    ).map(tuple),
)


# Shrinking a failing term takes minutes; the seed that pytest prints repeats it.
@settings(max_examples=60, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(st.lists(terms, max_size=3, unique_by=lambda term: term.id))
def test_every_way_round_gives_the_same_terms(many: list[Term]) -> None:
    expected = tuple(many)
    assert read_tbx(write_tbx(expected, title="T")) == expected
    assert read_table(write_table(expected)) == expected
    assert read_table(write_table(expected, delimiter="\t"), delimiter="\t") == expected
    loaded = yaml.safe_load(render_file("T", expected))
    assert tuple(from_plain(item, Term) for item in loaded["terms"]) == expected


def test_the_shipped_terms_survive_every_way_round() -> None:
    files = [file.value for file in read_files() if isinstance(file.value, TermFile)]
    shipped = tuple(term for file in files for term in file.terms)
    assert read_tbx(write_tbx(shipped, title="T")) == shipped
    assert read_table(write_table(shipped)) == shipped


CELL = Term(
    id="four-good-party-cell",
    preferred="4-good Party cell",
    admitted=("four-good Party cell",),
    abbreviations=(Abbreviation("CB4T", language="vi"),),
    sources={"vi": ("chi bộ 4 tốt", "chi bộ bốn tốt"), "nb": ("4 gode particelle",)},
    variants=("4 good Party (branch|unit)", Variant("4 good cell", when=When(counted=True))),
    definition="A Party cell rated good.",
    provenance=(Provenance("house terms", date="2026-11", reviewer="Lan"),),
)


def test_tbx_says_in_its_own_words_what_it_has_words_for() -> None:
    root = etree.fromstring(write_tbx([CELL], title="House"))
    space = {"t": "urn:iso:std:iso:30042:ed-2"}

    def found(path: str) -> list[str]:
        return [str(node.text) for node in root.iterfind(path, space)]

    assert root.get("type") == "TBX-Basic"
    english = ".//t:langSec[@{http://www.w3.org/XML/1998/namespace}lang='en']"
    assert found(f"{english}//t:term") == [
        "4-good Party cell", "four-good Party cell", "4 good Party branch", "4 good Party unit",
        "4 good cell",
    ]  # fmt: skip
    assert found(f"{english}//t:termNote")[:3] == [
        "preferredTerm-admn-sts", "admittedTerm-admn-sts", "deprecatedTerm-admn-sts",
    ]  # fmt: skip
    assert "chi bộ bốn tốt" in found(".//t:term")
    assert found(".//t:admin") == ["house terms"]
    assert found(".//t:descrip") == ["A Party cell rated good."]


def test_a_form_added_to_the_tbx_by_another_tool_becomes_a_variant() -> None:
    edited = write_tbx([CELL], title="House").replace(
        b"<term>4 good cell</term>", b"<term>four nice Party cell</term>"
    )
    (term,) = read_tbx(edited)
    assert term.variants == (*CELL.variants, "four nice Party cell")


FOREIGN = """<?xml version="1.0"?>
<!DOCTYPE martif SYSTEM "TBXcoreStructV02.dtd">
<martif type="TBX" xml:lang="en">
 <martifHeader><fileDesc><sourceDesc><p>x</p></sourceDesc></fileDesc></martifHeader>
 <text><body><termEntry id="c1">
  <descrip type="subjectField">Party</descrip>
  <langSet xml:lang="en-GB">
   <descripGrp><descrip type="definition">The smallest unit.</descrip></descripGrp>
   <tig><term>party branch</term>
    <termNote type="administrativeStatus">deprecatedTerm-admn-sts</termNote></tig>
   <ntig><termGrp><term>Party cell</term></termGrp></ntig>
  </langSet>
  <langSet xml:lang="vi-VN"><tig><term>chi bộ</term></tig></langSet>
 </termEntry></body></text>
</martif>"""


def test_the_older_tbx_of_other_tools_is_read() -> None:
    assert read_tbx(FOREIGN.encode()) == (
        Term(
            id="party-cell",
            preferred="Party cell",
            variants=("party branch",),
            sources={"vi": ("chi bộ",)},
            definition="The smallest unit.",
        ),
    )


def test_a_tbx_cannot_reach_for_files(tmp_path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hidden")
    bomb = FOREIGN.replace(
        '<!DOCTYPE martif SYSTEM "TBXcoreStructV02.dtd">',
        f'<!DOCTYPE martif [<!ENTITY x SYSTEM "{secret.as_uri()}">]>',
    ).replace("The smallest unit.", "&x;")
    with pytest.raises(GlossaryError, match="its own XML entity, '&x;'"):
        read_tbx(bomb.encode())


def test_entities_of_the_file_are_refused_and_those_of_xml_are_not() -> None:
    head = '<!DOCTYPE martif SYSTEM "TBXcoreStructV02.dtd">'
    for own in (
        FOREIGN.replace(head, '<!DOCTYPE martif [<!ENTITY unit "The smallest unit.">]>'),
        FOREIGN.replace("The smallest unit.", "&unit;"),  # declared elsewhere
        FOREIGN.replace(head, '<!DOCTYPE martif [<!ENTITY unit "unit">]>').replace(
            "The smallest unit.", "The smallest &unit;."
        ),
    ):
        with pytest.raises(GlossaryError, match="entit"):
            read_tbx(own.encode())
    plain = FOREIGN.replace("The smallest unit.", "Q&amp;A &#8211; done.")
    assert read_tbx(plain.encode())[0].definition == "Q&A – done."


@pytest.mark.parametrize(
    ("content", "problem"),
    [(b"<a", "not well-formed"), (b"<a/>", "not a TBX"), (b"", "not well-formed")],
)
def test_what_is_no_tbx_is_said_so(content: bytes, problem: str) -> None:
    with pytest.raises(GlossaryError, match=problem):
        read_tbx(content, where="x.tbx")


@pytest.mark.parametrize(
    ("note", "problem"),
    [
        ("5", "not an object"),
        ('{"notes": "\\ud800"}', "damaged"),
        ("[" * 100_000, "damaged"),
        ('{"variants": 5}', "variants"),
        ('{"notes": 5}', "notes"),
        ('{"variants": ["party (unit"]}', "a variant cannot be used"),
    ],
)
def test_a_damaged_note_of_ours_is_said_so(note: str, problem: str) -> None:
    damaged = FOREIGN.replace(
        "</langSet>\n </termEntry>",
        f"</langSet><note>normalise: {note}</note><note>b</note></termEntry>",
    )
    with pytest.raises(GlossaryError, match=problem):
        read_tbx(damaged.encode(), where="x.tbx")


def test_a_table_made_by_hand_needs_only_a_preferred_name() -> None:
    (term,) = read_table('preferred,variants,source:vi\nParty cell,"party branch\nunit",chi bộ\n')
    assert term == Term(
        id="party-cell",
        preferred="Party cell",
        variants=("party branch", "unit"),
        sources={"vi": ("chi bộ",)},
    )


def test_an_excel_byte_order_mark_and_quoted_names_do_no_harm() -> None:
    (term,) = read_table('\ufeffpreferred,variants\nParty cell,"""4 good"" cell"\n')
    assert term.variants == ('"4 good" cell',)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("name\nx\n", r"t.csv:1: unknown column 'name'"),
        ("id\nx\n", r"t.csv:1: there is no column 'preferred'"),
        ("preferred,status\nA,good\n", r"t.csv:2: .*status"),
        ("preferred,more\nA,{\n", r"t.csv:2: a cell contains broken JSON"),
        ('preferred,source:vi\nA,"{"""\n', r"t.csv:2: a cell contains broken JSON"),
        ('preferred,more\nA,"{""notes"": ""\\ud800""}"\n', r"t.csv:2: a cell contains broken"),
        (f"preferred,more\nA,{'[' * 100_000}\n", r"t.csv:2: a cell contains broken JSON"),
        ("preferred,more\nA,[]\n", r"t.csv:2: the cell 'more' is not a JSON object"),
        ('preferred,more\nA,"{""sources"": 5}"\n', r"t.csv:2: .*sources"),
        ("preferred\nA,B\n", r"t.csv:2: the row has more cells"),
        ("", r"t.csv:1: there is no column"),
    ],
)
def test_a_broken_table_names_its_line(table: str, message: str) -> None:
    with pytest.raises(GlossaryError, match=message):
        read_table(table, where="t.csv")


def test_two_columns_hold_each_source_once() -> None:
    unit = Term(
        id="unit", preferred="Party unit", status="proposed", sources={"vi": ("chi bộ 4 tốt",)}
    )
    board = Term(
        id="board", preferred="Board of the ({place}) Committee", sources={"vi": ("ban thường vụ",)}
    )
    congress = Term(id="c", preferred="{ordinal} Congress", sources={"vi": ("đại hội",)})
    table, left_out = write_pairs([unit, CELL, board, congress], "vi")
    assert list(csv.reader(io.StringIO(table), delimiter="\t")) == [
        ["ban thường vụ", "Board of the Committee"],
        ["chi bộ 4 tốt", "4-good Party cell"],
        ["chi bộ bốn tốt", "4-good Party cell"],
    ]
    assert [line.split(":")[0] for line in left_out] == ["c", "unit"]


def test_slugs_are_ids() -> None:
    assert slug("Đảng uỷ's  Office") == "dang-uy-s-office"
    assert plain_name("{number} cells") is None


FILE = """\
# The head says what the file is for.
schema: 1
topic: Cells
terms:

# First of all.
- id: cell
  preferred:   Party cell   # spaced by hand
  variants: [ "branch" ]

# Last.
- id: unit
  preferred: Party unit
# The end.
"""


@pytest.mark.parametrize("after", ["", "cell", "unit"])
def test_a_new_term_leaves_every_other_line_alone(after: str) -> None:
    text = insert_terms(FILE, [CELL], after=after)
    block = render_term(CELL)
    assert block in text
    assert text.replace(block, "", 1) == FILE
    order = [line[6:] for line in text.splitlines() if line.startswith("- id:")]
    expected = ["cell", CELL.id, "unit"] if after == "cell" else ["cell", "unit", CELL.id]
    assert order == expected


def test_replacing_a_term_leaves_the_others_alone(tmp_path) -> None:
    text = replace_terms(FILE, [Term(id="cell", preferred="Party cell", variants=("nucleus",))])
    assert text == FILE.replace(
        '  preferred:   Party cell   # spaced by hand\n  variants: [ "branch" ]\n',
        "  preferred: Party cell\n  variants:\n  - nucleus\n",
    )
    (tmp_path / "cells.yaml").write_text(text, encoding="utf-8")
    assert read_file(tmp_path / "cells.yaml").value.terms[0].variants == ("nucleus",)


def test_indented_lists_and_empty_lists_take_terms() -> None:
    indented = "schema: 1\ntopic: x\nterms:\n  - id: a\n    preferred: A\n"
    text = insert_terms(indented, [CELL])
    assert [item["id"] for item in yaml.safe_load(text)["terms"]] == ["a", CELL.id]
    empty = insert_terms("schema: 1\ntopic: x\nterms: []\n", [CELL])
    assert list(term_spans(empty)) == [CELL.id]
    no_newline = insert_terms("schema: 1\ntopic: x\nterms:\n- id: a\n  preferred: A", [CELL])
    assert list(term_spans(no_newline)) == ["a", CELL.id]


@pytest.mark.parametrize(
    ("text", "after", "problem"),
    [
        (FILE.replace("unit", CELL.id), "", "already"),
        (FILE, "nothing", "no term 'nothing'"),
        ("schema: 1\nplaces: []\n", "", "no list of terms"),
        ("terms: [{id: a, preferred: A}]\n", "", "square brackets"),
        ("terms: [\n", "", "not valid YAML"),
    ],
)
def test_a_file_that_cannot_take_the_term_is_named(text: str, after: str, problem: str) -> None:
    with pytest.raises(GlossaryError, match=problem):
        insert_terms(text, [CELL], after=after, where="cells.yaml")


def test_plain_mappings_say_only_what_differs_from_the_default() -> None:
    assert to_plain(Term(id="a", preferred="A", policy=Policy())) == {"id": "a", "preferred": "A"}
