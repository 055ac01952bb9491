"""How many mentions of the field's concepts the glossaries recognise.

``data/field.txt`` holds paragraphs in the style of machine translation, one a line, in which
``[[...]]`` marks each mention of a concept. A mention is recognised if one winning hit of a term
(rewritten, already right, or flagged) covers every word of it; ``touched`` if a hit covers part.

    python benchmarks/field.py [--glossaries FOLDER] [--half a|b] [--missed]
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from normalise.glossary.glossary import Glossary

MARK = re.compile(r"\[\[(.+?)\]\]")
DATA = Path(__file__).parent / "data" / "field.txt"


def read(path: Path) -> list[tuple[str, list[tuple[int, int]]]]:
    """The paragraphs without their marks, each with the spans of its mentions."""
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        text, spans, end = "", [], 0
        for mark in MARK.finditer(line):
            text += line[end : mark.start()]
            spans.append((len(text), len(text) + len(mark[1])))
            text += mark[1]
            end = mark.end()
        rows.append((text + line[end:], spans))
    return rows


def covers(glossary: Glossary, text: str) -> list[tuple[int, int, str]]:
    """Start, end and term of all that a term recognises: first hits, and what is rewritten."""
    spans = [
        (hit.start, hit.end, hit.term)
        for hit, decision in glossary.decisions(text)
        if decision.verdict != "forbidden"
    ]
    spans += [(c.start, c.end, c.term) for c in glossary.apply(text).changes]
    return spans


def main() -> None:
    """Print recognised, touched and all mentions, and with ``--missed`` those not recognised."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--glossaries", type=Path, default=Path("glossaries"))
    parser.add_argument("--half", choices=["a", "b"], help="odd (a) or even (b) paragraphs only")
    parser.add_argument("--missed", action="store_true")
    parser.add_argument("data", type=Path, nargs="?", default=DATA)
    options = parser.parse_args()
    glossary = Glossary.load([options.glossaries])
    whole = part = count = 0
    for number, (text, spans) in enumerate(read(options.data)):
        if options.half and number % 2 != "ab".index(options.half):
            continue
        found = covers(glossary, text)
        for start, end in spans:
            count += 1
            if any(s <= start and end <= e for s, e, _ in found):
                whole += 1
                continue
            part += any(s < end and start < e for s, e, _ in found)
            if options.missed:
                near = [f"{text[s:e]} ({t})" for s, e, t in found if s < end and start < e]
                print(number + 1, text[start:end], *near, sep="\t")
    print(f"{whole} of {count} recognised ({whole / count:.1%}), {part} more touched")


if __name__ == "__main__":
    main()
