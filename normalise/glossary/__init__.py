"""The glossary engine: reading, compiling, matching and rewriting curated terminology."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from normalise.glossary.glossary import Glossary
    from normalise.glossary.match.matcher import Hit
    from normalise.glossary.match.source_terms import SourceHit
    from normalise.glossary.rewrite.decide import Decision
    from normalise.glossary.rewrite.explain import Explanation
    from normalise.glossary.rewrite.standardise import Standardised

__all__ = ["Decision", "Explanation", "Glossary", "Hit", "SourceHit", "Standardised"]

_HOMES = {
    "Decision": "rewrite.decide",
    "Explanation": "rewrite.explain",
    "Glossary": "glossary",
    "Hit": "match.matcher",
    "SourceHit": "match.source_terms",
    "Standardised": "rewrite.standardise",
}


def __getattr__(name: str) -> Any:
    # Lazy, so that importing a neighbour (numbers, schema) does not load the engine.
    if name in _HOMES:
        from importlib import import_module

        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
