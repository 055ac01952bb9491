"""What was decided in a report is carried out: each decision alone, none lost, none twice."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from normalise.batch.convert import convert_folder
from normalise.batch.records import lock
from normalise.cli import main
from normalise.glossary import Glossary
from normalise.memory.reviews import read_reviews
from normalise.memory.store import Memory
from normalise.report.document import view_document
from normalise.report.explain import Explainer
from normalise.report.folder import Found, open_folder
from normalise.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
TEXT = "The city has 61 party cells. The party branches met.\n"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with pages that were converted, and a working copy of the glossaries."""
    shutil.copytree(ROOT / "glossaries", tmp_path / "glossaries")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text(TEXT, "utf-8")
    (tmp_path / "in" / "nb.txt").write_text("Møtet ble avsluttet på fredag.\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    convert(tmp_path)
    return tmp_path


def convert(place: Path) -> Any:
    settings = Settings(memory=place / "memory.sqlite", glossaries=(place / "glossaries",))
    return convert_folder(place / "in", place / "out", settings)


def find(place: Path, name: str) -> Found:
    with open_folder(place / "out") as folder:
        return next(found for found in folder.read() if found.record["path"] == name)


def rejections(place: Path, name: str = "a.txt") -> list[dict[str, Any]]:
    """What the report offers to reject in a document."""
    explainer = Explainer(Glossary.load([place / "glossaries"]))
    found = find(place, name)
    assert found.way is not None
    notes = view_document(found.record, found.way, explainer).notes
    return [{"kind": "reject", "path": name, **note["reject"]} for note in notes if "reject" in note]


def correction(place: Path, text: str = "They rose on Friday.") -> dict[str, Any]:
    found = find(place, "nb.txt")
    (change,) = [c for c in found.record["changes"] if c["stage"] == "translate"]
    return {
        "kind": "correct", "path": "nb.txt", "language": found.record["language"]["code"],
        "source": change["before"], "translation": change["after"], "correction": text,
    }  # fmt: skip


def apply(place: Path, *decisions: dict[str, Any], more: tuple[str, ...] = ()) -> Result:
    file = place / "decisions.json"
    content = {"normalise": "decisions", "version": 1, "run": "x", "decisions": decisions}
    file.write_text(json.dumps(content), "utf-8")
    arguments = [str(file), "out", "--memory", str(place / "memory.sqlite"), *more]
    return CliRunner().invoke(main, ["review", "apply", *arguments])


def test_a_rejected_change_is_not_made_again_and_only_there(place: Path) -> None:
    first, second = rejections(place)
    assert second["before"] == "party branches"
    result = apply(place, second)
    assert result.exit_code == 0, result.output
    assert "done: a.txt: 'party branches' stays in this document" in result.output
    summary = convert(place)
    assert summary.unchanged == 1
    assert (place / "out" / "a.txt").read_text("utf-8") == TEXT.replace("party cells", "Party cells")
    assert [one["before"] for one in rejections(place)] == [first["before"]]


def test_applying_twice_does_nothing_new(place: Path) -> None:
    decisions = [*rejections(place), correction(place)]
    assert apply(place, *decisions).output.count("done: ") == 3
    review = (place / "out" / "review.json").read_bytes()
    again = apply(place, *decisions)
    assert again.exit_code == 0
    assert again.output.count("was so already: ") == 3
    assert (place / "out" / "review.json").read_bytes() == review
    convert(place)  # the changes are gone from the audit now, and the decisions are still so
    assert apply(place, *decisions).output.count("was so already: ") == 3


def test_a_corrected_sentence_is_used_by_the_next_run(place: Path) -> None:
    result = apply(place, correction(place), more=("--author", "Ana"))
    assert result.exit_code == 0, result.output
    (kept,) = Memory(place / "memory.sqlite").corrections()
    assert (kept.target, kept.author) == ("They rose on Friday.", "Ana")
    convert(place)
    assert (place / "out" / "nb.txt").read_text("utf-8") == "They rose on Friday.\n"


def test_an_accepted_suggestion_becomes_a_variant(place: Path) -> None:
    result = apply(place, {"kind": "accept", "term": "party-cell", "form": "Party celle"})
    assert result.exit_code == 0, result.output
    assert "'Party celle' is a variant (grassroots.yaml)" in result.output
    term = Glossary.load([place / "glossaries"]).term("party-cell")
    assert term.variants[-1] == "Party celle"
    assert CliRunner().invoke(main, ["glossary", "check", "--quiet"]).exit_code == 0
    text = Glossary.load([place / "glossaries"]).apply("The Party celle met.").text
    assert text == "The Party cell met."


def test_a_proposal_is_a_sentence_that_the_check_asks_for(place: Path) -> None:
    _, second = rejections(place)
    result = apply(place, {**second, "propose": True})
    assert result.exit_code == 0, result.output
    term = Glossary.load([place / "glossaries"]).term(second["term"])
    assert term.keeps[-1] == "The party branches met."
    checked = CliRunner().invoke(main, ["glossary", "check", "--quiet"])
    assert checked.exit_code == 1
    assert "must stay" in checked.output


def test_only_a_working_glossary_is_written_to(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.rmtree(place / "glossaries")
    before = {path: path.read_bytes() for path in (ROOT / "glossaries").iterdir()}
    accept = {"kind": "accept", "term": "party-cell", "form": "Party celle"}
    result = apply(place, accept, correction(place))
    assert result.exit_code == 1
    assert "there is no working folder of glossaries here" in result.output
    assert "1 done, 0 as before, 1 not done" in result.output
    assert {path: path.read_bytes() for path in (ROOT / "glossaries").iterdir()} == before
    shutil.copytree(ROOT / "glossaries", place / "ours")
    assert apply(place, accept, more=("--glossary", "ours")).exit_code == 0


def test_flags_are_ticked_and_only_once(place: Path) -> None:
    (place / "in" / "vi.txt").write_text("Chi bộ thôn đã họp và bầu bí thư chi bộ mới.\n", "utf-8")
    convert(place)
    flag = find(place, "vi.txt").record["flags"][0]
    check = {"kind": "check", "path": "vi.txt", "number": 0,
             **{key: flag[key] for key in ("stage", "rule", "text")}}  # fmt: skip
    assert apply(place, check).exit_code == 0
    (kept,) = read_reviews(place / "out")["vi.txt"].checked
    assert kept.text == flag["text"]
    result = apply(place, {**check, "number": 1})
    assert result.exit_code == 1
    assert "the flag is not raised any more" in result.output


def test_what_does_not_fit_any_more_is_listed_and_the_rest_is_done(place: Path) -> None:
    first, second = rejections(place)
    gone = {**first, "path": "gone.txt"}
    other = {**first, "after": "something else"}
    damaged = {**first, "at": 999}
    unknown = {"kind": "accept", "term": "no-such-term", "form": "x y"}
    empty = correction(place, "  ")
    result = apply(place, gone, other, damaged, unknown, empty, second)
    assert result.exit_code == 1
    for why in ("no such document", "is not made any more", "the decision is damaged",
                "no term 'no-such-term'", "may be empty"):  # fmt: skip
        assert why in result.output
    assert "1 done, 0 as before, 5 not done" in result.output
    assert len(read_reviews(place / "out")["a.txt"].exemptions) == 1
    assert "gone.txt" not in read_reviews(place / "out")


def test_what_was_done_can_be_read_by_programs(place: Path) -> None:
    result = apply(place, correction(place), more=("--json",))
    told = json.loads(result.output)
    assert len(told["done"]) == 1
    assert told["failed"] == []
    assert told["files"] == [str(place / "memory.sqlite")]


def test_several_files_are_applied_together(place: Path) -> None:
    first, second = rejections(place)
    for name, decision in (("1.json", first), ("2.json", second)):
        content = {"normalise": "decisions", "version": 1, "decisions": [decision, first]}
        (place / name).write_text(json.dumps(content), "utf-8")
    result = CliRunner().invoke(main, ["review", "apply", "1.json", "2.json", "out"])
    assert "2 done, 0 as before, 0 not done" in result.output


@pytest.mark.parametrize(
    "content",
    ["", "[]", '{"normalise": "decisions", "version": 2, "decisions": []}',
     '{"normalise": "decisions", "version": 1, "decisions": [{"kind": "delete"}]}'],
)  # fmt: skip
def test_a_file_that_is_none_is_one_clear_error(place: Path, content: str) -> None:
    (place / "x.json").write_text(content, "utf-8")
    result = CliRunner().invoke(main, ["review", "apply", "x.json", "out"])
    assert result.exit_code == 1
    assert "not a file of decisions" in result.output


def test_nothing_is_decided_while_a_run_writes_there(place: Path) -> None:
    first, _ = rejections(place)
    with lock.hold(place / "out"):
        result = apply(place, first)
    assert result.exit_code == 1
    assert "a run is writing into this folder" in result.output
