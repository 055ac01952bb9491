"""Reading glossary files: YAML to checked values, with file and line for every mistake."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
from normalise.glossary.source.yaml_text import (
    construct,
    find_duplicates,
    line_of,
    parse_yaml,
)

if TYPE_CHECKING:
    from normalise.glossary.source.unfold import Shared

# The key that shows the kind of a file.
_KINDS: dict[str, Any] = {
    "terms": TermFile,
    "places": PlaceFile,
    "document-types": CitationFile,
    "furniture": FurnitureFile,
    "version": Manifest,
}


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """One glossary file: where it is, its text and its checked value."""

    path: Path
    text: str
    value: AnyFile
    node: Any = field(compare=False, repr=False)  # with patterns and named conditions unfolded

    def lines(self, key: str) -> list[int]:
        """The lines (from 1) on which the items of a top-level list begin."""
        items = next(value for name, value in self.node.value if name.value == key)
        return [line_of(item) for item in items.value]


def shipped_folder() -> Path:
    """The folder with the glossaries that come with the program."""
    package = Path(__file__).resolve().parents[2]
    inside = package / "glossaries"
    return inside if inside.is_dir() else package.parent / "glossaries"


def find_folder() -> Path:
    """The folder of glossaries to read if none is given.

    The nearest ``glossaries`` with a ``manifest.yaml``, from the current folder upwards, so that in
    a checkout the files being edited are used; otherwise those that come with the program.
    """
    return find_working_folder() or shipped_folder()


def find_working_folder() -> Path | None:
    """The folder of glossaries that someone is working on here: the nearest one; None without."""
    try:
        here = Path.cwd()
    except OSError:  # the current folder was removed
        return None
    for folder in (here, *here.parents):
        found = folder / "glossaries"
        if (found / "manifest.yaml").is_file():
            return Path("glossaries") if folder == here else found
    return None


def list_files(paths: Sequence[Path | str] | None) -> tuple[Path, ...]:
    """The YAML files in the given folders and files, in a stable order; see `find_folder` for none.

    Raises:
        GlossaryError: A path does not exist, or there is no YAML file.
    """
    roots = [Path(path) for path in paths] if paths else [find_folder()]
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
                remedy="give a .yaml file or a folder of them",
            )
    if not files:
        raise GlossaryError(
            "no .yaml file here",
            where=", ".join(map(str, roots)),
            remedy="give a folder with glossary files",
        )
    return tuple(dict.fromkeys(files))


def digest_files(files: Iterable[Path]) -> str:
    """SHA-256 of names and contents, which identifies a set of glossary files."""
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
    files = list_files(paths)
    shared = find_shared(files)
    return tuple(read_file(path, shared) for path in files)


def find_shared(files: Iterable[Path]) -> Shared:
    """What the manifest among some files stores for the others; nothing if it cannot be read."""
    from normalise.glossary.source.unfold import Shared, read_shared

    for path in files:
        try:
            text = _read_text(path)
            shared = read_shared(parse_yaml(text, str(path))[1]) if "version:" in text else None
        except GlossaryError:
            continue  # whoever reads the file itself reports what is wrong
        if shared is not None:
            return shared
    return Shared()


def read_file(path: Path, shared: Shared | None = None) -> ParsedFile:
    """Read one file (see `read_files`); ``shared`` is what the manifest stores for it."""
    file, errors = inspect_file(path, shared)
    if file is None:
        more = f"; {len(errors) - 1} more in this file" if len(errors) > 1 else ""
        raise GlossaryError(
            errors[0].problem, where=errors[0].where, remedy=errors[0].remedy + more
        )
    return file


def inspect_file(
    path: Path, shared: Shared | None = None
) -> tuple[ParsedFile | None, tuple[GlossaryError, ...]]:
    """Read one file, and find everything wrong with it, each mistake with its line.

    ``shared`` is what the manifest stores for it (see `find_shared`).
    """
    try:
        text = _read_text(path)
    except GlossaryError as error:
        return None, (error,)
    return inspect_text(text, path, shared)


def inspect_text(
    text: str, path: Path, shared: Shared | None = None
) -> tuple[ParsedFile | None, tuple[GlossaryError, ...]]:
    """Read the text of a file, as `inspect_file` does; ``path`` is for messages."""
    from normalise.glossary.source.unfold import Shared, unfold

    try:
        raw, node = parse_yaml(text, str(path))
        kind = _find_kind(raw, path)
        unfolded = unfold(node, shared or Shared(), str(path))
    except GlossaryError as error:
        return None, (error,)
    twice = [
        GlossaryError(
            f"the key {key!r} is used twice: here and on line {first}",
            where=f"{path}:{line}",
            remedy="keep one, or merge the two",
        )
        for key, first, line in find_duplicates(node)
    ]
    try:
        value: AnyFile = msgspec.convert(
            raw if unfolded is node else construct(unfolded), kind
        )
    except msgspec.ValidationError as error:
        return None, (*twice, *_explain(str(error), unfolded, kind, path))
    return (None, tuple(twice)) if twice else (ParsedFile(path, text, value, unfolded), ())


def _read_text(path: Path) -> str:
    content = _read_bytes(path)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise GlossaryError(
            f"not UTF-8 at byte {error.start}", where=str(path), remedy="save the file as UTF-8"
        ) from None


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise GlossaryError(
            f"cannot be read: {error.strerror}", where=str(path), remedy="check its permissions"
        ) from None


def _find_kind(raw: object, path: Path) -> Any:
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
    return kind


def _explain(told: str, node: Any, kind: Any, path: Path) -> Iterator[GlossaryError]:
    """All mistakes in a file; ``told`` is the one that msgspec found, in case there is no other."""
    from normalise.glossary.source.mistakes import Mistake, find_mistakes

    mistakes = find_mistakes(node, kind) or [Mistake(told, 1, "see docs/glossaries.md")]
    # Every level of a pattern repeats its mistakes, under another id.
    once = {(one.line, one.problem.split(": ", 1)[-1]): one for one in reversed(mistakes)}
    for mistake in reversed(once.values()):
        yield GlossaryError(
            mistake.problem, where=f"{path}:{mistake.line}", remedy=mistake.remedy
        )


def load_furniture(paths: Sequence[Path] | None = None) -> tuple[FurnitureRule, ...]:
    """The rules in the given glossaries; the shipped ones if there are none.

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
