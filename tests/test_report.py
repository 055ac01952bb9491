"""What a report shows: every change in its place, hostile texts as mere texts, sources that are gone."""

from __future__ import annotations

import html
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import lxml.html
import pytest
from click.testing import CliRunner
from stand_ins import BracketTranslator, OneTermGlossary, WordDetector

from normalise import Pipeline
from normalise.audit import summarise
from normalise.batch.convert import Reading, convert_folder
from normalise.cli import main
from normalise.data import Result
from normalise.errors import InputError
from normalise.glossary import Glossary
from normalise.memory.reviews import CheckedFlag, Review, write_reviews
from normalise.report import pages
from normalise.report.document import DocumentView, view_document
from normalise.report.explain import FLAGS, RULES, Explainer
from normalise.report.folder import english, open_folder
from normalise.report.marks import Mark, Wash, clear, show, show_plain
from normalise.report.retrace import retrace
from normalise.report.rows import cut_rows
from normalise.report.write import write_report
from normalise.settings import Settings

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
TEXTS = [
    path.read_text("utf-8")
    for name in ("english", "norwegian")
    for path in sorted((SAMPLES / name).glob("*.txt"))
]
SETTINGS = Settings(use_memory=False, language="en")


@pytest.fixture(scope="module")
def glossary() -> Glossary:
    return Glossary.load()


@pytest.fixture(scope="module")
def explainer(glossary: Glossary) -> Explainer:
    return Explainer(glossary)


def record_of(result: Result, name: str = "a.txt") -> dict[str, Any]:
    record = json.loads(json.dumps(summarise(result)))
    return {"path": name, "status": result.status, "format": result.document.format, **record}


def view(result: Result, explainer: Explainer, **more: Any) -> DocumentView:
    record = record_of(result)
    return view_document(record, retrace(result.document.text, record["changes"]), explainer, **more)


def texts(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", markup))


# -- marks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\" onclick='x' ", "&lt;b&gt;",
     "<!--", "]]>", "{{ 7 * 7 }}{% raw %}", "javascript:alert(1)", "a\tb\nc"],
)  # fmt: skip
def test_hostile_texts_are_escaped_everywhere(text: str) -> None:
    shown = show(text, 0, len(text), [Mark(0, len(text), text, 0, text)], [Wash(0, 3, text)])
    root = lxml.html.fromstring(f"<p>{shown}</p>")
    assert {node.tag for node in root.iterdescendants()} == {"span"}
    attributes = {name for node in root.iterdescendants() for name in node.attrib}
    assert attributes <= {"class", "role", "tabindex", "data-note", "aria-label", "aria-description"}
    assert root.text_content() == text
    assert texts(show_plain(text)) == text


@pytest.mark.parametrize("code", [0, 0x1B, 0xAD, 0x200B, 0x200F, 0x202E, 0x2066, 0xFEFF, 0xD800, 0xE0041])
def test_what_shows_nothing_or_turns_the_text_is_made_visible(code: int) -> None:
    text = f"a{chr(code)}b"
    assert chr(code) not in show_plain(text)
    assert f"{code:04X}" in texts(show_plain(text))
    assert chr(code) not in clear(text)


def test_marks_and_washes_leave_the_text_as_it_is() -> None:
    text = "one two three four five"
    shown = show(
        text, 4, 18, [Mark(8, 13, "m", 3, "why"), Mark(14, 14, "m", 4, "gone")],
        [Wash(0, 10, "w"), Wash(9, 16, "v"), Wash(14, 99, "w")],
    )  # fmt: skip
    assert texts(shown).replace("∅", "") == "two three four"
    assert 'data-note="4" aria-label="removed"' in shown


def test_a_line_of_a_megabyte_takes_no_more_than_its_size() -> None:
    text = "party cell <b> " * 70_000
    marks = [Mark(at, at + 10, "m", at, "why") for at in range(0, len(text), 150)]
    washes = [Wash(mark.start, mark.end, "w") for mark in marks]
    shown = show(text, 0, len(text), marks, washes)
    assert texts(shown) == text
    assert len(shown) < 4 * len(text)


# -- rows ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text[:20])
def test_rows_cover_every_text_in_order(text: str) -> None:
    pipeline = Pipeline(translator=BracketTranslator(), detector=WordDetector())
    result = pipeline.run(text)
    record = record_of(result)
    way = retrace(result.document.text, record["changes"])
    assert way.output == result.text
    for index, whole in enumerate(way.texts):
        pieces = [whole[slice(*row.spans[index])] for row in cut_rows(way, record["blocks"])]
        assert "".join(pieces) == whole


def test_a_sentence_stands_beside_its_translation(explainer: Explainer) -> None:
    pipeline = Pipeline(
        glossary=OneTermGlossary(), translator=BracketTranslator(), detector=WordDetector()
    )
    shown = view(pipeline.run("Møtet ble hevet på ny. Så gikk vi på møte.\n\nThe end."), explainer)
    rows = [(texts(row.source), row.translated and texts(row.translated)) for row in shown.rows]
    assert [row[0] for row in rows] == ["Møtet ble hevet på ny.", "Så gikk vi på møte.", "The end."]
    assert rows[0][1] == texts(shown.rows[0].output)
    assert rows[2][1] is None
    assert shown.rows[0].correct[0]["source"] == "Møtet ble hevet på ny."
    assert not shown.rows[2].correct


def test_every_change_has_a_mark_and_an_explanation(explainer: Explainer) -> None:
    pipeline = Pipeline(language="en")
    for text in TEXTS:
        result = pipeline.run(text)
        shown = view(result, explainer)
        told = [note for top in shown.notes for note in (top, *top.get("also", ()))]
        made = [c for c in result.changes if c.stage != "translate"]
        assert sorted((n["stage"], n.get("before", "")) for n in told) == sorted(
            (c.stage, clear(c.before)) for c in made
        )
        marks = "".join(row.source + row.output for row in shown.rows).count('class="mark ')
        assert marks == len(shown.notes)


def test_a_rejection_names_a_place_that_holds_the_words(explainer: Explainer) -> None:
    for text in TEXTS:
        for note in view(Pipeline(language="en").run(text), explainer).notes:
            if "reject" in note:
                reject = note["reject"]
                assert reject["context"].startswith(reject["before"], reject["at"])


def test_notes_tell_term_condition_and_provenance(explainer: Explainer) -> None:
    result = Pipeline(language="en").run("The Provincial Party Standing Committee met.")
    (note,) = view(result, explainer).notes
    assert note["term"] == "standing-board-provincial-party-committee"
    assert note["conditions"] == ("not-preceded-by CPC / CCP",)
    about = explainer.term(note["term"])
    assert about is not None
    assert about["name"] == "Standing Board of the Provincial Party Committee"
    assert about["provenance"]
    assert re.fullmatch(r"[a-z-]+\.yaml:\d+", about["where"])
    assert explainer.term("no-such-term") is None


def test_every_rule_has_words() -> None:
    from typing import get_args

    from normalise.data import ChangeRule, FlagRule

    assert set(RULES) == set(get_args(ChangeRule))
    assert set(FLAGS) == set(get_args(FlagRule))


def test_documents_of_every_format_are_shown(tmp_path: Path, glossary: Glossary, explainer: Explainer) -> None:
    shutil.copytree(SAMPLES, tmp_path / "in", ignore=shutil.ignore_patterns("expected"))
    convert_folder(tmp_path / "in", tmp_path / "out", Settings(use_memory=False))
    written = write_report(tmp_path / "out", glossary)
    assert written.without_source == ()
    formats = set()
    with open_folder(tmp_path / "out") as folder:
        for found in folder.read():
            if found.way is not None:
                formats.add(found.record["format"])
                rows = cut_rows(found.way, found.record["blocks"])
                for index, whole in enumerate(found.way.texts):
                    assert "".join(whole[slice(*row.spans[index])] for row in rows) == whole
    assert {"txt", "md"} < formats


def test_flags_that_were_looked_at_are_ticked(explainer: Explainer) -> None:
    text = "Møtet behold på ny.\n\nMøtet behold på ny."
    pipeline = Pipeline(
        glossary=OneTermGlossary(), translator=BracketTranslator(), detector=WordDetector()
    )
    result = pipeline.run(text)
    (first, second) = result.flags
    seen = CheckedFlag(second.stage, second.rule, second.text, 1)
    shown = view(result, explainer, review=Review((), (seen,)))
    assert [flag.checked for row in shown.rows for flag in row.flags] == [False, True]
    assert first.text == second.text


def test_consistency_is_measured_on_what_the_pipeline_saw(tmp_path: Path, glossary: Glossary) -> None:
    page = "# The party cells\n\n`party cells` met; see https://a.b/party-cells. The party cells met.\n"
    (tmp_path / "a.md").write_text(page, "utf-8")
    convert_folder(tmp_path / "a.md", tmp_path / "out", SETTINGS)
    with open_folder(tmp_path / "out") as folder:
        (found,) = folder.read()
    before, after = english(found)
    assert before.text == page
    assert after.text == (tmp_path / "out" / "a.md").read_text("utf-8")
    for document in (before, after):
        assert "`party cells`" in [document.text[slice(*span)] for span in document.protected]


# -- whole reports -------------------------------------------------------------------------------


@pytest.fixture
def run(tmp_path: Path) -> Path:
    pages_in = tmp_path / "in"
    pages_in.mkdir()
    for name in ("a.txt", "b.txt", "c.txt"):
        (pages_in / name).write_text(f"The party cells met in {name}.\n", "utf-8")
    (pages_in / "bad.txt").write_bytes(b"\xff\xfe\xff\xd8")
    (pages_in / "x.xyz").write_text("no document", "utf-8")
    convert_folder(pages_in, tmp_path / "out", SETTINGS)
    return tmp_path


def test_a_source_that_is_gone_or_changed_is_shown_as_such(run: Path, glossary: Glossary) -> None:
    (run / "in" / "a.txt").unlink()
    (run / "in" / "b.txt").write_text("Something else.", "utf-8")
    written = write_report(run / "out", glossary)
    assert [name for name, _ in written.without_source] == ["a.txt", "b.txt"]
    shown = (run / "out" / "report.html").read_text("utf-8")
    assert "Its source is gone" in shown
    assert "Its source has changed since it was converted" in shown
    assert shown.count("<td><bdi>party cells</bdi></td>") == 2


def test_sources_are_found_where_one_says(run: Path, glossary: Glossary) -> None:
    (run / "in").rename(run / "elsewhere")
    assert len(write_report(run / "out", glossary).without_source) == 3
    again = write_report(run / "out", glossary, source=run / "elsewhere")
    assert again.without_source == ()


def test_the_same_run_gives_the_same_report(run: Path, glossary: Glossary) -> None:
    first = write_report(run / "out", glossary).files[0].read_bytes()
    assert write_report(run / "out", glossary).files[0].read_bytes() == first


def test_failed_documents_are_listed_with_their_remedy(run: Path, glossary: Glossary) -> None:
    shown = write_report(run / "out", glossary).files[0].read_text("utf-8")
    assert "bad.txt" in shown
    assert "remedy:" in shown
    assert "Skipped: 1 file;" in shown


def test_large_runs_are_split_and_a_shorter_one_leaves_nothing_stale(
    run: Path, glossary: Glossary, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(pages, "MOST_DOCUMENTS", 1)
        files = write_report(run / "out", glossary).files
    assert [path.name for path in files] == ["report.html", "0001.html", "0002.html", "0003.html"]
    overview = files[0].read_text("utf-8")
    assert 'href="report-pages/0002.html#d2"' in overview
    middle = files[2].read_text("utf-8")
    assert 'href="0001.html"' in middle
    assert 'href="0003.html"' in middle
    assert 'href="../report.html"' in middle
    assert "0004.html" not in files[3].read_text("utf-8")
    write_report(run / "out", glossary)
    assert list((run / "out" / "report-pages").iterdir()) == []


def test_a_long_document_is_split_into_parts(
    tmp_path: Path, glossary: Glossary, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "".join(f"The party cells met on day {day}.\n\n" for day in range(60))
    (tmp_path / "long.txt").write_text(text, "utf-8")
    convert_folder(tmp_path / "long.txt", tmp_path / "out", SETTINGS)
    monkeypatch.setattr(pages, "MOST_CHARACTERS", 20_000)
    files = write_report(tmp_path / "out", glossary).files[1:]
    assert len(files) > 1
    shown = [path.read_text("utf-8") for path in files]
    days = [int(day) for page in shown for day in re.findall(r"on day (\d+)\.</div>\n +</div>", page)]
    assert len(re.findall(r"class=\"mark ", "".join(shown))) == 60
    assert days == sorted(days)
    for page in shown:
        data = json.loads(re.search(r'class="data">(.*?)</script>', page)[1])  # type: ignore[index]
        numbers = [int(n) - data["first"] for n in re.findall(r'data-note="(\d+)"', page)]
        assert numbers == list(range(len(data["notes"])))


def test_a_page_holds_only_its_own_script_whatever_a_text_says(tmp_path: Path, glossary: Glossary) -> None:
    name = "</script><script>alert(1)</script>"
    (tmp_path / "in" / name).parent.mkdir(parents=True)
    (tmp_path / "in" / f"{name}.txt").write_text("The '</script><script>alert(2)' party cells met.", "utf-8")
    convert_folder(tmp_path / "in", tmp_path / "out", SETTINGS)
    shown = write_report(tmp_path / "out", glossary).files[0].read_text("utf-8")
    scripts = re.findall(r"<script[^>]*>", shown)
    assert [tag for tag in scripts if "application/json" not in tag] == ["<script>"]
    assert "alert(1)</script>" not in shown
    assert "alert(2)" in html.unescape(shown)


def test_a_report_never_replaces_an_output(run: Path, glossary: Glossary) -> None:
    with pytest.raises(InputError, match="would replace the output"):
        write_report(run / "out", glossary, output=run / "out" / "a.txt")
    (run / "in" / "report.html").write_text("<p>The party cells met.</p>", "utf-8")
    convert_folder(run / "in", run / "out", SETTINGS)
    with pytest.raises(InputError, match="would replace the output"):
        write_report(run / "out", glossary)


def test_a_folder_without_an_audit_is_refused(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["report", str(tmp_path)])
    assert result.exit_code == 1
    assert "this folder has no records of a run" in result.output


def test_decisions_about_flags_are_read(run: Path, glossary: Glossary) -> None:
    write_reviews(run / "out", {"a.txt": Review()})
    assert write_report(run / "out", glossary).documents == 4


def test_the_report_is_made_while_sources_are_read_with_their_encoding(
    tmp_path: Path, glossary: Glossary
) -> None:
    (tmp_path / "a.txt").write_bytes("Les cafés. The party cells met.\r\n".encode("cp1252"))
    reading = Reading("cp1252")
    convert_folder(tmp_path / "a.txt", tmp_path / "out", SETTINGS, reading=reading)
    assert write_report(tmp_path / "out", glossary).without_source == ()


def test_replaced_documents_keep_their_exemptions_in_view(explainer: Explainer) -> None:
    from normalise.data import Exemption
    from normalise.formats import read_text

    document = replace(read_text("The party cells met."), exemptions=(Exemption("standardise", "party cells"),))
    assert view(Pipeline(language="en").run(document), explainer).notes == []
