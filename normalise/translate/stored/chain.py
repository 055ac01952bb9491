"""A chain that asks the translation memory before the engine.

Which candidate becomes a translation depends on the glossaries; the candidates themselves do not.
They are stored, so that with other glossaries the choice is made anew, exactly as the engine's own
answers would have it, and only what was never asked before is decoded.
"""

from __future__ import annotations

import zlib
from array import array
from collections import Counter
from collections.abc import Sequence

import msgspec

from normalise.memory.decodings import Decodings
from normalise.memory.store import memory_key
from normalise.translate.engine import Decoding, Engine, Hypothesis, identify_engine
from normalise.translate.jobs import Chain

_Packed = tuple[str, float, int, list[int], int, bytes, bool, list[str]]
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(list[_Packed])


class StoredChain(Chain):
    """A chain whose candidates are stored.

    Args:
        engines: One package, or two.
        store: Where the candidates are kept.
        name: The packages' name in the memory.
        counts: Counts the sentences found (``recalled``) and those that went to the engine
            (``engine``).
    """

    def __init__(
        self, engines: Sequence[Engine], store: Decodings, name: str, counts: Counter[str]
    ) -> None:
        super().__init__(engines)
        self._store = store
        self._name = name
        self._counts = counts
        self._models = "+".join(engine.package.digest for engine in engines)
        self._device = engines[0].device

    def decode(
        self,
        sentences: Sequence[str],
        how: Decoding,
        avoid: Sequence[Sequence[Sequence[str]]] = (),
    ) -> list[list[Hypothesis]]:
        """Translate; see ``Chain.decode``."""
        options, engine = f"candidates|{how}|{how.attention}", identify_engine(self._device)
        keys = [
            memory_key(
                self._models,
                f"{options}|{avoid[index]!r}" if avoid else options,
                engine,
                sentence,
            )
            for index, sentence in enumerate(sentences)
        ]
        found = self._store.find(keys)
        todo = [index for index, key in enumerate(keys) if key not in found]
        self._counts["recalled"] += len(keys) - len(todo)
        self._counts["engine"] += len(todo)
        made: dict[int, list[Hypothesis]] = {}
        if todo:
            without = [avoid[index] for index in todo] if avoid else ()
            decoded = super().decode([sentences[index] for index in todo], how, without)
            made = dict(zip(todo, decoded, strict=True))
            self._store.store({keys[i]: pack(candidates) for i, candidates in made.items()},
                              self._name)  # fmt: skip
        return [
            made[index] if index in made else unpack(found[key]) for index, key in enumerate(keys)
        ]


def pack(candidates: Sequence[Hypothesis]) -> bytes:
    """Candidates as bytes; ``unpack`` gives them back, to the last bit of the weights.

    >>> one = Hypothesis("a b", -0.5, 2, ((0, 1), (2, 3)), ((0.25, 0.75), (1.0, 0.0)))
    >>> unpack(pack([one, Hypothesis("")])) == [one, Hypothesis("")]
    True
    """
    rows = [
        (
            one.text,
            one.score,
            one.pieces,
            [place for span in one.spans for place in span],
            len(one.attention[0]) if one.attention else 0,
            # What the engine computes are numbers of 32 bits.
            array("f", [weight for row in one.attention for weight in row]).tobytes(),
            one.cut,
            list(one.tokens),
        )
        for one in candidates
    ]
    return zlib.compress(_ENCODER.encode(rows))


def unpack(packed: bytes) -> list[Hypothesis]:
    """The candidates in ``packed``."""
    candidates = []
    rows = _DECODER.decode(zlib.decompress(packed))
    for text, score, pieces, places, width, weights, cut, tokens in rows:
        numbers = array("f")
        numbers.frombytes(weights)
        attention = tuple(
            tuple(numbers[start : start + width]) for start in range(0, len(numbers), width or 1)
        )
        spans = tuple(zip(places[::2], places[1::2], strict=True))
        candidates.append(Hypothesis(text, score, pieces, spans, attention, cut, tuple(tokens)))
    return candidates
