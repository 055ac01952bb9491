"""Merging terms into the files of a glossary: existing ones in place, new ones into one file.

Works on the bytes of the files as they are: line endings, a byte order mark, and every line that
does not belong to the terms concerned stay as they were.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from normalise.errors import GlossaryError
from normalise.glossary.compiled.compile import compile_files
from normalise.glossary.source.load import (
    ParsedFile,
    find_shared,
    inspect_file,
    inspect_text,
)
from normalise.glossary.source.schema import Term, TermFile
from normalise.glossary.source.unfold import Shared
from normalise.maintain.files.edit import insert_terms, render_file, replace_terms

SUFFIXES = (".yaml", ".yml")


@dataclass(slots=True)
class Merge:
    """What to write where, and the ids: ``new``, ``updated``, and ``same`` (left alone)."""

    texts: dict[Path, str] = field(default_factory=dict)
    new: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)


def merge_terms(
    terms: Sequence[Term],
    folder: Path,
    into: Path | None,
    *,
    update: bool = False,
    after: str = "",
    topic: str = "",
) -> Merge:
    """The texts of the files with the terms merged in; nothing is written.

    Args:
        terms: The terms to merge; each id once.
        folder: The glossary: the folder of ``into``, or another if nothing is new.
        into: The file for new terms; created if missing.
        update: Replace existing terms, each in its own file; without it they are refused.
        after: Put new terms after this one instead of at the end.
        topic: Topic of the file, if it is new.

    Raises:
        GlossaryError: An id is repeated or taken, there is no file for new terms, or the result
            could not be loaded.
    """
    _refuse_twins(terms)
    files = _read_folder(folder, into)
    homes = {
        term.id: (file, term)
        for file in files.values()
        if isinstance(file.value, TermFile)
        for term in file.value.terms
    }
    known = [term for term in terms if term.id in homes]
    if known and not update:
        home = homes[known[0].id][0].path
        more = f", and {len(known) - 1} more" if len(known) > 1 else ""
        raise GlossaryError(
            f"there is already a term {known[0].id!r}{more}",
            where=str(home),
            remedy="choose another id, or edit the existing term (import: --update)",
        )
    merge = Merge(new=[term.id for term in terms if term.id not in homes])
    changed: dict[Path, list[Term]] = {}
    for term in known:
        file, old = homes[term.id]
        (merge.same if old == term else merge.updated).append(term.id)
        if old != term:
            changed.setdefault(file.path, []).append(term)
    for path, some in changed.items():
        merge.texts[path] = replace_terms(_as_it_is(path), some, where=str(path))
    fresh = [term for term in terms if term.id not in homes]
    if fresh:
        if into is None:
            raise GlossaryError(
                f"there is no term {fresh[0].id!r} yet", where=str(folder),
                remedy="name the file for new terms with --into",
            )  # fmt: skip
        if into.exists():
            text = merge.texts.get(into) or _as_it_is(into)
            merge.texts[into] = insert_terms(text, fresh, after=after, where=str(into))
        elif after:
            raise GlossaryError(
                f"there is no term {after!r} to add after: the file is new", where=str(into),
                remedy="give the file that has it, or leave out --after",
            )  # fmt: skip
        else:
            topic = topic or into.stem.replace("-", " ").capitalize()
            merge.texts[into] = render_file(topic, fresh)
    shared = find_shared(files)
    for path, text in merge.texts.items():
        _check_loads(text, path, shared)
    return merge


def check_name(file: Path) -> None:
    """Refuse a file that no command would read.

    Raises:
        GlossaryError: Its name does not end in .yaml.
    """
    if file.suffix not in SUFFIXES:
        raise GlossaryError(
            "would never be read: glossary files end in .yaml",
            where=str(file),
            remedy=f"name it {file.name.partition('.')[0] or 'terms'}.yaml",
        )


def _refuse_twins(terms: Iterable[Term]) -> None:
    twice = [name for name, count in Counter(term.id for term in terms).items() if count > 1]
    if twice:
        raise GlossaryError(
            f"the id {twice[0]!r} occurs twice in the import",
            remedy="give each term its own id, or remove one",
        )


def _read_folder(folder: Path, into: Path | None) -> dict[Path, ParsedFile]:
    """The files of the glossary; without a manifest, those that can be read."""
    if into is not None:
        check_name(into)
    paths = sorted(path for path in folder.glob("*") if path.suffix in SUFFIXES)
    shared = find_shared(paths)
    files: dict[Path, ParsedFile] = {}
    for path in paths:
        file, errors = inspect_file(path, shared)
        if file is not None:
            files[path] = file
        elif path == into or (folder / "manifest.yaml").is_file():
            raise errors[0]
    return files


def _as_it_is(path: Path) -> str:
    # Not read_text: it would make all line endings the same.
    return path.read_bytes().decode("utf-8")


def _check_loads(text: str, path: Path, shared: Shared) -> None:
    file, errors = inspect_text(text, path, shared)
    if file is None:
        raise errors[0]
    compile_files([file], "")
