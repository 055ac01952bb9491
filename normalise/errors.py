"""The only errors a user ever sees: what failed, where, and what to do next."""

from __future__ import annotations


class NormaliseError(Exception):
    """Something the user can fix: bad input, a missing package, a broken glossary.

    Args:
        problem: What is wrong, in one sentence without a full stop.
        where: The file, command or entry concerned (may be empty).
        remedy: What the user can do about it (empty if nothing helps).

    >>> print(NormaliseError("the file is empty", where="a.txt", remedy="delete it or fill it"))
    a.txt: the file is empty (remedy: delete it or fill it)
    """

    def __init__(self, problem: str, *, where: str = "", remedy: str = "") -> None:
        # Positional base arguments keep the exception picklable across worker processes.
        super().__init__(problem, where, remedy)
        self.problem = problem
        self.where = where
        self.remedy = remedy

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.problem, self.where, self.remedy)

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        mend = f" (remedy: {self.remedy})" if self.remedy else ""
        return f"{place}{self.problem}{mend}"


def _rebuild(kind: type[NormaliseError], problem: str, where: str, remedy: str) -> NormaliseError:
    return kind(problem, where=where, remedy=remedy)


class InputError(NormaliseError):
    """A document that cannot be read: encoding, size, emptiness, binary content, permissions."""


class GlossaryError(NormaliseError):
    """A glossary that cannot be loaded: schema, duplicate ids, unusable patterns."""


class PackageError(NormaliseError):
    """A translation package that is missing, broken, or not what its checksum says."""


class TranslationMemoryError(NormaliseError):
    """A translation memory that cannot be opened, read or written."""
