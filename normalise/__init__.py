"""Clean, consistent English from machine-translated documents, offline.

>>> from normalise import Pipeline                               # doctest: +SKIP
>>> result = Pipeline().run("The city has 61 4 good party cells.")     # doctest: +SKIP
>>> print(result.text)                                           # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from normalise.data import Document, Failure, Result
    from normalise.pipeline import Pipeline

__version__ = "0.1.0"
__all__ = ["Document", "Failure", "Pipeline", "Result", "__version__"]


def __getattr__(name: str) -> object:
    # Importing the package must stay cheap: the command line asks for the version alone.
    if name == "Pipeline":
        from normalise.pipeline import Pipeline

        return Pipeline
    if name in ("Document", "Failure", "Result"):
        from normalise import data

        return getattr(data, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
