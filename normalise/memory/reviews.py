"""What people have decided about the documents of an output folder: ``OUT/review.json``.

The file is theirs: a run reads it, and only ``normalise review`` writes it. It can be edited by
hand, kept under version control, and copied to another OUT.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from normalise.data import Exemption, FlagRule, StageName
from normalise.errors import InputError
from normalise.files import printable, write_atomically

FILE_NAME = "review.json"


class CheckedFlag(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A flag that a person has looked at; ``number`` counts flags that are otherwise alike."""

    stage: StageName
    rule: FlagRule
    text: str
    number: int = 0


class Review(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The decisions about one document: changes rejected, and flags looked at."""

    exemptions: tuple[Exemption, ...] = ()
    checked: tuple[CheckedFlag, ...] = ()


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    schema: Literal[1]
    documents: dict[str, Review]


def read_reviews(target: Path) -> dict[str, Review]:
    """The decisions by document, named as in the audit (``path``); none if there is no file.

    Raises:
        InputError: The file cannot be read, or is not as ``normalise review`` writes it.
    """
    path = target / FILE_NAME
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise InputError(
            f"it cannot be read ({error.strerror})",
            where=printable(str(path)),
            remedy="check its permissions",
        ) from None
    try:
        return msgspec.json.decode(content, type=_File).documents
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise InputError(
            f"the decisions of a review cannot be read: {error}",
            where=printable(str(path)),
            remedy="mend the file, or move it away to go on without its decisions",
        ) from None


def write_reviews(target: Path, reviews: Mapping[str, Review]) -> Path:
    """Write the decisions, documents in alphabetical order; returns the file.

    Raises:
        InputError: The file cannot be written.
    """
    kept = {name: reviews[name] for name in sorted(reviews) if reviews[name] != Review()}
    plain = msgspec.to_builtins(_File(1, kept))
    content = json.dumps(plain, ensure_ascii=False, indent=1) + "\n"
    write_atomically(target / FILE_NAME, content.encode())
    return target / FILE_NAME
