"""Two detectors for languages that the small model doesn't know, and for documents in doubt.

Both are slow to load (350 and 100 ms) and are seldom asked.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from langdetect.detector_factory import DetectorFactory
    from py3langid.langid import LanguageIdentifier

# Languages with a package in Argos's index, and those that stand beside them on the pages read
# here or are easily taken for one of them. Fewer candidates make short lines surer (4-word Spanish
# lines of FLORES dev: 77 % with all 140 languages, 88 % with these).
CANDIDATES = (
    "ar az bg bn ca cs da de el en eo es et eu fa fi fr ga gl he hi hr hu id is it ja km ko ky lo "
    "lt lv mk ms my nl nn no pl pt ro ru sk sl sq sr sv th tl tr uk ur vi zh"
).split()
# Close relatives of a much commoner language: a few words must not be enough for them.
_RARE = {"gl": 1.0, "ca": 0.7, "eo": 1.0, "eu": 0.7, "mk": 0.7, "ky": 0.5, "sk": 0.3}
_FROM_LANGDETECT = {"no": "nb", "zh-cn": "zh", "zh-tw": "zh"}
# Indonesian and Malay share most words; these tell, each by so much.
_MARKERS: Mapping[str, frozenset[str]] = {
    "id": frozenset("bahwa bisa juta karena ketika menit mobil telah tidak uang".split()),
    "ms": frozenset("apabila bahawa boleh ialah kerana kereta minit sahaja wang".split()),
}
_MARKER_WEIGHT = 0.8
_FLOOR = 1e-12


class GeneralModels:
    """py3langid and langdetect, loaded on first use; deterministic, and safe among threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._identifier: LanguageIdentifier | None = None
        self._factory: DetectorFactory | None = None

    def ask_langid(self, words: Sequence[str], bonuses: Mapping[str, float]) -> dict[str, float]:
        """py3langid's probabilities; ``bonuses`` are added to the logarithms for some languages."""
        scores = {
            "nb" if code == "no" else code: math.log(max(probability, _FLOOR))
            for code, probability in self._load_identifier().rank(" ".join(words))
        }
        lowered = [word.lower() for word in words]
        # Calibrated like the scores themselves: evidence grows with the root of the length.
        weight = _MARKER_WEIGHT / math.sqrt(max(1.0, len(words) / 6))
        for code, markers in _MARKERS.items():
            scores[code] += weight * sum(word in markers for word in lowered)
        for code, penalty in _RARE.items():
            scores[code] -= penalty
        for code, bonus in bonuses.items():
            if code in scores:
                scores[code] += bonus
        return to_probabilities(scores)

    def ask_langdetect(self, text: str) -> dict[str, float]:
        """langdetect's probabilities, with its random numbers seeded; it has no Nynorsk."""
        with self._lock:
            if self._factory is None:
                from langdetect.detector_factory import PROFILES_DIRECTORY, DetectorFactory

                factory = DetectorFactory()
                factory.load_profile(PROFILES_DIRECTORY)
                factory.seed = 0
                self._factory = factory
            detector = self._factory.create()
        from langdetect.lang_detect_exception import LangDetectException

        detector.append(text)
        try:
            found = detector.get_probabilities()
        except LangDetectException:
            return {}
        opinion: dict[str, float] = {}
        for guess in found:
            code = _FROM_LANGDETECT.get(guess.lang, guess.lang)
            opinion[code] = opinion.get(code, 0.0) + guess.prob
        return opinion

    def _load_identifier(self) -> LanguageIdentifier:
        with self._lock:
            if self._identifier is None:
                from py3langid.langid import MODEL_FILE, LanguageIdentifier

                identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
                identifier.set_languages(CANDIDATES)
                self._identifier = identifier
            return self._identifier


def to_probabilities(scores: Mapping[str, float]) -> dict[str, float]:
    """Logarithms of odds as probabilities.

    >>> to_probabilities({"en": 0.0, "fr": 0.0})
    {'en': 0.5, 'fr': 0.5}
    """
    highest = max(scores.values())
    raised = {code: math.exp(score - highest) for code, score in scores.items()}
    total = sum(raised.values())
    return {code: value / total for code, value in raised.items()}
