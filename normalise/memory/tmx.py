"""The translation memory as TMX, the exchange format of translation tools."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from normalise.errors import TranslationMemoryError
from normalise.files import AtomicFile
from normalise.language.codes import canonical_code
from normalise.memory.store import Correction, Memory

_ENGINE = "normalise: engine "
_PERSON = "normalise: correction"


def export_tmx(memory: Memory, path: Path, *, corrections_only: bool = False) -> int:
    """Write the memory to a TMX file, atomically; returns the number of units.

    If a person has corrected a sentence, its machine translation is left out. Machine translations
    carry a note by which `import_tmx` recognises them as long as nobody edits them.
    """
    from translate.storage.tmx import tmxfile

    file: Any = tmxfile(sourcelanguage="*all*")
    corrected = set()
    count = 0
    for c in memory.corrections():
        corrected.add((c.from_code, c.to_code, c.source))
        note = f"{_PERSON} by {c.author}" if c.author else _PERSON
        file.addtranslation(c.source, c.from_code, c.target, c.to_code, note)
        count += 1
    if not corrections_only:
        for entry in memory.entries():
            if (entry.from_code, entry.to_code, entry.source) in corrected:
                continue
            note = _ENGINE + _check(entry.source, entry.target)
            file.addtranslation(entry.source, entry.from_code, entry.target, entry.to_code, note)
            count += 1
    with AtomicFile(path) as out:
        file.serialize(out)
    return count


def import_tmx(memory: Memory, path: Path, *, author: str = "") -> tuple[int, int]:
    """Import the translations in a TMX file as corrections.

    Machine translations that this program exported and nobody edited are skipped.

    Args:
        memory: Where the corrections go.
        path: The TMX file.
        author: Who vouches for them, if the file does not say.

    Returns:
        How many corrections were imported, and how many units were skipped.

    Raises:
        TranslationMemoryError: The file is not TMX, or the memory cannot be written.
    """
    from lxml.etree import XMLSyntaxError
    from translate.storage import tmx

    reader: Any = tmx.tmxfile
    try:
        file = reader.parsestring(path.read_bytes())
    except (XMLSyntaxError, AssertionError, ValueError) as error:
        raise TranslationMemoryError(
            f"this is not a TMX file ({error or 'another kind of XML'})",
            where=str(path),
            remedy="export it again as TMX 1.4",
        ) from error
    found = list(_read_units(file, author))
    corrections = [correction for correction in found if correction is not None]
    if corrections:
        memory.correct(corrections)
    return len(corrections), len(found) - len(corrections)


def _read_units(file: Any, author: str) -> Iterator[Correction | None]:
    for unit in file.units:
        texts: dict[str, str] = {}
        for node in unit.getlanguageNodes():
            code = node.get("{http://www.w3.org/XML/1998/namespace}lang") or node.get("lang") or ""
            text = unit.getNodeText(node) or ""
            texts.setdefault(_language(code), text)
        target = texts.pop("en", "")
        if not target.strip() or len(texts) != 1:
            yield None
            continue
        ((code, source),) = texts.items()
        note = unit.getnotes()
        if not source.strip() or note == _ENGINE + _check(source, target):
            yield None
            continue
        by = note.removeprefix(f"{_PERSON} by ") if note.startswith(f"{_PERSON} by ") else author
        yield Correction(code, "en", source, target, by)


def _language(code: str) -> str:
    """The language of a TMX unit as Argos spells it.

    >>> [_language(code) for code in ("nb-NO", "no", "EN-gb", "zh-TW")]
    ['nb', 'nb', 'en', 'zt']
    """
    code = code.replace("_", "-").lower()
    known = canonical_code(code)
    return known if known != code else canonical_code(code.partition("-")[0])


def _check(source: str, target: str) -> str:
    return hashlib.sha256(f"{source}\0{target}".encode()).hexdigest()[:12]
