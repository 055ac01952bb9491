"""``--to``: a document in another format than its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from office_files import make_docx
from stand_ins import BracketTranslator, OneTermGlossary, WordDetector

from normalise import Pipeline
from normalise.batch.convert import Reading, convert_folder
from normalise.batch.listing.choose import Choice
from normalise.cli import main
from normalise.formats import output_name, read_document, render
from normalise.formats.markdown import parse


def p(text: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def item(text: str, numbers: int = 1) -> str:
    return p(text, f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{numbers}"/></w:numPr>')


BODY = (
    p("The *4 good* party cells", '<w:pStyle w:val="Heading1"/>') + p("1. One &lt;b&gt; a_b_c [x] &amp;amp; _y_")
    + item("first") + item("second") + item("other", 2)
    + f"<w:tbl><w:tr><w:tc>{p('Unit')}</w:tc><w:tc>{p('a|b')}</w:tc></w:tr><w:tr><w:tc>{p('')}</w:tc><w:tc>{p('x')}{p('y')}</w:tc></w:tr></w:tbl>"
    + "<w:p><w:r><w:t>line</w:t><w:br/><w:t># two</w:t></w:r></w:p>"
)  # fmt: skip
MARKDOWN = r"""# The \*4 good\* Party cells

1\. One \<b> a_b_c \[x\] \&amp; \_y\_

1. first
2. second
- other

| Unit | a\|b |
| --- | --- |
|  | x y |

line\
\# two
"""


def convert(path: Path, to: str) -> str:
    document, source = read_document(path)
    return render(source, Pipeline().run(document), to).decode()


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "report.docx"
    path.write_bytes(make_docx(BODY))
    return path


def test_markdown_says_what_the_document_said(report: Path) -> None:
    got = convert(report, "md")
    assert got == MARKDOWN
    kinds = [block.kind for block in parse(got).blocks]
    assert kinds == ["heading", "paragraph", *["list-item"] * 3, *["cell"] * 2, "paragraph"]  # no name has a bar in it


def test_text_json_and_html_say_the_same(report: Path) -> None:
    assert convert(report, "txt") == (
        "The *4 good* Party cells\n\n1. One <b> a_b_c [x] &amp; _y_\n\n1. first\n2. second\n- other\n\n"
        "Unit\ta|b\n\tx y\n\nline\n# two\n"
    )
    lines = [json.loads(line) for line in convert(report, "jsonl").splitlines()]
    assert lines[0] == {"kind": "heading", "text": "The *4 good* Party cells", "level": 1, "source_language": "en"}
    assert [line.get("number") for line in lines[2:5]] == [1, 2, None]
    assert lines[5]["rows"] == [["Unit", "a|b"], ["", "x\ny"]]
    page = convert(report, "html")
    assert "<title>The *4 good* Party cells</title>" in page
    assert "<h1>The *4 good* Party cells</h1>\n<p>1. One &lt;b&gt; a_b_c [x] &amp;amp; _y_</p>" in page
    assert "<ol>\n<li>first\n</li>\n<li>second\n</li></ol>\n<ul>\n<li>other\n</li></ul>" in page
    assert "<tr><td></td><td>x<br>\ny</td></tr>" in page


@pytest.mark.parametrize(
    ("text", "to", "want"),
    [
        ("# Party *cells*\n\n- a [link](http://a.vn)\n  - b\n", "txt", "Party cells\n\n- a link\n   - b\n"),
        ("# H\n\n1. a\n2. b\n", "txt", "H\n\n1. a\n2. b\n"),
        ("| a | b |\n|---|---|\n| c | d |\n", "txt", "a\tb\nc\td\n"),
        ("one\ntwo", "md", None),
    ],
)
def test_markdown_becomes_text(text: str, to: str, want: str | None, tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(text)
    assert convert(path, to) == (text if want is None else want)


def test_a_page_made_from_markdown_keeps_links_and_runs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("---\ntitle: x\n---\n# Head\n\n[a](http://a.vn) *b* <script>alert(1)</script> [c](javascript:alert(1))\n")
    page = convert(path, "html")
    assert '<h1>Head</h1>\n<p><a href="http://a.vn">a</a> <em>b</em> &lt;script&gt;' in page
    assert "title: x" not in page
    assert "<script>" not in page
    assert 'href="javascript' not in page


def test_a_wrapped_text_is_joined(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    words = "The people of the province said that they had all\nheard the report of the place and thanked *all* of them.\n"
    path.write_text(f"TITLE\n\n{words}")
    assert convert(path, "md") == "# TITLE\n\n" + words.replace("\n", " ").strip().replace("*", "\\*") + "\n"


NAMES = st.lists(st.sampled_from(["a", ".md", ".docx", ".txt", ".html", ".htm", ".MD", ".x"]), min_size=1, max_size=5)


@given(st.lists(NAMES.map("".join), min_size=2, max_size=8, unique=True), st.sampled_from(["md", "txt", "html", "jsonl"]))
def test_no_two_documents_have_one_output(names: list[str], to: str) -> None:
    names = [name for name in names if Path(name).suffix.lower() in (".md", ".docx", ".txt", ".html", ".htm")]
    outputs = [output_name(name, to) for name in names]
    assert len(set(outputs)) == len(names)


def test_a_folder_in_another_format(tmp_path: Path, report: Path) -> None:
    source, target = tmp_path / "in", tmp_path / "out"
    (source / "sub").mkdir(parents=True)
    report.rename(source / "sub/report.docx")
    (source / "a.md").write_text("# A party cell\n")
    (source / "bad.docx").write_text("no archive")
    pipeline = Pipeline(glossary=OneTermGlossary(), translator=BracketTranslator(), detector=WordDetector())
    summary = convert_folder(
        source, target, choice=Choice(to="md"), reading=Reading(to="md"), pipeline=pipeline
    )
    made = sorted(path.relative_to(target).as_posix() for path in target.rglob("*.md"))
    assert made == ["a.md", "sub/report.docx.md"]
    assert [name for name, *_ in summary.failed] == ["bad.docx"]
    records = [json.loads(line) for line in (target / "audit.jsonl").read_text("utf-8").splitlines()]
    assert {r["path"]: r.get("output_path") for r in records} == {
        "a.md": None, "bad.docx": None, "sub/report.docx": "sub/report.docx.md",
    }  # fmt: skip


def test_the_command_line_takes_it(report: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["text", str(report), "--to", "md", "--no-memory"])
    assert done.stdout == MARKDOWN
    words = CliRunner().invoke(main, ["text", str(report), "--no-memory"])
    assert words.stdout.startswith("The *4 good* Party cells\n\n1. One <b>")
