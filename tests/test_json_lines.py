"""JSON lines through the program: one for one, whatever a line holds, in a live pipe."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from threading import Timer
from typing import Any
from urllib.parse import unquote

import pytest
from click.testing import CliRunner
from stand_ins import BracketTranslator, OneTermGlossary, WordDetector

from normalise import audit
from normalise.cli import main
from normalise.data import Document
from normalise.formats.json_lines import dump_line, split_lines
from normalise.pipeline import Pipeline

GOOD = b'{"id": 1, "text": "A party cell met."}'
BREAKS = "\u0085\u2028\u2029"
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def stand_ins(monkeypatch: pytest.MonkeyPatch) -> None:
    def build(settings: Any) -> Pipeline:
        parts = {"language": settings.language, "languages": settings.languages}
        return Pipeline(
            glossary=OneTermGlossary(), translator=BracketTranslator(), detector=WordDetector(),
            **parts,
        )  # fmt: skip

    monkeypatch.setattr("normalise.pipeline.build_pipeline", build)


def convert(*lines: bytes, options: tuple[str, ...] = ()) -> tuple[int, list[Any]]:
    """The exit code, and the records written; one for each line, whatever happens."""
    arguments = ["text", "--jsonl", *options]
    result = CliRunner().invoke(main, arguments, input=b"\n".join(lines))
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.stderr
    return result.exit_code, [json.loads(line) for line in result.stdout_bytes.splitlines()]


def test_what_is_ours_stands_under_one_key() -> None:
    given = {"status": "new", "flags": [1], "language": "x", "text": "A party cell met.", "n": 2}
    code, (record,) = convert(json.dumps(given).encode())
    ours = record.pop("normalise")
    assert code == 0
    assert record == given | {"text": "A Party cell met."}
    assert list(record) == list(given)
    assert ours["status"] == "done"
    assert ours["changes"][0]["term"] == "party-cell"
    assert audit.replay_record(given["text"], ours) == record["text"]


def test_members_have_the_names_asked_for() -> None:
    options = ("--text-field", "body", "--out-field", "clean", "--key", "about")
    code, (record,) = convert(b'{"body": "A party cell met.", "text": 1}', options=options)
    assert code == 0
    assert record.pop("about")["status"] == "done"
    assert record == {"body": "A party cell met.", "text": 1, "clean": "A Party cell met."}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"{", "not JSON"),
        (b"[]", "not a JSON object"),
        (b'"text"', "not a JSON object"),
        (b'{"txt": "a"}', "no 'text' in the object"),
        (b'{"text": 5}', "'text' is a number, not a text"),
        (b'{"text": null}', "'text' is null, not a text"),
        (b'{"text": ["a"]}', "'text' is a list, not a text"),
        (b'{"text": "a \\ud83d b"}', "half a surrogate pair (\\ud83d)"),
        (b'{"text": "a", "n": NaN}', "not a number"),
        (b'{"text": "a", "n": 1e999}', "not a number"),
        (b'{"text": "a", "n": ' + b"9" * 5_000 + b"}", "not JSON"),
        (b'{"text": "a", "n": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"text": "a\xff"}', "not UTF-8 (byte 11 of the line)"),
        (b'{"text": "a", "normalise": {}}', "there is already a member 'normalise'"),
    ],
)
def test_a_bad_line_is_answered_and_the_others_go_on(line: bytes, problem: str) -> None:
    code, records = convert(GOOD, line, b"", GOOD)
    assert code == 1
    assert [record.get("text") for record in records] == [
        "A Party cell met.", None, "A Party cell met.",
    ]  # fmt: skip
    assert problem in records[1]["error"]["problem"]
    assert records[1]["error"]["remedy"]
    assert records[1]["line"] == 2


def test_an_error_record_has_the_id() -> None:
    code, (one, other) = convert(b'{"id": "b7", "text": 1}', b'{"key": 8}')
    assert (code, one["id"], one["line"]) == (1, "b7", 1)
    assert "id" not in other
    _, (named,) = convert(b'{"key": 8}', options=("--id-field", "key"))
    assert named["key"] == 8
    half = b'{"id": "\\ud800", "text": 1}'
    assert convert(half)[1][0]["id"] == "\ud800"


def test_a_text_that_breaks_a_stage_fails_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    prepare = Pipeline._prepare

    def break_off(self: Pipeline, given: str | Document) -> Any:
        if isinstance(given, Document) and "sprukket" in given.text:
            raise IndexError("list index out of range")
        return prepare(self, given)

    monkeypatch.setattr(Pipeline, "_prepare", break_off)
    code, records = convert(GOOD, b'{"id": 2, "text": "sprukket"}', GOOD)
    assert (code, records[1]["id"], records[1]["line"]) == (1, 2, 2)
    assert "IndexError" in records[1]["error"]["problem"]
    assert records[0]["text"] == records[2]["text"] == "A Party cell met."


def test_markdown_is_honoured() -> None:
    line = json.dumps({"text": "A `party cell` is no party cell.\r\n"}).encode()
    assert convert(line)[1][0]["text"] == "A `Party cell` is no Party cell.\n"
    (record,) = convert(line, options=("--markdown",))[1]
    assert record["text"] == "A `party cell` is no Party cell.\n"


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-16-le", "utf-8-sig"])
def test_the_encoding_is_honoured(encoding: str) -> None:
    lines = '{"text": "Møte – nå."}\n{"text": "A party cell."}\n'.encode(encoding)
    code, records = convert(lines, options=("--encoding", encoding))
    assert code == 0
    assert [record["text"] for record in records] == ["[Mote - na.]", "A Party cell."]


def test_an_unknown_encoding_is_one_line() -> None:
    result = CliRunner().invoke(main, ["text", "--jsonl", "--encoding", "utf-99"], input=GOOD)
    assert result.exit_code == 1
    assert "there is no encoding called utf-99" in result.stderr


def test_languages_are_given_for_all_or_line_by_line() -> None:
    lines = (b'{"text": "party", "lang": "no"}', b'{"text": "party", "lang": null}')
    _, records = convert(*lines, options=("--language-field", "lang"))
    assert [record["text"] for record in records] == ["[party]", "party"]
    assert [record["normalise"]["language"]["code"] for record in records] == ["nb", "en"]
    assert convert(GOOD, options=("--language", "nb"))[1][0]["normalise"]["packages"]
    code, (record,) = convert(b'{"text": "a", "lang": "?"}', options=("--language-field", "lang"))
    assert (code, record["error"]["problem"]) == (1, "'?' is not a language code")


def test_no_reader_takes_one_line_for_two(tmp_path: Path) -> None:
    line = json.dumps({"text": f"a{BREAKS}b", "kept": BREAKS}, ensure_ascii=False).encode()
    result = CliRunner().invoke(main, ["text", "--jsonl"], input=line)
    assert len(result.stdout.splitlines()) == 1
    assert json.loads(result.stdout)["kept"] == BREAKS
    page = tmp_path / f"page{BREAKS}.txt"
    page.write_text("words", "utf-8")
    result = CliRunner().invoke(main, ["detect", "--json", str(page)])
    assert len(result.stdout.splitlines()) == 1
    name = f"a{BREAKS}.txt"
    written = audit.describe_failure(name.encode(), f"broken{BREAKS}", "mend it").decode()
    assert len(written.splitlines()) == 1
    # An audit of an earlier version holds them as they are.
    old = json.dumps({"path": name}, ensure_ascii=False) + "\n" + written
    first, second = audit.read_audit(old)
    assert first["path"] == unquote(second["raw_path"]) == name


def test_a_line_is_dumped_and_read_back() -> None:
    value = {"text": f"half \ud800, breaks {BREAKS}, \\u2028 written out, \x0b\x1c"}
    line = dump_line(value)
    line.encode("utf-8")
    assert json.loads(line) == value
    assert len(line.splitlines()) == 1
    assert list(split_lines(line + "\n" + line)) == [line[:-1], line[:-1]]


def test_an_answer_comes_while_the_input_stays_open() -> None:
    glossary = ROOT / "tests" / "data" / "engine.yaml"
    command = [
        sys.executable, "-m", "normalise", "text", "--jsonl", "--no-memory", "--glossary", glossary
    ]  # fmt: skip
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, env=os.environ
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        watch = Timer(120, process.kill)  # so that a broken pipe fails instead of hanging
        watch.start()
        for number in range(3):
            line = json.dumps({"id": number, "text": f"Page {number} is about the meeting."})
            process.stdin.write(line.encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == number
        process.stdin.close()
        assert process.stdout.read() == b""
        assert process.wait() == 0
        watch.cancel()


def test_results_are_the_same_however_lines_arrive() -> None:
    lines = [json.dumps({"text": f"Møte {n} på bygda."}).encode() for n in range(30)]
    together = convert(*lines)[1]
    assert together == [convert(line)[1][0] for line in lines]
