"""CTranslate2 with our own batches: sentences in, hypotheses out, in the same order.

Argos Translate sends one line at a time, in batches of 32 tokens. Here a whole window of sentences
is sorted by length and cut into batches of equal token counts, and no result depends on what else
is in the batch: only sentences of exactly the same length share one, so nothing is padded.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from normalise.errors import PackageError
from normalise.packages.find import Package
from normalise.packages.pieces import Pieces, load_pieces
from normalise.software import identify_processor
from normalise.translate.aligned.runs import Attention
from normalise.translate.spans import Span, join_pieces, source_spans

ENGINE_VERSION = "3"
"""Raised whenever a change here can change an output."""

MAX_PIECES = 250
"""Longest input in pieces; the translator cuts longer sentences beforehand."""


@dataclass(frozen=True, slots=True)
class Decoding:
    """How to search: everything that shapes an output besides the model and the sentence.

    ``length_penalty`` 0.2 is Argos's; ``no_repeat`` is the length in pieces of the shortest
    sequence that may not occur twice (0: no limit).
    """

    beam: int = 4
    hypotheses: int = 1
    length_penalty: float = 0.2
    repetition_penalty: float = 1.0
    no_repeat: int = 0
    attention: bool = False

    def __str__(self) -> str:
        return (
            f"beam{self.beam}.n{self.hypotheses}.lp{self.length_penalty:g}"
            f".rp{self.repetition_penalty:g}.nr{self.no_repeat}"
        )


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One candidate translation.

    ``attention`` has a row for each target piece with a weight for each source piece; it is empty
    unless asked for. ``spans`` are the characters of ``text`` that each target piece covers.
    ``cut`` says that the search stopped at the length limit. ``tokens`` are the target pieces.
    """

    text: str
    score: float = 0.0
    pieces: int = 0
    spans: tuple[Span, ...] = ()
    attention: tuple[tuple[float, ...], ...] = ()
    cut: bool = False
    tokens: tuple[str, ...] = ()


def identify_engine(device: str = "cpu") -> str:
    """What computes translations: this version, and the processor; part of every memory key.

    >>> identify_engine("cuda")
    '3 on cuda'
    """
    return f"{ENGINE_VERSION} on {identify_processor() if device == 'cpu' else device}"


def available_threads() -> int:
    """CPU cores this process may use (its affinity mask, not the machine's size)."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1


def _leave_alone(thing: object) -> None:
    """Make sure that an object is never destroyed, not even when the program ends."""
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(thing))


def length_limit(pieces: int) -> int:
    """The greatest number of target pieces for a source of this length: generous, but finite."""
    return 3 * pieces + 20


class Engine:
    """One package, loaded on first use and once per process, forked ones included.

    Args:
        package: The Argos package to run.
        device: ``cpu`` or ``cuda``.
        threads: CPU cores to use; None for all that this process may use.
        batch_tokens: Source pieces per batch; affects memory and speed, never the result.
    """

    def __init__(
        self,
        package: Package,
        *,
        device: str = "cpu",
        threads: int | None = None,
        batch_tokens: int = 1024,
    ) -> None:
        self.package = package
        self.device = device
        self.threads = threads
        self.batch_tokens = batch_tokens
        self._model: Any = None
        self._process = 0
        self._pieces: Pieces | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_model": None, "_pieces": None}

    @property
    def model(self) -> Any:
        """The CTranslate2 translator, loaded on first use, and again in a forked process."""
        if self._model is not None and self._process != os.getpid():
            # Its threads stayed in the parent: using or destroying it here would hang.
            _leave_alone(self._model)
            self._model = None
        if self._model is None:
            # Imported here: it costs 60 MB and a tenth of a second, which `--help` must not pay.
            import ctranslate2

            self._process = os.getpid()
            threads = self.threads or available_threads()
            try:
                # Many small batches in parallel beat one batch on many cores: see
                # benchmarks/README.md.
                self._model = ctranslate2.Translator(
                    str(self.package.model_dir),
                    device=self.device,
                    inter_threads=threads if self.device == "cpu" else 1,
                    intra_threads=1,
                    max_queued_batches=-1,
                )
            except (RuntimeError, ValueError, OSError) as error:
                raise PackageError(
                    f"the model cannot be loaded ({error})",
                    where=str(self.package.model_dir),
                    remedy="run `normalise models verify`, then install the package again",
                ) from error
        return self._model

    @property
    def pieces(self) -> Pieces:
        """The models that cut and join text for this package, loaded on first use."""
        if self._pieces is None:
            self._pieces = load_pieces(self.package)
        return self._pieces

    def split(self, text: str) -> tuple[list[str], list[Span]]:
        """The source pieces of a sentence and their character spans."""
        pieces = self.pieces.encode(text)
        return pieces, source_spans(pieces, text)

    def count(self, text: str) -> int:
        """The number of source pieces in a sentence."""
        return len(self.pieces.encode(text))

    def decode(
        self,
        sentences: Sequence[str],
        how: Decoding,
        avoid: Sequence[Sequence[Sequence[str]]] = (),
    ) -> list[list[Hypothesis]]:
        """Translate sentences; returns each one's hypotheses, best first, in the order given.

        ``avoid`` has a list for each sentence, of sequences of target pieces that it may not have.
        """
        tokenised = [self.pieces.encode(sentence) for sentence in sentences]
        out: list[list[Hypothesis]] = [[] for _ in sentences]
        pending = []
        for batch in self._batches(tokenised, how, alone=bool(avoid)):
            limit = length_limit(len(tokenised[batch[0]]))
            without = avoid[batch[0]] if avoid else ()
            pending.append((batch, limit, self._submit(batch, tokenised, how, limit, without)))
        prefix = 1 if self.package.target_prefix else 0
        for batch, limit, results in pending:
            for index, result in zip(batch, results, strict=True):
                out[index] = self._read(result.result(), prefix, limit)
        return out

    def align(self, sentence: str, translation: str) -> Attention | None:
        """What the pieces of any translation of a sentence attend to; None if that cannot be told.

        The model is made to write this translation. One sentence at a time, so that the weights
        don't depend on others.
        """
        source, spans = self.split(sentence)
        target = self.pieces.encode(translation)
        if not source or not target or self.package.bpe is not None or len(target) > MAX_PIECES:
            return None
        before = [self.package.target_prefix] if self.package.target_prefix else []
        result = self.model.translate_batch(
            [source],
            target_prefix=[before + target],
            beam_size=1,
            max_input_length=0,
            max_decoding_length=len(before) + len(target) + 1,
            return_attention=True,
        )[0]
        text, places = join_pieces(target)
        rows = result.attention[0][len(before) : len(before) + len(target)]
        if text.strip() != " ".join(translation.split()) or len(rows) != len(target):
            return None  # the pieces spell it in another way, so that their places differ
        return Attention(tuple(spans), tuple(places), tuple(map(tuple, rows)))

    def _batches(
        self, tokenised: Sequence[list[str]], how: Decoding, *, alone: bool
    ) -> Iterator[list[int]]:
        # A stable order by content, not by arrival; empty sentences never reach the model.
        order = sorted(
            (i for i in range(len(tokenised)) if tokenised[i]), key=lambda i: len(tokenised[i])
        )
        batch: list[int] = []
        room = max(1, self.batch_tokens // max(1, how.hypotheses // 4))
        for index in order:
            length = len(tokenised[index])
            full = (len(batch) + 1) * length > room
            if batch and (alone or full or length != len(tokenised[batch[0]])):
                yield batch
                batch = []
            batch.append(index)
        if batch:
            yield batch

    def _submit(
        self,
        batch: list[int],
        tokenised: Sequence[list[str]],
        how: Decoding,
        limit: int,
        without: Sequence[Sequence[str]],
    ) -> list[Any]:
        prefix = self.package.target_prefix
        results: list[Any] = self.model.translate_batch(
            [tokenised[i] for i in batch],
            target_prefix=[[prefix]] * len(batch) if prefix else None,
            asynchronous=True,
            beam_size=max(how.beam, how.hypotheses),
            num_hypotheses=how.hypotheses,
            length_penalty=how.length_penalty,
            repetition_penalty=how.repetition_penalty,
            no_repeat_ngram_size=how.no_repeat,
            max_input_length=0,
            max_decoding_length=limit,
            replace_unknowns=True,
            suppress_sequences=[list(pieces) for pieces in without] or None,
            return_scores=how.hypotheses > 1,
            return_attention=how.attention,
        )
        return results

    def _read(self, result: Any, prefix: int, limit: int) -> list[Hypothesis]:
        hypotheses = []
        for rank, found in enumerate(result.hypotheses):
            pieces = found[prefix:]
            text, spans = join_pieces(pieces)
            if self.package.bpe is not None:
                text, spans = self.pieces.decode(pieces), []
            attention = result.attention[rank][prefix:] if result.attention else ()
            hypotheses.append(
                Hypothesis(
                    text.strip(),
                    result.scores[rank] if result.scores else 0.0,
                    len(pieces),
                    tuple(spans),
                    tuple(tuple(row) for row in attention),
                    len(found) >= limit,
                    tuple(pieces),
                )
            )
        return hypotheses
