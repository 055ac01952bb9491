"""Clean, consistent English from machine-translated documents, offline.

>>> from normalise import Pipeline
>>> result = Pipeline().run("The city has 61 4 good party cells.")
>>> print(result.text)
The city has 61 4-good Party cells.
>>> [(change.before, change.after) for change in result.changes]
[('4 good party cells', '4-good Party cells')]
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from normalise.data import (
        Block,
        Change,
        Citation,
        Document,
        Failure,
        Flag,
        Language,
        Result,
        Signature,
        Stage,
        TermOutcome,
    )
    from normalise.edits import replay
    from normalise.errors import NormaliseError
    from normalise.glossary.glossary import Glossary
    from normalise.pipeline import Pipeline
    from normalise.settings import Settings

__version__ = "0.1.0"
__all__ = [
    "Block",
    "Change",
    "Citation",
    "Document",
    "Failure",
    "Flag",
    "Glossary",
    "Language",
    "NormaliseError",
    "Pipeline",
    "Result",
    "Settings",
    "Signature",
    "Stage",
    "TermOutcome",
    "__version__",
    "replay",
]

_HOMES = {
    "Glossary": "glossary.glossary",
    "NormaliseError": "errors",
    "replay": "edits",
    "Pipeline": "pipeline",
    "Settings": "settings",
}


def __getattr__(name: str) -> Any:
    # Importing the package must stay cheap: the command line may need only the version.
    if name in __all__:
        from importlib import import_module

        return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'data')}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
