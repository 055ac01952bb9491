"""What can be set: one value with the same names everywhere, from arguments or from a file."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from normalise.errors import InputError
from normalise.language.spelling.variants import HOUSE

FILE_NAME = "normalise.toml"


@dataclass(frozen=True, slots=True)
class Settings:
    """Options of the pipeline.

    ``glossaries`` are files or folders (the nearest ones if empty); ``memory`` is the file of the
    translation memory (the user's own if None) and ``use_memory`` whether to use one; ``beam`` is
    the engine's beam size (its default if 0); ``device`` is ``cpu`` or ``cuda``; ``threads`` are
    for the engine (all cores this process may use if 0). ``language`` is that of all documents
    (detected if empty), ``languages`` the only ones to detect (all if empty). ``spelling`` is that
    of the English written: ``en-GB``, ``en-GB-oxendict``, ``en-US`` or ``keep``.

    The names are those of ``normalise.toml`` and of ``[tool.normalise]`` in ``pyproject.toml``; the
    command line has the same with hyphens (``--glossary``, ``--no-memory`` for ``use_memory``).

    >>> Settings(beam=2).languages
    ()
    """

    glossaries: tuple[Path, ...] = ()
    strip_furniture: bool = False
    use_memory: bool = True
    memory: Path | None = None
    beam: int = 0
    device: str = "cpu"
    threads: int = 0
    language: str = ""
    languages: tuple[str, ...] = ()
    spelling: str = HOUSE

    @classmethod
    def load(cls, path: Path | str | None = None, **given: Any) -> Settings:
        """Settings from a file, and arguments that take precedence over it.

        Args:
            path: A TOML file; by default the nearest one (see ``find_settings``), if there is any.
            given: Settings by their names.

        Raises:
            InputError: The file cannot be read, or says something that cannot be set.
        """
        found = Path(path) if path is not None else find_settings()
        return _convert({**(read_settings(found) if found else {}), **given}, "")


def find_settings(folder: Path | None = None) -> Path | None:
    """The nearest file with settings, from a folder (the current one) upwards.

    That is a ``normalise.toml``, or a ``pyproject.toml`` with a table ``[tool.normalise]``.
    """
    start = (folder or Path.cwd()).absolute()
    for here in (start, *start.parents):
        if (own := here / FILE_NAME).is_file():
            return own
        project = here / "pyproject.toml"
        if project.is_file() and _read_table(project) is not None:
            return project
    return None


def read_settings(path: Path) -> dict[str, Any]:
    """The settings that a file gives, by name; paths in it are relative to its folder.

    Raises:
        InputError: It cannot be read, is not TOML, or says something that cannot be set.
    """
    table = _read_table(path)
    if table is None:
        raise InputError(
            "there is no table [tool.normalise]", where=str(path), remedy="add one, or use "
            f"a file called {FILE_NAME}"
        )  # fmt: skip
    plain = {name.replace("-", "_"): value for name, value in table.items()}
    known = [field.name for field in fields(Settings)]
    for name in plain:
        if name not in known:
            likely = get_close_matches(name, known, 1)
            hint = f"did you mean {likely[0]!r}?" if likely else f"known: {', '.join(known)}"
            raise InputError(f"there is no setting {name!r}", where=str(path), remedy=hint)
    settings = _convert(plain, str(path))
    found = {name: getattr(settings, name) for name in plain}
    if "glossaries" in found:
        found["glossaries"] = tuple(
            path.parent / glossary.expanduser() for glossary in found["glossaries"]
        )
    if found.get("memory"):
        found["memory"] = path.parent / found["memory"].expanduser()
    return found


def _read_table(path: Path) -> dict[str, Any] | None:
    """The table of settings in a file; None for a ``pyproject.toml`` without one."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    content: dict[str, Any]
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(
            f"cannot be read ({error.strerror})", where=str(path), remedy="check the path"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"not TOML ({error})", where=str(path), remedy="mend the line") from None
    if path.name != "pyproject.toml":
        return content
    tool = content.get("tool")
    table = tool.get("normalise") if isinstance(tool, dict) else None
    return table if isinstance(table, dict) else None


def _convert(values: Mapping[str, Any], where: str) -> Settings:
    import msgspec

    def make(kind: type, value: Any) -> Any:
        if kind is not Path or not isinstance(value, str | Path):
            raise ValueError(f"expected a path, got {value!r}")
        return Path(value)

    try:
        return msgspec.convert(dict(values), Settings, dec_hook=make)
    except (msgspec.ValidationError, ValueError) as error:
        said = str(error).replace("`$.", "`")
        raise InputError(said[:1].lower() + said[1:], where=where, remedy="correct it") from None
