"""Curated glossaries: loading, matching, rewriting and the maintainers' tools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from normalise.glossary.glossary import Explanation, Glossary
    from normalise.glossary.matcher import Hit
    from normalise.glossary.sources import SourceHit
    from normalise.glossary.standardise import Standardised

__all__ = ["Explanation", "Glossary", "Hit", "SourceHit", "Standardised"]

_HOMES = {
    "Explanation": "glossary",
    "Glossary": "glossary",
    "Hit": "matcher",
    "SourceHit": "sources",
    "Standardised": "standardise",
}


def __getattr__(name: str) -> Any:
    # Lazy, so that importing a neighbour (numbers, schema) does not load the engine.
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
