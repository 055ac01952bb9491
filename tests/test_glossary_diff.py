"""`diff` shows the sentences that a change to a glossary changes, and nothing else."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from normalise.errors import GlossaryError
from normalise.glossary import Glossary
from normalise.maintain.corpus import Corpus, sentence_spans
from normalise.maintain.diff import Comparison, compare, open_version, show_html, show_text

OLD = """\
schema: 1
topic: Test
terms:
- id: cell
  preferred: Party cell
  variants: [Party branch]
- id: unit
  preferred: Party unit
"""
NEW = OLD.replace("[Party branch]", "[Party branch, Party nucleus]").replace(
    "  preferred: Party unit\n",
    "  preferred: Party unit\n  flags: [{text: team, reason: 'cell or unit?'}]\n",
)
TEXT = """\
The Party branch met on Monday. Nothing was said there about anything else at all.

The <b>Party nucleus</b> grew. The team and the party nuclei were glad of it, and so were the
Party branches.
"""


def glossary(folder: Path, text: str) -> Glossary:
    folder.mkdir(exist_ok=True)
    (folder / "terms.yaml").write_text(text, "utf-8")
    return Glossary.load([folder], cache=False)


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "a.txt").write_text(TEXT, "utf-8")
    (folder / "b.txt").write_text(
        "The weather was fine on most of the days of that week.\n", "utf-8"
    )
    norwegian = "Partiet har mange medlemmer i alle deler av landet, og det vokser hvert år.\n"
    (folder / "c.txt").write_text(norwegian, "utf-8")
    (folder / "notes.json").write_text("{}", "utf-8")
    return Corpus([folder])


@pytest.fixture
def comparison(tmp_path: Path, corpus: Corpus) -> Comparison:
    return compare(glossary(tmp_path / "old", OLD), glossary(tmp_path / "new", NEW), corpus)


def test_only_the_sentences_that_come_out_differently(
    comparison: Comparison, corpus: Corpus
) -> None:
    assert comparison.documents == 2
    assert [(Path(n).name, code) for n, code in corpus.skipped] == [("c.txt", "nb")]
    assert [(d.line, d.terms, d.flags) for d in comparison.differences] == [
        (3, ("cell",), ()),
        (3, ("cell", "unit"), ("+ flag: team (cell or unit?)",)),
    ]
    first, second = comparison.differences
    assert (first.old, first.new) == (
        "The <b>Party nucleus</b> grew.",
        "The <b>Party cell</b> grew.",
    )
    assert "the Party cells were glad" in second.new
    assert {second.old[-12:], second.new[-12:]} == {"Party cells."}


def test_terms_come_with_counts_the_most_changed_first(comparison: Comparison) -> None:
    assert [(term, len(rows)) for term, rows in comparison.by_term()] == [("cell", 2), ("unit", 1)]
    text = show_text(comparison)
    assert text.startswith("2 sentences of 5 in 2 documents come out differently")
    assert "cell: 2 sentences" in text
    assert "unit: 1 sentence\n" in text.replace("\x1b[0m", "")


def test_the_page_escapes_what_documents_say(comparison: Comparison) -> None:
    html = show_html(comparison, "a<b", "new")
    assert "&lt;b&gt;Party" in html
    assert "<b>Party" not in html
    assert "a&lt;b" in html
    assert "<ins>" in html
    assert "http" not in html


def test_the_same_glossary_changes_nothing(tmp_path: Path, corpus: Corpus) -> None:
    same = glossary(tmp_path / "old", OLD)
    assert compare(same, same, corpus).differences == []


def test_sentences_slice_to_their_text(corpus: Corpus) -> None:
    document = next(iter(corpus))
    spans = sentence_spans(document)
    assert document.text[slice(*spans[0])] == "The Party branch met on Monday."


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def test_versions_are_folders_or_git_revisions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = tmp_path / "house"
    (house / "glossaries").mkdir(parents=True)
    file = house / "glossaries" / "terms.yaml"
    file.write_text(OLD, "utf-8")
    git(house, "init")
    git(house, "add", ".")
    git(house, "commit", "-m", "first")
    git(house, "mv", "glossaries", "words")
    (house / "words" / "terms.yaml").write_text(NEW, "utf-8")
    git(house, "commit", "-am", "second")
    monkeypatch.chdir(house)
    for version, text in {"HEAD~1": OLD, "HEAD:words": NEW, "words": NEW}.items():
        with open_version(version) as path:
            assert (path / "terms.yaml").read_text("utf-8") == text
    with pytest.raises(GlossaryError, match="neither a folder nor a git revision"):
        open_version("HEAD").__enter__()


@pytest.mark.parametrize("version", ["no-such-thing", "--output=/tmp/x", "--exec=true"])
def test_a_version_that_is_none_is_said_so(version: str) -> None:
    with pytest.raises(GlossaryError, match="neither a folder nor a git revision"):
        open_version(version).__enter__()
