"""Terms as plain mappings and back, and the JSON Schema that describes them.

Everything a tool writes (YAML, CSV, TBX) goes through here, so that a term looks the same
everywhere: fields in the order of the schema, and only those that are set.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from msgspec import structs

from normalise.errors import GlossaryError
from normalise.glossary.source import schema

S = TypeVar("S", bound=msgspec.Struct)


def to_plain(value: Any) -> Any:
    """A schema value as lists, mappings and scalars, without fields left at their defaults.

    >>> to_plain(schema.Term(id="party-cell", preferred="Party cell", countable=False))
    {'id': 'party-cell', 'preferred': 'Party cell', 'countable': False}
    """
    if isinstance(value, msgspec.Struct):
        return {
            field.encode_name: to_plain(item)
            for field in structs.fields(value)
            if (item := getattr(value, field.name)) != _default(field)
        }
    if isinstance(value, Mapping):
        return {key: to_plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [to_plain(item) for item in value]
    return value


def _default(field: structs.FieldInfo) -> Any:
    if field.default_factory is not msgspec.NODEFAULT:
        return field.default_factory()
    return field.default


def from_plain(plain: Mapping[str, Any], kind: type[S], *, where: str = "") -> S:
    """A schema value from a plain mapping.

    Raises:
        GlossaryError: The mapping does not fit the schema.
    """
    try:
        return msgspec.convert(plain, kind)
    except msgspec.ValidationError as error:
        raise _explain(plain, kind, str(error), where) from None


def parse_json(text: str, what: str, *, where: str, remedy: str) -> Any:
    """A value written as JSON inside a file of another kind.

    Raises:
        GlossaryError: ``what`` is broken JSON, nested too deeply, or holds half a character.
    """
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError) as error:
        raise GlossaryError(f"{what}: {error}", where=where, remedy=remedy) from None


def _explain(plain: Mapping[str, Any], kind: type[Any], told: str, where: str) -> GlossaryError:
    """What is wrong, in the words that `check` uses for files."""
    import yaml

    from normalise.glossary.source.mistakes import Mistake, find_mistakes
    from normalise.glossary.source.yaml_text import compose

    node = compose(yaml.safe_dump(plain, allow_unicode=True, sort_keys=False))
    other = Mistake(told, 1, "see docs/glossaries.md for what an entry may say")
    first = next(iter(find_mistakes(node, kind)), other)
    return GlossaryError(first.problem, where=where, remedy=first.remedy)


def merge_variants(
    written: tuple[str | schema.Variant, ...], forms: tuple[str, ...]
) -> tuple[str | schema.Variant, ...]:
    """Variants as written, followed by the forms that none of them covers.

    >>> merge_variants(("Party (branch|unit)",), ("Party unit", "cell of the Party"))
    ('Party (branch|unit)', 'cell of the Party')
    """
    from normalise.glossary.source.phrase import expand

    known = {form for variant in written for form in expand(variant_text(variant))}
    return written + tuple(form for form in dict.fromkeys(forms) if form not in known)


def variant_text(variant: str | schema.Variant) -> str:
    """A variant's phrase, whether it has conditions or not."""
    return variant if isinstance(variant, str) else variant.text


def json_schema() -> str:
    """The JSON Schema of all kinds of glossary files, as text that ends in a line break.

    Editors that know JSON Schema (through ``# yaml-language-server: $schema=schema.json`` at the
    top of a file) use it to complete and validate as one types.
    """
    kinds = (
        schema.TermFile,
        schema.PlaceFile,
        schema.CitationFile,
        schema.FurnitureFile,
        schema.Manifest,
    )
    references, definitions = msgspec.json.schema_components(kinds, ref_template="#/$defs/{name}")
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Glossary file, schema version {schema.SCHEMA_VERSION}",
        "anyOf": list(references),
        "$defs": definitions,
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
