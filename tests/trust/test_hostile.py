"""Inputs made to harm: files that reach for other files, and small ones that would grow huge."""

from __future__ import annotations

from pathlib import Path

import pytest

from normalise.errors import GlossaryError, TranslationMemoryError
from normalise.formats import txt
from normalise.glossary import Glossary
from normalise.glossary.source.schema import FurnitureRule
from normalise.memory.store import Memory
from normalise.memory.tmx import import_tmx
from normalise.stages.furniture import FurnitureRemover

TMX = (Path(__file__).parent / "data" / "memory.tmx").read_text("utf-8")
DOCTYPE = '<!DOCTYPE tmx SYSTEM "tmx14.dtd">'


def import_text(text: str, folder: Path) -> list[str]:
    """Everything that a TMX file brings into a memory."""
    (folder / "memory.tmx").write_text(text, "utf-8")
    memory = Memory(folder / "memory.sqlite")
    import_tmx(memory, folder / "memory.tmx")
    found = [f"{c.source} {c.target} {c.author}" for c in memory.corrections()]
    memory.close()
    return found


def test_a_tmx_cannot_reach_for_files(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hidden words")
    reaching = TMX.replace(DOCTYPE, f'<!DOCTYPE tmx [<!ENTITY x SYSTEM "{secret.as_uri()}">]>')
    found = import_text(reaching.replace("The meeting", "The &x; meeting"), tmp_path)
    assert found
    assert "hidden" not in "".join(found)


def test_a_tmx_cannot_grow(tmp_path: Path) -> None:
    levels = "".join(f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10))
    bomb = TMX.replace(DOCTYPE, f'<!DOCTYPE tmx [<!ENTITY a0 "{"x" * 50}">{levels}]>')
    with pytest.raises(TranslationMemoryError):
        import_text(bomb.replace("The meeting", "The &a9; meeting"), tmp_path)


def test_a_glossary_cannot_grow(tmp_path: Path) -> None:
    levels = "".join(f"  - &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]\n" for i in range(1, 10))
    bomb = tmp_path / "bomb.yaml"
    bomb.write_text(
        "schema: 1\ntopic: T\nterms:\n- id: one\n  preferred: One\n  tags:\n"
        f"  - &a0 [{', '.join('x' * 10)}]\n{levels}"
    )
    with pytest.raises(GlossaryError, match="tags must be text"):
        Glossary.load([bomb], cache=False)


def test_a_pattern_cannot_take_for_ever() -> None:
    rule = FurnitureRule(id="slow", reason="a trap", pattern="(a|a|aa)+(a+)+b")
    page = txt.parse("A line.\n" + "a" * 5_000 + "\nAnother line.")
    _, left = FurnitureRemover((rule,)).remove(page)  # a backtracking engine would never return
    assert left.text == page.text
