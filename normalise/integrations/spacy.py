"""spaCy: a component that says of each ``Doc`` what would be changed in it, and where.

A ``Doc`` cannot change its text, so the component leaves it as it is and sets three extensions:
``doc._.normalised`` (the new text), ``doc._.normalise`` (the whole ``Result``), and span groups
``doc.spans["changes"]``, ``["terms"]`` and ``["citations"]`` with the places in the ``Doc``: a
change's label is its rule, a term's its id, a citation's its type. A span covers whole tokens.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from normalise.data import Result
from normalise.edits import Alignment
from normalise.integrations.rows import need, open_pipeline
from normalise.language.spelling.variants import HOUSE
from normalise.settings import Settings

spacy = need("spacy", "spacy")

_GROUPS = ("changes", "terms", "citations")


class Component:
    """The component; ``nlp.add_pipe("normalise", config={"languages": ["en", "nb"]})``.

    Args:
        settings: What the pipeline does.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        if not spacy.tokens.Doc.has_extension("normalised"):
            spacy.tokens.Doc.set_extension("normalised", default=None)
            spacy.tokens.Doc.set_extension("normalise", default=None)

    def __call__(self, doc: Any) -> Any:
        """One ``Doc``."""
        return next(iter(self.pipe([doc])))

    def pipe(self, docs: Iterable[Any], batch_size: int = 128) -> Iterator[Any]:
        """Many ``Doc``s, those of a batch converted together."""
        for batch in spacy.util.minibatch(docs, batch_size):
            results = open_pipeline(self._settings).stream([doc.text for doc in batch])
            for doc, result in zip(batch, results, strict=True):
                yield _annotate(doc, result)


def _annotate(doc: Any, result: Result) -> Any:
    doc._.normalised, doc._.normalise = result.text, result
    alignments = [Alignment(stage.changes) for stage in result.stages]
    found: dict[str, list[Any]] = {group: [] for group in _GROUPS}
    for number, stage in enumerate(result.stages):
        for change in stage.changes:
            span = _place(doc, alignments[:number], change.start, change.end, change.rule)
            found["changes"].append(span)
            if change.term:
                found["terms"].append(
                    _place(doc, alignments[:number], change.start, change.end, change.term)
                )
    for cited in result.citations:
        label = cited.type or "document"
        found["citations"].append(_place(doc, alignments[:-1], cited.start, cited.end, label))
    for group, spans in found.items():
        doc.spans[group] = [span for span in spans if span is not None]
    return doc


def _place(doc: Any, before: Sequence[Alignment], start: int, end: int, label: str) -> Any:
    for alignment in reversed(before):
        start, end = alignment.back_span(start, end)
    return doc.char_span(start, max(start, end), label=label, alignment_mode="expand")


@spacy.language.Language.factory(  # type: ignore[untyped-decorator, unused-ignore]
    "normalise",
    default_config={
        "glossaries": [],
        "language": "",
        "languages": [],
        "spelling": HOUSE,
        "threads": 1,
    },
    assigns=["doc._.normalised", "doc._.normalise", "doc.spans"],
)
def make_component(
    nlp: Any,
    name: str,
    glossaries: list[str],
    language: str,
    languages: list[str],
    spelling: str,
    threads: int,
) -> Component:
    """The component for an ``nlp`` object; the configuration has names of ``Settings``."""
    return Component(
        Settings(
            glossaries=tuple(map(Path, glossaries)),
            use_memory=False,
            language=language,
            languages=tuple(languages),
            spelling=spelling,
            threads=threads,
        )
    )
