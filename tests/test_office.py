"""Text documents, slides and books: what is prose in them, and that nothing else changes."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner
from lxml import etree
from office_files import make_docx, make_epub, make_odt, make_pptx, pack, shape
from stand_ins import BracketTranslator, OneTermGlossary, WordDetector

from normalise import Pipeline
from normalise.batch.convert import convert_folder
from normalise.cli import main
from normalise.errors import InputError
from normalise.formats import Reading
from normalise.formats.office import docx, epub, odt, pptx


def p(content: str, properties: str = "") -> str:
    return f"<w:p>{f'<w:pPr>{properties}</w:pPr>' if properties else ''}{content}</w:p>"


def r(text: str) -> str:
    return f'<w:r><w:t xml:space="preserve">{text}</w:t></w:r>'


def code(name: str, result: str) -> str:
    """A field with its result."""
    char = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'.format
    return f"{char('begin')}<w:r><w:instrText> {name} </w:instrText></w:r>{char('separate')}{result}{char('end')}"


def a(text: str) -> str:
    return f"<a:p><a:r><a:t>{text}</a:t></a:r></a:p>"


def read(form: ModuleType, raw: bytes) -> list[tuple[str, str]]:
    """The kind and text of every block, and what is protected as ``kept``."""
    document, _ = form.read(raw, "a", Reading())
    kept = [("kept", document.text[a:b]) for a, b in document.protected]
    return [(b.kind, document.text[b.start : b.end]) for b in document.blocks] + kept


def rewrite(form: ModuleType, raw: bytes, old: str, new: str) -> bytes:
    _, source = form.read(raw, "a", Reading())
    texts = [source.text[piece.start : piece.end].replace(old, new) for piece in source.pieces]
    return form.write(source, texts)


def part(raw: bytes, name: str) -> str:
    return zipfile.ZipFile(io.BytesIO(raw)).read(name).decode()


WHOLE = {
    docx: make_docx(
        p(r("Head ") + r("ing"), '<w:pStyle w:val="Our"/>')
        + p(r("One") + "<w:r><w:footnoteReference w:id='2'/></w:r>" + r(" two"))
        + p(r("item"), '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>')
        + "<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val='2'/></w:tcPr>" + p(r("wide")) + "</w:tc><w:tc>"
        + p(r("cell")) + "</w:tc></w:tr></w:tbl>" + p(r("Table one"), '<w:pStyle w:val="Caption"/>'),
        footnotes=f"<w:footnote w:id='2'>{p('<w:r><w:footnoteRef/></w:r>' + r('note'))}</w:footnote>",
        comments=f"<w:comment w:id='0'>{p(r('remark'))}</w:comment>",
        header=p(r("header")), footer=p(r("footer")),
    ),
    odt: make_odt(
        '<text:tracked-changes><text:p>gone</text:p></text:tracked-changes><text:h text:outline-level="2">Head '
        '<text:span>ing</text:span></text:h><text:p>One<text:note><text:note-citation>1</text:note-citation>'
        "<text:note-body><text:p>note</text:p></text:note-body></text:note> <text:s/>two"
        '<office:annotation><dc:creator>An</dc:creator><text:p>remark</text:p></office:annotation></text:p>'
        '<text:list text:style-name="L"><text:list-item><text:p>item</text:p></text:list-item></text:list>'
        "<table:table><table:table-header-rows><table:table-row><table:table-cell><text:p>cell</text:p>"
        "</table:table-cell></table:table-row></table:table-header-rows></table:table>"
        "<text:p><draw:frame><draw:text-box><text:p>boxed</text:p></draw:text-box>"
        "<svg:desc>A photo of it</svg:desc></draw:frame></text:p>",
        styles='<text:list-style style:name="L"><text:list-level-style-number text:level="1" style:num-format="1"/></text:list-style>',
        master="<style:footer><text:p>footer <text:page-number>3</text:page-number></text:p></style:footer>",
    ),
    pptx: make_pptx(
        [
            shape(a("Head"), kind="title") + shape(a("item"), kind="body") + f"<p:grpSp>{shape(a('grouped'))}</p:grpSp>"
            "<p:graphicFrame><a:tbl><a:tr><a:tc><a:txBody>" + a("cell") + "</a:txBody></a:tc></a:tr></a:tbl></p:graphicFrame>"
            + shape('<a:p><a:r><a:t>one</a:t></a:r><a:br/><a:fld type="slidenum"><a:t>7</a:t></a:fld></a:p>'),
            shape(a("second")),
        ],
        {1: shape(a("notes"), kind="body")},
    ),
    epub: make_epub(
        {"a.xhtml": "<h1>Head</h1><p>One<br/>two <code>x</code></p>", "b.xhtml": "<h1>Other</h1>"}, title="Book"
    ),
}  # fmt: skip
FORMS = pytest.mark.parametrize("form", WHOLE, ids=lambda form: str(form.NAME))


def test_a_word_document_has_all_its_words() -> None:
    assert read(docx, WHOLE[docx]) == [
        ("heading", "Head ing"), ("paragraph", "One two"), ("list-item", "item"), ("cell", "wide"), ("cell", "cell"),
        ("caption", "Table one"), ("paragraph", "note"), ("paragraph", "remark"), ("paragraph", "header"), ("paragraph", "footer"),
    ]  # fmt: skip
    _, source = docx.read(WHOLE[docx], "a", Reading())
    assert [(part.level, part.ordered, part.cell) for part in source.parts[:5]] == [
        (1, False, None), (0, False, None), (1, True, None), (0, False, (0, 0, 0)), (0, False, (0, 0, 2)),
    ]  # fmt: skip


def test_an_open_document_has_all_its_words() -> None:
    assert read(odt, WHOLE[odt]) == [
        ("heading", "Head ing"), ("paragraph", "One two"), ("paragraph", "note"), ("paragraph", "remark"),
        ("list-item", "item"), ("cell", "cell"), ("paragraph", "boxed"), ("caption", "A photo of it"),
        ("paragraph", "footer 3"), ("kept", "3"),
    ]  # fmt: skip
    _, source = odt.read(WHOLE[odt], "a", Reading())
    assert [(part.level, part.ordered) for part in source.parts if part.kind == "list-item"] == [(1, True)]


def test_slides_have_all_their_words() -> None:
    assert read(pptx, WHOLE[pptx]) == [
        ("heading", "Head"), ("list-item", "item"), ("paragraph", "grouped"), ("cell", "cell"), ("paragraph", "one\n7"),
        ("list-item", "notes"), ("paragraph", "second"), ("kept", "7"),
    ]  # fmt: skip


def test_a_book_has_all_its_words() -> None:
    document, _ = epub.read(WHOLE[epub], "a", Reading())
    assert document.date == "2025-02-03"
    assert read(epub, WHOLE[epub]) == [
        ("title", "Book"), ("title", "Head"), ("heading", "Head"), ("paragraph", "One\ntwo x"), ("title", "Other"),
        ("heading", "Other"), ("title", "Book"), ("list-item", "Head"), ("list-item", "Other"),
        ("list-item", "Head"), ("list-item", "Other"), ("kept", "x"),
    ]  # fmt: skip


@FORMS
def test_every_piece_takes_a_new_text(form: ModuleType) -> None:
    document, source = form.read(WHOLE[form], "a", Reading())
    new = [
        text if any(s <= piece.start < e for s, e in document.protected) else f"<{index}> & {text}"
        for index, piece in enumerate(source.pieces)
        for text in [source.text[piece.start : piece.end]]
    ]
    changed = form.write(source, new)
    assert changed == form.write(source, new)
    _, again = form.read(changed, "a", Reading())
    assert [again.text[q.start : q.end].strip() for q in again.pieces] == [text.strip() for text in new]


@FORMS
def test_nothing_else_changes(form: ModuleType) -> None:
    assert rewrite(form, WHOLE[form], "nowhere", "x") == WHOLE[form]
    changed = rewrite(form, WHOLE[form], "cell", "party cell")
    if form is epub:
        changed = rewrite(form, WHOLE[form], "two", "party cell")
    before, after = (zipfile.ZipFile(io.BytesIO(raw)) for raw in (WHOLE[form], changed))
    facts = [
        [(i.filename, i.date_time, i.compress_type, i.external_attr) for i in z.infolist()]
        for z in (before, after)
    ]
    assert facts[0] == facts[1]
    differing = [n for n in before.namelist() if before.read(n) != after.read(n)]
    assert len(differing) == 1
    tags = [[e.tag for e in etree.fromstring(z.read(differing[0])).iter()] for z in (before, after)]
    assert tags[0] == tags[1]


def test_fields_formulas_and_deleted_text_stay() -> None:
    body = (
        p(r("Page ") + code("PAGE", r("party 3")) + r(" of party") + "<m:oMath><m:r><m:t>party=1</m:t></m:r></m:oMath>")
        + p("<w:del><w:r><w:delText>party</w:delText></w:r></w:del><w:ins>" + r("party") + "</w:ins><w:moveFrom>" + r("party") + "</w:moveFrom>")
        + p('<w:fldSimple w:instr=" DATE ">' + r("party") + "</w:fldSimple>")
        + p(code('HYPERLINK "http://a.vn"', r("link party")))
        + p(code("TOC \\o", p("")[5:-6] + r("Contents party") + "<w:r><w:tab/></w:r>" + code("PAGEREF x", r("party 9"))))
    )  # fmt: skip
    changed = part(rewrite(docx, make_docx(body), "party", "X"), "word/document.xml")
    for kept in ("party 3", "party=1", "<w:delText>party", "party</w:t></w:r></w:moveFrom>", "party</w:t></w:r></w:fldSimple", "party 9"):
        assert kept in changed
    for new in ("of X<", "X</w:t></w:r></w:ins>", "link X", "Contents X"):
        assert new in changed


def test_links_lines_and_notes_make_pieces_firm() -> None:
    body = p("<w:hyperlink>" + r("link") + "</w:hyperlink>" + r("loose")) + p("<w:r><w:t>a</w:t><w:br/><w:t>b</w:t></w:r>")
    _, source = docx.read(make_docx(body), "a", Reading())
    assert [piece.firm for piece in source.pieces] == [True, False, True, True]


def test_hyphens_of_word_are_part_of_their_words() -> None:
    body = p("<w:r><w:t>18</w:t><w:noBreakHyphen/><w:t>NQ/TW par</w:t><w:softHyphen/><w:t>ty</w:t></w:r>")
    raw = make_docx(body)
    assert read(docx, raw) == [("paragraph", "18\u2011NQ/TW party")]
    assert rewrite(docx, raw, "x", "y") == raw
    assert "18\u2011NQ/TW X</w:t>" in part(rewrite(docx, raw, "party", "X"), "word/document.xml")


def test_a_text_box_and_its_copy_for_old_programs_say_the_same() -> None:
    content = "<w:txbxContent>" + p(r("in the box")) + "</w:txbxContent>"
    body = p(
        r("around") + '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:docPr id="1" name="x" '
        f'descr="A photo of it"/><wps:txbx>{content}</wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict>'
        f"<v:textbox>{content}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )  # fmt: skip
    assert read(docx, make_docx(body)) == [("paragraph", "around"), ("paragraph", "in the box"), ("caption", "A photo of it")]
    assert part(rewrite(docx, make_docx(body), "in the", "X"), "word/document.xml").count("X box") == 2


def test_spaces_at_the_edges_survive() -> None:
    changed = part(rewrite(docx, make_docx(p("<w:r><w:t>one</w:t></w:r>" + r("two"))), "one", "one "), "word/document.xml")
    assert '<w:t xml:space="preserve">one </w:t>' in changed


def bomb(size: int) -> bytes:
    return make_docx(p(r("x")), more={"word/bomb.xml": b"0" * size})


ENTITIES = (
    '<!DOCTYPE x [<!ENTITY a "party"><!ENTITY b "&a;&a;&a;&a;">]>',
    '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    '<!DOCTYPE x [<!ENTITY % a SYSTEM "http://127.0.0.1:9/x">]>',
)
DOCUMENT, CONTENT = "word/document.xml", "content.xml"


def with_part(raw: bytes, name: str, content: bytes) -> bytes:
    archive = zipfile.ZipFile(io.BytesIO(raw))
    return pack({n: content if n == name else archive.read(n) for n in archive.namelist()})


def replaced(raw: bytes, name: str, old: bytes, new: bytes) -> bytes:
    return with_part(raw, name, zipfile.ZipFile(io.BytesIO(raw)).read(name).replace(old, new, 1))


@pytest.mark.parametrize(
    ("form", "raw", "problem"),
    [
        (docx, b"", "damaged"),
        (docx, b"no archive at all", "damaged"),
        (docx, WHOLE[docx][:600], "damaged"),
        (docx, WHOLE[odt], "missing"),
        (docx, WHOLE[pptx], "no document"),
        (pptx, WHOLE[docx], "no presentation"),
        (odt, WHOLE[docx], "content.xml is missing"),
        (epub, WHOLE[docx], "missing"),
        (docx, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 900, "password"),
        (docx, make_docx(p(r("x")), main_type="document.macroEnabled.main"), "macros"),
        (docx, with_part(WHOLE[docx], DOCUMENT, b"<w:document"), "damaged"),
        (docx, with_part(WHOLE[docx], DOCUMENT, b"<a>" * 100_000), "damaged|deep"),
        (docx, with_part(WHOLE[docx], DOCUMENT, b"<a>" * 1500 + b"</a>" * 1500), "deep"),
        (odt, with_part(WHOLE[odt], CONTENT, b"<a>" * 1500 + b"</a>" * 1500), "deep|damaged"),
        *((docx, replaced(WHOLE[docx], DOCUMENT, b"<w:document", d.encode() + b"<w:document"), "entities|damaged") for d in ENTITIES),
        *((odt, replaced(WHOLE[odt], CONTENT, b"<office:document", d.encode() + b"<office:document"), "entities|damaged") for d in ENTITIES),
        (odt, make_odt("", manifest="<manifest:encryption-data/>"), "encrypted"),
        (epub, make_epub({}, more={"META-INF/encryption.xml": '<e><EncryptionMethod Algorithm="aes"/></e>'}), "protected"),
        (docx, pack({f"p{n}": "" for n in range(20_001)}), "20001 parts"),
    ],
)  # fmt: skip
def test_hostile_and_broken_documents_end_in_one_clear_error(
    form: ModuleType, raw: bytes, problem: str
) -> None:
    with pytest.raises(InputError, match=problem) as caught:
        form.read(raw, "a.file", Reading())
    assert caught.value.where == "a.file"
    assert caught.value.remedy


def test_an_encrypted_member_is_refused() -> None:
    raw = bytearray(WHOLE[docx])
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(InputError, match="encrypted"):
        docx.read(bytes(raw), "a", Reading())


def test_a_bomb_is_not_unpacked() -> None:
    raw = bomb(6_000_000)
    with pytest.raises(InputError, match="6 MB unpacked"):
        docx.read(raw, "a", Reading(max_size=500_000))
    long = make_docx(p(r("x" * 30_000_000)))
    with pytest.raises(InputError, match="30 MB unpacked"):
        docx.read(long, "a", Reading())
    with pytest.raises(InputError, match="unpacked"):
        docx.read(long, "a", Reading(max_size=1_000_000))


def test_damaged_bytes_never_crash_the_reader() -> None:
    for form, whole in WHOLE.items():
        for place in range(0, len(whole), 97):
            raw = whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :]
            try:
                _, source = form.read(raw, "a", Reading())
                form.write(source, ["x"] * len(source.pieces))
            except InputError:
                continue


def test_a_hundred_thousand_cells() -> None:
    row = "<w:tr>" + f"<w:tc>{p(r('party cell'))}</w:tc>" * 100 + "</w:tr>"
    raw = make_docx(f"<w:tbl>{row * 1000}</w:tbl>")
    _, source = docx.read(raw, "a", Reading())
    assert len(source.pieces) == 100_000
    assert source.parts[-1].cell == (0, 999, 99)
    changed = docx.write(source, ["X"] * 100_000)
    assert part(changed, DOCUMENT).count(">X</w:t>") == 100_000


def test_in_a_folder_bad_documents_fail_alone(tmp_path: Path) -> None:
    source, target = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    deep = with_part(WHOLE[docx], DOCUMENT, b"<a>" * 1500 + b"</a>" * 1500)
    files = {
        "cut.docx": WHOLE[docx][:600], "deep.docx": deep, "old.docx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "macros.docx": make_docx(p(r("x")), main_type="document.macroEnabled.main"),
        "entities.odt": replaced(WHOLE[odt], CONTENT, b"<office:document", ENTITIES[1].encode() + b"<office:document"),
        "locked.odt": make_odt("", manifest="<manifest:encryption-data/>"), "text.pptx": b"no archive",
        "locked.epub": make_epub({}, more={"META-INF/encryption.xml": '<e><EncryptionMethod Algorithm="aes"/></e>'}),
        "binary.html": b"\0\1\2", "macros.docm": WHOLE[docx],
        "good.docx": WHOLE[docx], "good.odt": WHOLE[odt], "good.pptx": WHOLE[pptx], "good.epub": WHOLE[epub],
        "scripts.html": b"<script>alert('party cell')</script><p onclick=\"x('party cell')\">One word",
    }  # fmt: skip
    for name, content in files.items():
        (source / name).write_bytes(content)
    pipeline = Pipeline(glossary=OneTermGlossary(), translator=BracketTranslator(), detector=WordDetector())
    summary = convert_folder(source, target, pipeline=pipeline)
    assert sorted(name for name, *_ in summary.failed) == [
        "binary.html", "cut.docx", "deep.docx", "entities.odt", "locked.epub", "locked.odt", "macros.docx", "old.docx",
        "text.pptx",
    ]  # fmt: skip
    assert all(remedy and "crashed" not in problem for _, problem, remedy in summary.failed)
    made = sorted(path.name for path in target.iterdir() if path.suffix in (".docx", ".odt", ".pptx", ".epub", ".html"))
    assert made == ["good.docx", "good.epub", "good.odt", "good.pptx", "scripts.html"]
    assert (target / "scripts.html").read_bytes() == files["scripts.html"]


def test_the_other_commands_read_them(tmp_path: Path) -> None:
    body = p(r("The 4 good party cells of the city have met and they are well.")) * 3
    path = tmp_path / "a.docx"
    path.write_bytes(make_docx(body))
    run = CliRunner().invoke
    assert "\ten\t" in run(main, ["detect", str(tmp_path)]).output
    applied = run(main, ["glossary", "apply", str(path)])
    assert "\nThe 4-good Party cells of the city" in applied.output
    suggested = run(main, ["glossary", "suggest", str(tmp_path), "--least", "1"])
    assert suggested.exit_code == 0, suggested.output
    measured = run(main, ["measure", str(tmp_path)])
    assert measured.exit_code == 0, measured.output
    assert "100 %" in measured.output
