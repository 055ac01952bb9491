"""Which language a document and each of its blocks is in.

Three means, all deterministic. The script tells many languages at once. For the languages of the
pages met here a small model of our own (``detection/model.py``) weighs letters and words; it loads
in a few milliseconds. Only what it takes for another language goes to py3langid, and only a
document in doubt to langdetect, which votes on the whole text. A block is judged on its own words
*and* on the document it stands in, so that a short caption of a Norwegian page is not taken for
Danish, while a Vietnamese line on an English page is still seen as what it is.

Measured on FLORES by ``benchmarks/detect.py``; the tables are in ``benchmarks/results/detect.md``.
"""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Iterator, Mapping, Sequence

from normalise.data import Language
from normalise.errors import InputError
from normalise.language.codes import canonical_code
from normalise.stages.detection.general import CANDIDATES, GeneralModels, to_probabilities
from normalise.stages.detection.model import OTHER, SmallModel
from normalise.stages.detection.scripts import is_latin, tell_by_script, tell_chinese
from normalise.stages.detection.words import (
    find_telling_words,
    is_bare_vietnamese,
    is_shouting,
    names_only,
)

UNDETERMINED = "und"

# The commonest small words of English. A block of an English document full of them needs no model;
# that is what makes long documents cheap.
_SMALL_WORDS = frozenset(
    "the of and to in a is for on with that by as at from was were are be has have had it its "
    "this which their his her they not an or but will would been who more also".split()
)
_ENOUGH_SMALL_WORDS = 5
_DIFFERENT_SMALL_WORDS = 4
_SMALL_WORD_SHARE = 0.25
# So much of a document must be plain English for the rest not to be looked at.
_PLAINLY_ENGLISH = 0.75
_PLAIN_CONFIDENCE = 0.99
_FOREIGN_LETTERS = re.compile("[äöüßæøå]")

# Neighbouring words say much the same, so evidence grows with the root of the length. Chosen on
# the dev split so that a confidence is as often right as it says.
_CALIBRATED_WORDS = 4
_CALIBRATED_SCALE = 1.4
# Words that one of the close neighbours has and the others have not, and what each adds: the model
# knows most of them, but a byte's worth of each is too little in a line of four words.
_MARKERS = {
    "nb": frozenset(
        "ble bli blitt dere fikk gikk gjennom hva hverandre høyt mye noe noen nå selv uke uker "
        "uten vedtok årene".split()
    ),
    "nn": frozenset(
        "anna berre dei dykk då eg eigen eigne ein eit fekk fleire frå gjekk gjer gjere heile hjå "
        "ho høg ikkje ikring kjem korkje korleis kva kvar kven me medan meir mykje noko nokon saka "
        "same seier sjå sjølv skule tidlegare vart veke vekene vere vert verte vore væra òg".split()
    ),
    "da": frozenset(
        "af blev blevet blive bliver dig efter ejer fik gennem gik give havde hvad igen jer jeres "
        "kun lige lægge meget mellem mere mig mod mødet nogen noget nogle nu nødt op optaget sig "
        "sige sprog sætte tage ud uden uge uger vedtog viden".split()
    ),
}
_MARKER_WEIGHT = 0.7
# Bokmål is by far the commonest in training; its neighbours need this to be found as often.
_LEANINGS = {"nn": 0.45, "da": 0.3}
# A block must speak this much more clearly for another language than for its document's own.
_DOCUMENT_BONUS = 1.8
_BRIEF_LETTERS = 30
_SURE_OF_ANOTHER = 0.6
# A text of a few words says little; then what is likely here counts too.
_PRIORS = {"en": 2.5}
_FEW_LETTERS = 40
# Below this the small model is unsure of a document's sample, and py3langid's scores are added.
_UNSURE = 0.9
# How much of the evidence must point outside the small model before py3langid is asked.
_OTHER = 0.5
_LETTERS_FOR_OTHER = 12
# langdetect is as sure of three words as of a page, so its voice grows with the text. It has no
# Nynorsk and is weaker among the Nordic languages, where it isn't asked.
_SECOND_OPINION = 0.5
_LETTERS_FOR_OPINION = 60
_NORDIC = frozenset({"nb", "nn", "da", "sv"})
_SURE_OF_DOCUMENT = 0.35
_NO_CHANCE = 0.01
_LEAST = 1e-4
_ENOUGH_LETTERS = 3
_SAMPLE_CHARACTERS = 400
_SAMPLES = 24


class Detector:
    """Detects languages; the models load on first use and are shared by all calls.

    Args:
        languages: Codes of the only languages to look for; all that are known where empty. Text in
            another language is then taken for the likeliest of them, or for ``und`` where its
            script excludes them all.

    >>> detector = Detector()
    >>> page = detector.detect_document("The Provincial Party Committee held a meeting on Monday.")
    >>> page.code
    'en'
    >>> detector.detect_block("Toàn cảnh hội nghị của Tỉnh ủy sáng nay", page).code
    'vi'
    >>> detector.detect_block("30/4 - 1/5", page)
    Language(code='en', confidence=0.0)
    >>> Detector(["vi", "nb"]).detect_document("Partikomiteens møde").code
    'nb'
    """

    def __init__(self, languages: Sequence[str] = ()) -> None:
        self._languages = check_languages(languages)
        self._allowed = frozenset(map(_without_script, self._languages))
        self._lock = threading.Lock()
        self._model: SmallModel | None = None
        self._general = GeneralModels()

    def __reduce__(self) -> tuple[type[Detector], tuple[tuple[str, ...]]]:
        return Detector, (self._languages,)

    def detect_document(self, text: str) -> Language:
        """The main language of a text: the one most of its prose is in.

        Long texts are judged by samples taken at even distances, so that 20 MB cost no more than
        a page. Confidence is the share of the samples' evidence; ``und`` with 0 where the text
        gives nothing to go by or too little to prefer one language.
        """
        samples = list(_samples(text))
        plain = self._weigh_plain_english(samples)
        if plain > _PLAINLY_ENGLISH:
            return Language("en", round(_PLAIN_CONFIDENCE * plain, 4))
        totals: dict[str, float] = {}
        letters = 0
        sampled: list[str] = []
        for sample in samples:
            words = find_telling_words(sample)
            size = sum(map(len, words))
            if size < _ENOUGH_LETTERS or (len(words) > 1 and names_only(sample)):
                continue
            sampled.append(" ".join(words))
            scarcity = max(0.0, 1 - size / _FEW_LETTERS)
            priors = {code: scarcity * prior for code, prior in _PRIORS.items()}
            for code, share in self._judge(words, priors, alone=True).items():
                totals[code] = totals.get(code, 0.0) + share * size
            letters += size
        if not totals:
            return Language(UNDETERMINED, 0.0)
        shares = {code: total / letters for code, total in totals.items()}
        shares = self._hear_langdetect(shares, sampled, letters)
        code = max(sorted(shares), key=shares.__getitem__)
        if shares[code] < _SURE_OF_DOCUMENT:
            return Language(UNDETERMINED, 0.0)
        return Language(_with_script(code, text), round(min(shares[code], 1.0), 4))

    def detect_block(self, text: str, document: Language) -> Language:
        """The language of one block of a document.

        A block follows its document unless its own words speak clearly for another language. One
        without evidence (numbers, a name, two letters, English capitals on a foreign page) takes
        the document's language with confidence 0.
        """
        home = _without_script(document.code)
        if home == "en" and _is_plain_english(text[:_SAMPLE_CHARACTERS]):
            return Language(document.code, _PLAIN_CONFIDENCE)
        words = find_telling_words(text[:_SAMPLE_CHARACTERS])
        if sum(map(len, words)) < _ENOUGH_LETTERS:
            words = find_telling_words(text[: 20 * _SAMPLE_CHARACTERS])
        letters = sum(map(len, words))
        if letters < _ENOUGH_LETTERS:
            return Language(document.code, 0.0)
        # One word may belong to several languages ("Comment"), so it must say much more.
        brevity = max(0.0, 1 - letters / _BRIEF_LETTERS)
        bonuses = {home: _DOCUMENT_BONUS * (1 + 2 * brevity)}
        shares = self._judge(words, bonuses, alone=False)
        code = max(sorted(shares), key=shares.__getitem__, default=home)
        if code == home:
            return Language(document.code, round(shares.get(home, 0.0), 4))
        if shares[code] < _SURE_OF_ANOTHER or names_only(text):
            return Language(document.code, 0.0)
        if code == "en" and home != UNDETERMINED and text.isascii() and is_shouting(text):
            return Language(document.code, 0.0)
        return Language(_with_script(code, text), round(shares[code], 4))

    def _weigh_plain_english(self, samples: Sequence[str]) -> float:
        """The share of the samples that needs no model to be English."""
        if self._allowed and "en" not in self._allowed:
            return 0.0
        plain = sum(len(sample) for sample in samples if _is_plain_english(sample))
        return plain / max(1, sum(map(len, samples)))

    def _judge(
        self, words: list[str], bonuses: Mapping[str, float], alone: bool
    ) -> dict[str, float]:
        """Each language's share of the evidence; empty where the script excludes all.

        Words that stand ``alone``, with no document to follow, are worth asking py3langid about
        where the small model is unsure.
        """
        if is_bare_vietnamese(words):
            return self._narrow({"vi": 0.9})
        if not is_latin(words):
            code = tell_by_script(words)
            shares = {code: 1.0} if code else self._general.ask_langid(words, bonuses)
            return self._narrow({c: share for c, share in shares.items() if share > _NO_CHANCE})
        model = self._load_model()
        scale = _CALIBRATED_SCALE / math.sqrt(max(1.0, len(words) / _CALIBRATED_WORDS))
        lowered = [word.lower() for word in words]
        raw = model.score(lowered)
        for code, markers in _MARKERS.items():
            raw[code] += _MARKER_WEIGHT * sum(map(markers.__contains__, lowered))
        scores = {code: scale * raw[code] + _LEANINGS.get(code, 0.0) for code in raw}
        for code, bonus in bonuses.items():
            known = code if code in scores else OTHER
            if code != UNDETERMINED:
                scores[known] += bonus
        shares = to_probabilities(scores)
        unsure = shares[OTHER] > _OTHER or (alone and max(shares.values()) < _UNSURE)
        if unsure and sum(map(len, words)) >= _LETTERS_FOR_OTHER:
            general = self._general.ask_langid(words, {} if alone else bonuses)
            shares = _multiply(scores, general) if alone else shares
            other = shares.pop(OTHER)
            for code, share in general.items():
                shares[code] = shares.get(code, 0.0) + other * share
        shares.pop(OTHER, None)
        return self._narrow(shares)

    def _narrow(self, shares: dict[str, float]) -> dict[str, float]:
        if self._allowed:
            shares = {code: share for code, share in shares.items() if code in self._allowed}
        total = sum(shares.values())
        return {code: share / total for code, share in shares.items()} if total else {}

    def _hear_langdetect(
        self, shares: dict[str, float], sampled: Sequence[str], letters: int
    ) -> dict[str, float]:
        """The shares after langdetect's vote, where it could change the outcome."""
        voice = _SECOND_OPINION * min(1.0, letters / _LETTERS_FOR_OPINION)
        ranked = sorted(shares, key=lambda code: (-shares[code], code))
        lead = shares[ranked[0]] - (shares[ranked[1]] if len(ranked) > 1 else 0.0)
        if lead > voice or letters < _LETTERS_FOR_OPINION or _NORDIC.issuperset(ranked[:2]):
            return shares
        opinion = self._narrow(self._general.ask_langdetect("\n".join(sampled)))
        return _merge_opinions(shares, opinion, voice)

    def _load_model(self) -> SmallModel:
        with self._lock:
            if self._model is None:
                self._model = SmallModel()
            return self._model


def _samples(text: str) -> Iterator[str]:
    """Pieces of about 400 characters that stand for the whole text, in order."""
    size = _SAMPLE_CHARACTERS
    if len(text) > size * _SAMPLES:
        step = (len(text) - size) // (_SAMPLES - 1)
        for index in range(_SAMPLES):
            yield text[index * step : index * step + size]
        return
    piece: list[str] = []
    length = 0
    for line in text.splitlines():
        for start in range(0, len(line), size):
            part = line[start : start + size]
            if length + len(part) > size and piece:
                yield "\n".join(piece)
                piece, length = [], 0
            piece.append(part)
            length += len(part)
    if piece:
        yield "\n".join(piece)


def _is_plain_english(text: str) -> bool:
    """Whether a text's small words leave no doubt that it is English."""
    words = text.lower().split()
    if sum(map(_SMALL_WORDS.__contains__, words)) < max(
        _ENOUGH_SMALL_WORDS, _SMALL_WORD_SHARE * len(words)
    ):
        return False
    if len(_SMALL_WORDS.intersection(words)) < _DIFFERENT_SMALL_WORDS:
        return False
    return text.isascii() or not _FOREIGN_LETTERS.search(text)


def _multiply(scores: Mapping[str, float], general: Mapping[str, float]) -> dict[str, float]:
    """Two models' evidence together: the small one's scores, and the other's probabilities."""
    elsewhere = sum(share for code, share in general.items() if code not in scores)
    known = {**general, OTHER: elsewhere}
    return to_probabilities(
        {
            code: score + math.log(max(known.get(code, 0.0), _LEAST))
            for code, score in scores.items()
        }
    )


def _merge_opinions(
    shares: dict[str, float], second: dict[str, float], voice: float
) -> dict[str, float]:
    """Two detectors' shares as one; ``voice`` is what the second weighs against the first.

    >>> _merge_opinions({"en": 0.75, "fr": 0.25}, {"fr": 1.0}, 1.0)
    {'en': 0.375, 'fr': 0.625}
    """
    if not second:
        return shares
    first, other = 1 / (1 + voice), voice / (1 + voice)
    return {
        code: first * shares.get(code, 0.0) + other * second.get(code, 0.0)
        for code in sorted(shares.keys() | second.keys())
    }


def check_languages(codes: Sequence[str]) -> tuple[str, ...]:
    """The codes as the detector knows them, each once.

    Raises:
        InputError: A language is none that can be told from others.

    >>> check_languages(["en", "no", "nb"])
    ('en', 'nb')
    """
    known = {canonical_code(code) for code in CANDIDATES} | {"zt"}
    chosen = [canonical_code(code) for code in codes]
    for code in chosen:
        if code not in known:
            raise InputError(
                f"{code!r} is no language that can be detected",
                where="languages",
                remedy=f"choose from {' '.join(sorted(known))}",
            )
    return tuple(dict.fromkeys(_without_script(code) for code in chosen))


def _without_script(code: str) -> str:
    return "zh" if code == "zt" else code


def _with_script(code: str, text: str) -> str:
    return tell_chinese(text) if code == "zh" else code
