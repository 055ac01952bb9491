"""Where the sense of a look-alike is certain: *meter* after a number is a length.

A sense looks at the words directly before and after, in lower case. Where none fits, the word
stays: a wrong spelling is another word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from normalise.language.numbers import CARDINALS

# How much of the text a sense may look at on either side.
REACH: Final = 60

_NUMBER = r"(?:\d|\b(?:" + "|".join(CARDINALS) + r"|hundreds?|thousands?|millions?|billions?))"


@dataclass(frozen=True, slots=True)
class Sense:
    """One sense of a word: what must be right before and right after it, and what it means.

    ``unless`` must be nowhere in reach.
    """

    meaning: str
    before: re.Pattern[str]
    after: re.Pattern[str]
    unless: re.Pattern[str] | None = None

    def fits(self, before: str, after: str) -> bool:
        """Whether a word between these two stretches of text, in lower case, has this sense."""
        if self.before.search(before) is None or self.after.match(after) is None:
            return False
        return self.unless is None or not (self.unless.search(before) or self.unless.search(after))


def _sense(meaning: str, before: str = "", after: str = "", unless: str = "") -> Sense:
    return Sense(
        meaning,
        re.compile(f"(?:{before})$" if before else ""),
        re.compile(after),
        re.compile(unless) if unless else None,
    )


_COMPUTING = (
    r"\b(?:comput\w*|software|codes?|coding|source|files?|compil\w*|install\w*|linux|debian|unix"
    r"|windows|packages?|commands?|scripts?|debug\w*|execut\w*|librar(?:y|ies)|bugs?|browsers?"
    r"|binar(?:y|ies)|users?|run|runs|running|processors?|memory|algorithms?|python|java)\b"
)
_PLANS = (
    r"\b(?:action|training|development|target|work(?:ing)?|education(?:al)?|political|cooperation"
    r"|exchange|television|tv|radio|research|assistance|aid|relief|welfare|social|reform|health"
    r"|vaccination|immunisation|immunization|nuclear|missile|space|weapons|literacy|reduction"
    r"|alleviation|eradication|elimination|scholarship|legislative|government|housing|nutrition"
    r"|feeding|school|lending|austerity|stimulus|recovery|reconstruction|resettlement|investment"
    r"|construction|economic|environmental|environment|agricultural|emulation|supervision"
    r"|inspection|disarmament|adjustment|privatisation|privatization|peace|humanitarian|national"
    r"|provincial|joint|annual|year|cultural|artistic|study|thematic|charity|volunteer|propaganda"
    r"|breakthrough|ocop)[ -]|\b(?:plans|projects|policies|strategies|resolutions) and "
)
_BUILDINGS = (
    r"[ -](?:buildings?|houses?|blocks?|towers?|structures?|villas?|homes?|hotels?|apartments?"
    r"|offices?|schools?|headquarters)\b"
)
_TYRES = r"\b(?:car|rubber|bicycle|bike|spare|flat|truck|tractor|lorry|motorcycle|pneumatic) "

_LENGTH = _sense("a length", rf"{_NUMBER}[- ]|\b(?:square|cubic|metric|running|linear) ")
_PLAN = _sense("a plan of work, not of a computer", _PLANS, unless=_COMPUTING)
_PLAN_OF = _sense(
    "a plan of work, not of a computer",
    after=r" of (?:action|work|activit(?:y|ies)|cooperation|reforms?|assistance)\b"
    r"|(?: and|,) (?:plans|projects|policies|strategies|resolutions)\b",
    unless=_COMPUTING,
)
_PERMIT = _sense(
    "a permit",
    r"\b(?:an?|this|that|each|every|his|its|their|your|driving|driver's|drivers'|business|operating"
    r"|export|import|construction|press|publishing|mining|investment|broadcasting|fishing|gun) ",
    r"(?! plates?\b)",
)
_PERMITS = _sense(
    "permits",
    r"\b(?:the|of|these|those|all|any|some|many|few|\d|no|their|driving|business|operating|export"
    r"|import|construction|press|publishing|mining|investment|broadcasting|fishing|gun|grant"
    r"|granted|granting|issue|issued|issuing|revoke|revoked|revoking) ",
    r"(?! plates?\b)",
)
_GREY = _sense("a colour", r"(?:^|[^\d.,] ?)", unless=r"\b(?:radiation|sievert|dose|absorbed)")
_VERB = _sense(
    "a verb", r"\b(?:to|and|must|should|not|will|strictly|thoroughly) ",
    r" (?:thrift|frugality|what (?:you|they|we|he|she|one) preach)",
)  # fmt: skip

BRITISH: Final[Mapping[str, tuple[Sense, ...]]] = {
    "gray": (_GREY,),
    "license": (_PERMIT,),
    "licenses": (_PERMITS,),
    "meter": (_LENGTH,),
    "meters": (_LENGTH,),
    "practice": (_VERB,),
    "program": (_PLAN, _PLAN_OF),
    "programs": (_PLAN, _PLAN_OF),
    "rigor": (_sense("strictness", after=r"(?! mortis)"),),
    "story": (_sense("a floor", rf"{_NUMBER}[- ]|\b(?:multi|single)[- ]", _BUILDINGS),),
    "stories": (_sense("floors", rf"{_NUMBER} ", r" (?:high|tall|above|below|of parking)\b"),),
    "check": (_sense("a bank's", r"\b(?:blank|cashier's|traveller's|traveler's|bounced) "),),
    "checks": (_sense("a bank's", r"\b(?:blank|cashier's|traveller's|traveler's|bounced) "),),
    "tire": (_sense("of a wheel", _TYRES),),
    "tires": (_sense("of a wheel", _TYRES),),
}
"""Senses of American words that have another form in Britain."""
