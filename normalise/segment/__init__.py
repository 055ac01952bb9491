"""Sentences: where they begin and end, in every language Argos has a package for.

``split`` finds sentences, ``split_clauses`` cuts one that is too long, and ``continue_sentence``
adapts its translated parts to be joined again. The first two give exact offsets, leave layout
(spaces, bullets, Markdown marks, table bars) outside the segments and lose nothing else.
Measurements: ``benchmarks/segment.py``.
"""

from .clauses import continue_sentence, split_clauses
from .sentences import split

__all__ = ["continue_sentence", "split", "split_clauses"]
