"""English words by what they do in a sentence: which can go on with a noun phrase, which cannot."""

from __future__ import annotations

import re

# Words that never belong to the noun phrase before them, however they are capitalised.
AFTER_NOUNS = frozenset(
    "a about above after against along also although among an and are as at be because been before "
    "behind being between both but by can could did do does during each either for from had has "
    "have he her his however if in including into is it its itself may might must near nor not of "
    "off on onto or our out over per shall she should since so such than that the their them then "
    "there therefore they this those through throughout thus to together towards under until up "
    "upon was we were when where whereas which while who whom whose will with within without would "
    "yet you "
    "monday tuesday wednesday thursday friday saturday sunday january february march april june "
    "july august september october november december".split()
)
# Verbs in the present with endings of nouns.
_VERBS = frozenset(
    "implement supplement comment commence influence experience mention position question function "
    "advance enhance balance finance document reference partition petition caution condition "
    "complement compliment experiment lament reveal appeal signal deal several".split()
)
_NOUN_ENDING = re.compile(
    r".{2,}(?:tions?|sions?|ments?|ness|ships?|ances?|ences?|ity|ism|ists?|ware|al|ary|ic)$"
)


def continues_noun(word: str) -> bool:
    """Whether a word right after a noun is, by its ending, another noun or an adjective before one.

    >>> continues_noun("inspection"), continues_noun("civil"), continues_noun("medical")
    (True, False, True)
    >>> continues_noun("implement"), continues_noun("held")
    (False, False)
    """
    return _NOUN_ENDING.match(word) is not None and word.removesuffix("s") not in _VERBS
