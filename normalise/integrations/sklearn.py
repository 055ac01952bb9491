"""scikit-learn: a transformer from texts to clean English texts, to stand before a vectoriser."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from normalise.integrations.rows import convert_texts, need, open_pipeline
from normalise.settings import Settings

_base = need("sklearn.base", "sklearn")
_Transformer: Any = _base.TransformerMixin
_Estimator: Any = _base.BaseEstimator


class Normaliser(_Transformer, _Estimator):  # type: ignore[misc]
    """Converts texts; it has nothing to learn.

        make_pipeline(Normaliser(), TfidfVectorizer(), LogisticRegression())

    Args:
        settings: What the pipeline does; its defaults if None.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings

    def fit(self, X: Iterable[str], y: Any = None) -> Normaliser:
        """Nothing to do; returns the transformer."""
        return self

    def transform(self, X: Iterable[str]) -> list[str]:
        """The new texts; one that cannot be converted stays as it is."""
        pipeline = open_pipeline(self.settings or Settings())
        return [text or "" for text, _ in convert_texts(pipeline, list(X))]

    def __sklearn_is_fitted__(self) -> bool:
        return True
