"""Reading glossary files: YAML to checked values, with file and line for every complaint."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from normalise.errors import GlossaryError
from normalise.glossary.source.schema import (
    AnyFile,
    CitationFile,
    FurnitureFile,
    FurnitureRule,
    Manifest,
    PlaceFile,
    TermFile,
)

# The key that tells the kind of a file.
_KINDS: dict[str, Any] = {
    "terms": TermFile,
    "places": PlaceFile,
    "document-types": CitationFile,
    "furniture": FurnitureFile,
    "version": Manifest,
}

_PATH_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """One glossary file: where it is, its bytes' text and its checked value."""

    path: Path
    text: str
    value: AnyFile

    def lines(self, key: str) -> list[int]:
        """The lines (from 1) on which the items of a top-level list begin."""
        import yaml

        root: Any = yaml.compose(self.text, Loader=_loader())
        items = next(value for name, value in root.value if name.value == key)
        return [int(item.start_mark.line) + 1 for item in items.value]


def shipped_folder() -> Path:
    """The folder of the glossaries that come with the program."""
    package = Path(__file__).resolve().parents[2]
    inside = package / "glossaries"
    return inside if inside.is_dir() else package.parent / "glossaries"


def list_files(paths: Sequence[Path | str] | None) -> tuple[Path, ...]:
    """The YAML files of folders and files given, in a stable order; the shipped ones by default.

    Raises:
        GlossaryError: A path does not exist, or there is no YAML file.
    """
    roots = [Path(path) for path in paths] if paths else [shipped_folder()]
    files: list[Path] = []
    for root in roots:
        if root.is_dir():
            files += sorted(p for p in root.iterdir() if p.suffix in (".yaml", ".yml"))
        elif root.is_file():
            files.append(root)
        else:
            raise GlossaryError(
                "there is no such glossary file or folder",
                where=str(root),
                remedy="name a .yaml file or a folder of them",
            )
    if not files:
        raise GlossaryError(
            "no .yaml file here",
            where=", ".join(map(str, roots)),
            remedy="name a folder that holds glossary files",
        )
    return tuple(dict.fromkeys(files))


def digest_files(files: Iterable[Path]) -> str:
    """SHA-256 over names and contents, the identity of a set of glossary files."""
    digest = hashlib.sha256()
    for file in files:
        content = _read_bytes(file)
        digest.update(f"{file.name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def read_files(paths: Sequence[Path | str] | None = None) -> tuple[ParsedFile, ...]:
    """Read and check glossary files.

    Raises:
        GlossaryError: With file, line, problem and remedy, for the first file that is wrong.
    """
    return tuple(read_file(path) for path in list_files(paths))


def read_file(path: Path) -> ParsedFile:
    """Read one file (see `read_files`)."""
    import yaml

    content = _read_bytes(path)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise GlossaryError(
            f"not UTF-8 at byte {error.start}", where=str(path), remedy="save the file as UTF-8"
        ) from None
    try:
        raw = yaml.load(text, Loader=_loader())
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise GlossaryError(
            f"not valid YAML: {problem}",
            where=f"{path}{line}",
            remedy="quote text that holds ': ', ' #' or starts with a special character",
        ) from None
    return ParsedFile(path, text, _convert(raw, text, path))


def line_of(text: str, steps: Sequence[str | int]) -> int:
    """The line (from 1) of a value in a YAML text; the nearest parent's where it is absent."""
    import yaml

    node = yaml.compose(text, Loader=_loader())
    for step in steps:
        if isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if key.value == step]
            if not found:
                break
            key, node = found[0]
            if step == steps[-1] and isinstance(node, yaml.ScalarNode):
                return int(key.start_mark.line) + 1
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            if step >= len(node.value):
                break
            node = node.value[step]
        else:
            break
    return int(node.start_mark.line) + 1 if node else 1


def _loader() -> Any:
    """PyYAML's safe loader without dates and floats: ``2025-02-01`` and ``1.0`` stay text."""
    import yaml

    global _LOADER
    if _LOADER is None:
        base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        dropped = ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:float")
        resolvers = {
            first: [(tag, pattern) for tag, pattern in rules if tag not in dropped]
            for first, rules in base.yaml_implicit_resolvers.items()
        }
        _LOADER = type("GlossaryLoader", (base,), {"yaml_implicit_resolvers": resolvers})
    return _LOADER


_LOADER: Any = None


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise GlossaryError(
            f"cannot be read: {error.strerror}", where=str(path), remedy="check its permissions"
        ) from None


def _convert(raw: object, text: str, path: Path) -> AnyFile:
    if not isinstance(raw, dict):
        raise GlossaryError(
            "not a glossary file: no keys at the top",
            where=f"{path}:1",
            remedy="begin with 'schema: 1', 'topic: …' and 'terms:'",
        )
    kind = next((kind for key, kind in _KINDS.items() if key in raw), None)
    if kind is None:
        raise GlossaryError(
            "not a glossary file: none of " + ", ".join(f"'{key}:'" for key in _KINDS),
            where=f"{path}:1",
            remedy="see docs/glossaries.md for the kinds of file",
        )
    try:
        value: AnyFile = msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at `")
        steps = _steps(place.rstrip("`"))
        raise GlossaryError(
            f"{message}" + (f" in {_readable(raw, steps)}" if steps else ""),
            where=f"{path}:{line_of(text, steps)}",
            remedy="see docs/glossaries.md; `normalise glossary schema` lets an editor check",
        ) from None
    return value


def _steps(place: str) -> tuple[str | int, ...]:
    steps: list[str | int] = []
    for name, index in _PATH_STEP.findall(place):
        if index == "...":
            break
        steps.append(int(index) if index else name)
    return tuple(steps)


def _readable(raw: object, steps: Sequence[str | int]) -> str:
    """``term party-cell, variants 3``: a place in words a maintainer knows."""
    words: list[str] = []
    value: Any = raw
    for step in steps:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            value = None
        if isinstance(step, int):
            name = value.get("id") or value.get("text") if isinstance(value, dict) else None
            words.append(str(name) if name else str(step + 1))
        else:
            words.append(step)
    return " ".join(words)


def load_furniture(paths: Sequence[Path] | None = None) -> tuple[FurnitureRule, ...]:
    """The rules of the glossaries given; the shipped ones where those hold none.

    Raises:
        GlossaryError: A glossary file cannot be read.
    """
    for chosen in (paths, None):
        rules = tuple(
            rule
            for file in read_files(chosen)
            if isinstance(file.value, FurnitureFile)
            for rule in file.value.furniture
        )
        if rules:
            return rules
    return ()
