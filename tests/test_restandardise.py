"""When only glossaries have changed, nothing is translated again: the engine's answers are stored."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from normalise.batch.convert import convert_folder
from normalise.files import PRIVATE
from normalise.memory.decodings import Decodings
from normalise.memory.store import Memory
from normalise.settings import Settings
from normalise.translate.engine import Engine

OLD = """\
schema: 1
topic: Cells
terms:
- id: party-cell
  preferred: Party cell
  variants: [party cell, party branch]
  sources: {nb: [particelle]}
- {id: commune, preferred: commune, variants: [municipality], sources: {nb: [kommune]}}
"""
# The English name of a term has changed, there is a new one, and one is gone.
NEW = """\
schema: 1
topic: Cells
terms:
- id: party-cell
  preferred: Party unit
  variants: [party cell, Party cell, party branch]
  sources: {nb: [particelle]}
- {id: meeting, preferred: plenary session, variants: [meeting]}
"""
# Something is asked of translations that nobody has asked before.
ASKING = NEW + "- {id: member, preferred: enrolled cadre, sources: {nb: [medlem]}}\n"
PAGES = {
    "a.txt": "Particellen i kommunen har 14 medlemmer.\n\nMøtet ble holdt i går.\n",
    "b.txt": "Hver particelle i kommunen skal holde et møte i måneden.\n",
    "c.md": "# Partiet\n\nParticellene i kommunene ble vurdert. Partiet har mange medlemmer.\n",
    "d.txt": "MØTE I PARTICELLEN\n\nA party cell met.\n",
}


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    for name, text in PAGES.items():
        (tmp_path / "in" / name).write_text(text, "utf-8")
    return tmp_path / "in"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "cells.yaml").write_text(OLD)
    return Settings((tmp_path / "cells.yaml",), memory=tmp_path / "memory.sqlite", beam=1)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sentences that reach the engine."""
    sentences: list[str] = []
    works = Engine.decode

    def decode(self: Engine, given: Any, *rest: Any) -> Any:
        sentences.extend(given)
        return works(self, given, *rest)

    monkeypatch.setattr(Engine, "decode", decode)
    return sentences


def outputs(out: Path) -> dict[str, bytes]:
    return {name: (out / name).read_bytes() for name in PAGES}


def test_other_glossaries_need_no_engine(
    pages: Path, settings: Settings, asked: list[str], tmp_path: Path
) -> None:
    out, fresh = tmp_path / "out", tmp_path / "fresh"
    convert_folder(pages, out, settings)
    assert asked
    before = outputs(out)
    (tmp_path / "cells.yaml").write_text(NEW)
    asked.clear()
    summary = convert_folder(pages, out, settings)
    assert asked == []
    assert (summary.converted, summary.unchanged) == (4, 0)
    # And what comes out is what the engine would have given.
    convert_folder(pages, fresh, replace(settings, memory=tmp_path / "other.sqlite"))
    assert asked
    assert outputs(out) == outputs(fresh) != before
    assert b"Party unit" in outputs(out)["b.txt"]
    records = [
        [line.rpartition(b'"seconds"')[0] for line in (folder / "audit.jsonl").open("rb")]
        for folder in (out, fresh)
    ]
    assert records[0] == records[1]


def test_only_what_was_never_asked_reaches_the_engine(
    pages: Path, settings: Settings, asked: list[str], tmp_path: Path
) -> None:
    out, fresh = tmp_path / "out", tmp_path / "fresh"
    convert_folder(pages, out, settings)
    (tmp_path / "cells.yaml").write_text(ASKING)
    asked.clear()
    convert_folder(pages, out, settings)
    assert asked
    assert all("medlem" in sentence.lower() for sentence in asked)
    convert_folder(pages, fresh, replace(settings, memory=tmp_path / "other.sqlite"))
    assert outputs(out) == outputs(fresh)


def test_without_a_memory_the_engine_is_asked_again(
    pages: Path, settings: Settings, asked: list[str], tmp_path: Path
) -> None:
    settings = replace(settings, use_memory=False)
    convert_folder(pages, tmp_path / "out", settings)
    (tmp_path / "cells.yaml").write_text(NEW)
    asked.clear()
    convert_folder(pages, tmp_path / "out", settings)
    assert asked
    assert not list(tmp_path.glob("*.sqlite"))
    assert (tmp_path / "out" / PRIVATE).is_dir()


def test_answers_are_pruned_with_the_translations(
    pages: Path, settings: Settings, tmp_path: Path
) -> None:
    convert_folder(pages, tmp_path / "out", settings)
    memory = Memory(settings.memory)
    count = "SELECT COUNT(*) FROM decodings"
    assert memory.read(count)[0][0] > 0
    memory.prune(package="another")
    assert memory.read(count)[0][0] > 0
    memory.prune()
    assert memory.read(count)[0][0] == 0


def test_answers_are_found_again_and_used_today(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "memory.sqlite")
    store = Decodings(memory)
    store.store({b"a": b"1", b"b": b"2"}, "nb_en")
    store.store({b"a": b"other"}, "nb_en")
    assert store.find([b"a", b"b", b"c"]) == {b"a": b"1", b"b": b"2"}
    memory.write("UPDATE decodings SET used=0", [()])
    store.find([b"b"])
    used = dict(memory.read("SELECT key, used FROM decodings"))
    assert used[b"a"] == 0 < used[b"b"]


def test_a_memory_of_an_earlier_version_is_read(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "memory.sqlite")
    memory.write("DROP TABLE decodings", [()])
    assert Decodings(memory).find([b"a"]) == {}
