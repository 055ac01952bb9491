"""Sentences: where they begin and end, in every language Argos has a package for.

``split`` finds sentences, ``split_clauses`` cuts one that is too long, ``continue_sentence`` joins
the translated parts of one again. The first two give exact offsets,
leave layout (spaces, bullets, Markdown marks, table bars) outside of the segments and lose nothing
else. Bars and measurements: ``benchmarks/segment.py``.
"""

from .clauses import continue_sentence, split_clauses
from .sentences import split

__all__ = ["continue_sentence", "split", "split_clauses"]
