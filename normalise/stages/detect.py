"""Which language a document and each of its blocks is in.

Two detectors that make different mistakes work together, both deterministic: py3langid scores
every sample of the text; langdetect, seeded, is asked for a second opinion on documents whose
samples leave a doubt. A block is judged on its own words *and* on the document it stands in, so
that a short caption of a Norwegian page is not taken for Danish, while a Vietnamese line on an
English page is still seen as what it is.

Measured on FLORES by ``benchmarks/detect.py``; the table is in ``benchmarks/results/detect.md``.
"""

from __future__ import annotations

import math
import re
import threading
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from normalise.data import Language
from normalise.errors import InputError

if TYPE_CHECKING:
    from langdetect.detector_factory import DetectorFactory
    from py3langid.langid import LanguageIdentifier

UNDETERMINED = "und"

# Languages with a package in Argos's index, and those that stand beside them on the pages read
# here or are easily taken for one of them. Fewer candidates make short lines surer (4-word Spanish
# lines of FLORES dev: 77 % with all 140 languages, 88 % with these).
_CANDIDATES = (
    "ar az bg bn ca cs da de el en eo es et eu fa fi fr ga gl he hi hr hu id is it ja km ko ky lo "
    "lt lv mk ms my nl nn no pl pt ro ru sk sl sq sr sv th tl tr uk ur vi zh"
)
# Close relatives of a much commoner language: a few words must not be enough for them.
_RARE = {"gl": 1.0, "ca": 0.7, "eo": 1.0, "eu": 0.7, "mk": 0.7, "ky": 0.5, "sk": 0.3}
_FROM_LANGDETECT = {"no": "nb", "zh-cn": "zh", "zh-tw": "zt"}

# Words that one of two close languages has and the other has not, and what each weighs.
_MARKER_WORDS = {
    "nb": (
        "av bare ble bli blitt deg dere deres etter fikk flest fram gi gikk gjennom ha hadde "
        "hva hverandre høyt ledet legge meg melding mellom mye møte møtet noe noen nå "
        "oppgaver opptatt seg selv sette språk ta tjue uke uker uten årene"
    ),
    "nn": (
        "anna berre dei dykk då eg eigen eigne ein eit fekk fleire frå gjekk gjer gjere heile "
        "hjå ho høg ikkje ikring kjem korkje korleis kva kvar kven me medan meir mykje noko "
        "nokon saka saman same seier sjå sjølv skule tidlegare vart veke vekene vere vert "
        "verte vore væra òg"
    ),
    "da": (
        "af blev blevet blive bliver dig efter ejer fik gennem gik give havde hvad igen jer "
        "jeres kun lige lægge meget mellem mere mig mod mødet nogen noget nogle nu nødt op "
        "optaget sig sige sprog sætte tage tyve ud uden uge uger viden"
    ),
    "id": ("bahwa bisa juta karena ketika menit mobil telah tidak uang"),
    "ms": ("apabila bahawa boleh ialah kerana kereta minit sahaja wang"),
}
_MARKERS: Mapping[str, frozenset[str]] = {
    code: frozenset(words.split()) for code, words in _MARKER_WORDS.items()
}
_RIVALS = (("nb", "nn", "da"), ("id", "ms"))
_MARKER_WEIGHT = 0.8

# The commonest small words of languages that most blocks are in. A block full of its document's
# own needs no model; that is what makes long documents cheap.
_SMALL_WORDS = {
    "en": frozenset(
        "the of and to in a is for on with that by as at from was were are be has have had it its "
        "this which their his her they not an or but will would been who more also".split()
    ),
    "nb": frozenset(
        "og i av til på for med er som at det en et den de har fra ble var ikke om seg å vil skal "
        "men kan hadde etter han hun sin sine disse dette også ved over mot eller noen blir".split()
    ),
}
_ENOUGH_SMALL_WORDS = 6
# Words that open a sentence and could be Vietnamese syllables, but tell English.
_OPENERS = frozenset({"The"})
_FOREIGN_LETTERS = "äöüß"
_DIFFERENT_SMALL_WORDS = 4
_SMALL_WORD_SHARE = 0.3
_PLAIN_CONFIDENCE = 0.99

# A block must speak this much more clearly for another language than for its document's own.
_DOCUMENT_BONUS = 1.5
_BRIEF_LETTERS = 20
# A text of a few words says little; then what is likely here counts too.
_PRIORS = {"en": 1.5, "nb": 1.0}
_FEW_LETTERS = 40
# langdetect is as sure of three words as of a page, so its voice grows with the text. Chosen, like
# the priors, on heads of four, six and nine words from FLORES dev.
_SECOND_OPINION = 0.5
_LETTERS_FOR_OPINION = 60
_ENOUGH_LETTERS = 3
_SAMPLE_CHARACTERS = 400
_SAMPLES = 24

_NOISE = re.compile(
    r"<[^<>\n]{0,300}>|!?\[([^\[\]\n]{0,300})\]\([^()\n]{0,300}\)|`[^`\n]{0,300}`"
    r"|(?:https?://|www\.)\S+|\S+@\S+\.\S+|&[a-z]{2,8};"
    r"|[A-Za-z./-]*\d[\d.,/A-Za-z-]*|[#*_|>~=]+",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_ONSET = "(?:ngh|ng|nh|ch|gh|gi|kh|ph|qu|th|tr|b|c|d|g|h|k|l|m|n|p|r|s|t|v|x)?"
_RIME = (
    "(?:uyen|uyet|uong|uoc|uoi|uou|uon|uom|uot|uop|ieng|iec|iem|ien|iep|iet|ieu|yen|yet|yeu|"
    "oang|oanh|oach|oan|oat|oac|oam|oai|oay|oeo|oen|oet|uang|uan|uat|uay|uynh|uych|uyt|uyu|uya|"
    "[aeiouy](?:ng|nh|ch|c|m|n|p|t)|ai|ao|au|ay|eo|eu|ia|iu|oa|oe|oi|oo|ua|ue|ui|uo|uu|uy|[aeiouy])"
)
_SYLLABLE = re.compile(_ONSET + _RIME)
# Syllables that English and the Nordic languages hardly have as words.
_TELLING = re.compile(
    r"(?:ng|nh|kh|tr)(?:" + _RIME + r")|.*(?:uong|ieng|ien|iet|ieu|uyen|uoc|uoi|inh|anh|oanh|ach)"
)
_SIMPLIFIED = frozenset(
    "们国个来这时对会发经说产种过动进现实应开关还没从业务员级统边远导组织习党为县镇农书记办论"
)
_TRADITIONAL = frozenset(
    "們國個來這時對會發經說產種過動進現實應開關還沒從業務員級統邊遠導組織習黨為縣鎮農書記辦論"
)


class Detector:
    """Detects languages; the models load on first use and are shared by all calls.

    >>> detector = Detector()
    >>> page = detector.detect_document("The Provincial Party Committee held a meeting on Monday.")
    >>> page.code
    'en'
    >>> detector.detect_block("Toàn cảnh hội nghị của Tỉnh ủy sáng nay", page).code
    'vi'
    >>> detector.detect_block("30/4 - 1/5", page)
    Language(code='en', confidence=0.0)

    Args:
        languages: Codes of the only languages to look for; all that are known where empty.
    """

    def __init__(self, languages: Sequence[str] = ()) -> None:
        self._languages = check_languages(languages)
        self._lock = threading.Lock()
        self._identifier: LanguageIdentifier | None = None
        self._factory: DetectorFactory | None = None

    def __reduce__(self) -> tuple[object, ...]:
        return Detector, (self._languages,)

    def detect_document(self, text: str) -> Language:
        """The main language of a text: the one most of its prose is in.

        Long texts are judged by samples taken at even distances, so that 20 MB cost no more than
        a page. Confidence is the share of the samples' evidence; ``und`` with 0 for no evidence.
        """
        totals: dict[str, float] = {}
        weights = 0.0
        sampled: list[str] = []
        for sample in _samples(text):
            words = _words_to_judge(sample)
            letters = sum(map(len, words))
            if letters < _ENOUGH_LETTERS:
                continue
            sampled.append(" ".join(words))
            scarcity = max(0.0, 1 - letters / _FEW_LETTERS)
            priors = {code: scarcity * prior for code, prior in _PRIORS.items()}
            for code, probability in self._probabilities(words, priors).items():
                totals[code] = totals.get(code, 0.0) + probability * letters
            weights += letters
        if not weights:
            return Language(UNDETERMINED, 0.0)
        shares = {code: total / weights for code, total in totals.items()}
        voice = _SECOND_OPINION * min(1.0, weights / _LETTERS_FOR_OPINION)
        best, *others = sorted(shares.values(), reverse=True)
        if best - max(others, default=0.0) <= voice:  # else it could not change the outcome
            shares = _merge_opinions(shares, self._ask_langdetect("\n".join(sampled)), voice)
        code = max(sorted(shares), key=shares.__getitem__)
        return Language(_chinese_script(code, text), round(shares[code], 4))

    def detect_block(self, text: str, document: Language) -> Language:
        """The language of one block of a document.

        A block without evidence of its own (numbers, a name, two letters) takes the document's
        language, with confidence 0.
        """
        if _is_plainly(text, document.code):
            return Language(document.code, _PLAIN_CONFIDENCE)
        words = _words_to_judge(text[:_SAMPLE_CHARACTERS])
        if sum(map(len, words)) < _ENOUGH_LETTERS:
            words = _words_to_judge(text[: 20 * _SAMPLE_CHARACTERS])
        if sum(map(len, words)) < _ENOUGH_LETTERS:
            return Language(document.code, 0.0)
        home = "zh" if document.code == "zt" else document.code
        # One word may belong to several languages ("Comment"), so it must say much more.
        brevity = max(0.0, 1 - sum(map(len, words)) / _BRIEF_LETTERS)
        bonus = _DOCUMENT_BONUS * (1 + 2 * brevity)
        probabilities = self._probabilities(words, {home: bonus})
        code = max(sorted(probabilities), key=probabilities.__getitem__)
        if code != home and _names_only(text):
            return Language(document.code, 0.0)
        return Language(_chinese_script(code, text), round(probabilities[code], 4))

    def _probabilities(self, words: list[str], bonuses: Mapping[str, float]) -> dict[str, float]:
        if self._looks_for("vi") and _is_bare_vietnamese(words):
            return {"vi": 0.9}
        scores = self._scores(" ".join(words))
        lowered = [word.lower() for word in words]
        # Calibrated like the scores themselves: evidence grows with the root of the length.
        weight = _MARKER_WEIGHT / math.sqrt(max(1.0, len(words) / 6))
        for code, markers in _MARKERS.items():
            if code in scores:
                scores[code] += weight * sum(word in markers for word in lowered)
        for code, penalty in _RARE.items():
            if code in scores:
                scores[code] -= penalty
        for code, bonus in bonuses.items():
            if code in scores:
                scores[code] += bonus
        highest = max(scores.values())
        raised = {code: math.exp(score - highest) for code, score in scores.items()}
        total = sum(raised.values())
        return {code: value / total for code, value in raised.items()}

    def _scores(self, text: str) -> dict[str, float]:
        identifier = self._load_identifier()
        floor = 1e-12
        return {
            _ours(code): math.log(max(probability, floor))
            for code, probability in identifier.rank(text)
        }

    def _load_identifier(self) -> LanguageIdentifier:
        with self._lock:
            if self._identifier is None:
                from py3langid.langid import MODEL_FILE, LanguageIdentifier

                identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
                wanted = [code for code in _CANDIDATES.split() if self._looks_for(_ours(code))]
                identifier.set_languages(wanted)
                self._identifier = identifier
            return self._identifier

    def _ask_langdetect(self, text: str) -> dict[str, float]:
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
            code = _ours(guess.lang)
            code = "zh" if code == "zt" else code
            if self._looks_for(code):
                opinion[code] = opinion.get(code, 0.0) + guess.prob
        return opinion

    def _looks_for(self, code: str) -> bool:
        return not self._languages or code in self._languages


def check_languages(codes: Sequence[str]) -> tuple[str, ...]:
    """The codes as the detector knows them, each once.

    Raises:
        InputError: A language is none that can be told from others.

    >>> check_languages(["en", "no", "nb"])
    ('en', 'nb')
    """
    known = sorted({_ours(code) for code in _CANDIDATES.split()})
    chosen = []
    for code in codes:
        code = code.strip().lower()
        chosen.append({"zt": "zh"}.get(code, _ours(code)))  # the script tells them apart later
        if chosen[-1] not in known:
            raise InputError(
                f"{code!r} is no language that can be detected",
                where="languages",
                remedy=f"choose from {' '.join(known)}",
            )
    return tuple(dict.fromkeys(chosen))


def _ours(code: str) -> str:
    return _FROM_LANGDETECT.get(code, code)


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


def _words_to_judge(text: str) -> list[str]:
    """The words that tell the language: no markup, addresses or codes, and few names."""
    text = _NOISE.sub(lambda match: f" {match[1] or ''} ", unicodedata.normalize("NFC", text))
    words = _WORD.findall(text)
    letters = sum(map(len, words))
    if letters and sum(sum(map(str.isupper, word)) for word in words) > 0.7 * letters:
        return [word.lower() for word in words]
    # Vietnamese names are strings of capitalised syllables; on a page full of them they would
    # outvote the sentence they stand in.
    plain = [
        word
        for word in words
        if not (word[0].isupper() and word not in _OPENERS and _is_syllable(word))
    ]
    small = sum(word[0].islower() for word in words)
    return plain if plain and (small == 0 or small >= 3) else words


def _is_plainly(text: str, code: str) -> bool:
    """Whether a block's small words leave no doubt that it is in its document's language."""
    small = _SMALL_WORDS.get(code)
    if small is None or any(letter in text for letter in _FOREIGN_LETTERS):
        return False
    words = text[:_SAMPLE_CHARACTERS].lower().split()
    found = [word for word in words if word in small]
    if len(found) < max(_ENOUGH_SMALL_WORDS, _SMALL_WORD_SHARE * len(words)):
        return False
    if len(set(found)) < _DIFFERENT_SMALL_WORDS:
        return False
    rivals = [c for group in _RIVALS if code in group for c in group if c != code]
    if any(word in _MARKERS[c] for c in rivals for word in words):
        return False
    return not rivals or any(word in _MARKERS[code] for word in words)


def _strip_accents(word: str) -> str:
    bare = unicodedata.normalize("NFD", word.lower()).replace("đ", "d")
    return "".join(letter for letter in bare if not unicodedata.combining(letter))


def _is_syllable(word: str) -> bool:
    return len(word) <= 7 and _SYLLABLE.fullmatch(_strip_accents(word)) is not None


def _names_only(text: str) -> bool:
    """Whether a line is nothing but Vietnamese personal names: two to five syllables each."""
    for name in re.split(r"[,;|/–]", text):
        words = _WORD.findall(name)
        if len(words) > 5 or not all(word.istitle() and _is_syllable(word) for word in words):
            return False
    return True


def _is_bare_vietnamese(words: list[str]) -> bool:
    """Vietnamese typed without its accents, which no detector knows.

    Asks for running words in small letters, nearly all of them possible syllables, with several
    that English and the Nordic languages do not have.
    """
    small = [word for word in words if word.islower()]
    if len(small) < 4 or not all(word.isascii() for word in small):
        return False
    possible = sum(_is_syllable(word) for word in small)
    telling = sum(_is_syllable(word) and _TELLING.fullmatch(word) is not None for word in small)
    return possible >= 0.9 * len(small) and telling >= max(2, 0.25 * len(small))


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
    merged = {
        code: first * shares.get(code, 0.0) + other * second.get(code, 0.0)
        for code in sorted(shares.keys() | second.keys())
    }
    if "nn" in shares:  # langdetect has no Nynorsk and calls it Bokmål
        nordic = shares["nn"] + shares.get("nb", 0.0)
        if nordic:
            gained = other * second.get("nb", 0.0)
            merged["nn"] += gained * shares["nn"] / nordic
            merged["nb"] -= gained * shares["nn"] / nordic
    return merged


def _chinese_script(code: str, text: str) -> str:
    if code != "zh":
        return code
    head = text[:20_000]
    traditional = sum(character in _TRADITIONAL for character in head)
    simplified = sum(character in _SIMPLIFIED for character in head)
    return "zt" if traditional > simplified else "zh"
