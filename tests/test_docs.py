"""What the maintainers' documents say is done word for word, in a copy of the glossaries."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from normalise.cli import main

ROOT = Path(__file__).resolve().parent.parent
DOCS = ("docs/glossaries.md", "docs/maintaining.md", "glossaries/CONTRIBUTING.md")

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`((?:normalise \w+|export|import) [^`]+)`")
_MENTIONS = ("normalise glossary new", "normalise glossary explain")  # no steps, only names
# HEAD is a revision; other words in capitals stand for something of the reader's.
_PLACEHOLDER = re.compile(r"\b(?!HEAD\b)[A-Z]{2,}\b")


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The glossaries under version control, and a few pages."""
    if shutil.which("git") is None:
        pytest.skip("no git: `glossary diff HEAD` needs it")
    shutil.copytree(ROOT / "glossaries", tmp_path / "glossaries")
    shutil.copytree(ROOT / "samples" / "english", tmp_path / "pages")
    author = ("-c", "user.name=test", "-c", "user.email=test@example.org")
    for command in (("init", "-q"), ("add", "glossaries"), ("commit", "-q", "-m", "as it is")):
        subprocess.run(["git", *author, *command], cwd=tmp_path, check=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def read_steps(text: str) -> Iterator[tuple[str, str]]:
    """What a document has its reader do, in order: ``sh`` a command, ``yaml`` an entry to write."""
    cursor = 0
    for fence in _FENCE.finditer(text):
        yield from read_spans(text[cursor : fence.start()])
        if fence[1] == "sh":
            lines = fence[2].replace("\\\n", " ").splitlines()
            yield from (("sh", line) for line in lines if line.strip())
        elif fence[1] == "yaml":
            yield "yaml", fence[2]
        cursor = fence.end()
    yield from read_spans(text[cursor:])


def read_spans(prose: str) -> Iterator[tuple[str, str]]:
    for span in _SPAN.finditer(prose):
        command = span[1].replace("\n", " ")
        if not _PLACEHOLDER.search(command) and command not in _MENTIONS:
            prefix = "" if command.startswith("normalise ") else "normalise glossary "
            yield "sh", prefix + command


def run(command: str) -> Result:
    program, *arguments = shlex.split(command)
    assert program == "normalise"
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, f"{command}\n{result.output}{result.exception}"
    return result


@pytest.mark.parametrize("name", DOCS)
def test_every_command_of_a_document_works(name: str, checkout: Path) -> None:
    done: list[str] = []
    entries = 0
    for kind, step in read_steps((ROOT / name).read_text("utf-8")):
        if kind == "sh" and step not in done:
            run(step)
            done.append(step)
        if kind == "yaml" and name == "docs/glossaries.md" and step.startswith("- id: "):
            entries += 1
            add_after(checkout / "glossaries" / "grassroots.yaml", "party-cell", step)
            done.clear()  # what was run before may say something else now
    assert len(done) >= 3
    assert entries == (name == "docs/glossaries.md")
    checked = run("normalise glossary check --quiet")
    assert checked.output == "glossaries: glossaries\n0 errors, 0 warnings\n" or (
        name == "docs/maintaining.md" and "0 errors, " in checked.output
    )


def add_after(file: Path, term: str, entry: str) -> None:
    text = file.read_text("utf-8")
    start = text.index(f"- id: {term}\n")
    end = text.index("\n- id: ", start) + 1
    file.write_text(text[:end] + entry + text[end:], "utf-8")


def test_the_tutorial_begins_and_ends_as_it_says(checkout: Path) -> None:
    before = run('normalise glossary explain "The Party bookshelf opened on Monday."')
    assert "no term is found" in before.stdout
    steps = read_steps((ROOT / "docs" / "glossaries.md").read_text("utf-8"))
    (entry,) = [step for kind, step in steps if kind == "yaml" and step.startswith("- id: ")]
    add_after(checkout / "glossaries" / "grassroots.yaml", "party-cell", entry)
    after = run('normalise glossary explain "The Party bookshelf opened on Monday."')
    assert "The Party bookcase opened on Monday." in after.stdout
    assert "party-bookcase" in run('normalise glossary list "tủ sách đảng"').stdout


def test_the_reference_example_is_sound(checkout: Path) -> None:
    steps = read_steps((ROOT / "docs" / "glossaries.md").read_text("utf-8"))
    (example,) = [step for kind, step in steps if kind == "yaml" and step.startswith("schema: ")]
    (checkout / "example.yaml").write_text(example, "utf-8")
    checked = run("normalise glossary check example.yaml")
    assert checked.output == "glossaries: example.yaml\n0 errors, 0 warnings\n"
