"""Made-up sentence pairs of the domain: house terms, names, posts, documents, dates, figures.

    python training/synthetic.py --count 30000 --out build/synthetic.tsv

Frames and building blocks stand in `synthetic.yaml`; the same seed gives the same pairs. English
first, as in the corpus.
"""

from __future__ import annotations

import argparse
import random
import re
from pathlib import Path
from typing import Any

import yaml

MONTHS = (
    ("januar", "January"), ("februar", "February"), ("mars", "March"), ("april", "April"),
    ("mai", "May"), ("juni", "June"), ("juli", "July"), ("august", "August"),
    ("september", "September"), ("oktober", "October"), ("november", "November"),
    ("desember", "December"),
)  # fmt: skip
_SLOT = re.compile(r"\{([A-Z]\d?)\}")
Pair = tuple[str, str]


def capitalise(text: str) -> str:
    """Upper case for the first letter only."""
    for index, letter in enumerate(text):
        if letter.isalpha():
            return text[:index] + letter.upper() + text[index + 1 :]
        if letter.isdigit():
            return text
    return text


class Maker:
    """Fills frames with blocks; every slot gets the same filling on both sides."""

    def __init__(self, data: dict[str, Any], seed: int) -> None:
        self.data = data
        self.random = random.Random(seed)
        self.marked = False
        self.split = {
            key: [tuple(part.strip() for part in str(line).split("|")) for line in data[key]]
            for key in ("committees", "bodies", "others", "posts", "groups", "topics", "tasks",
                        "frames", "documents")
        }  # fmt: skip

    def pick(self, key: str) -> tuple[str, ...]:
        """One line of a list."""
        return self.random.choice(self.split[key])

    def name(self, key: str) -> str:
        """A Vietnamese word or name, with or without its diacritics."""
        words = self.random.choice(self.data[key]).split()
        half = len(words) // 2
        return " ".join(words[half:] if self.marked else words[:half])

    def body(self) -> Pair:
        """A committee, a body under one, or another organ, with the article."""
        chance = self.random.random()
        if chance < 0.38:
            return self.pick("others")[:2]
        definite, genitive, english = self.pick("committees")
        if chance < 0.52:
            return definite, english
        bare, with_preposition, unit = self.pick("bodies")
        if self.random.random() < 0.5:
            return f"{genitive} {bare}", f"the {unit} of {english}"
        if self.random.random() < 0.06:
            second = self.pick("bodies")
            both = f"the {unit} and the {second[2]} of {english}"
            return f"{genitive} {bare} og {second[0]}", both
        return f"{with_preposition} {definite}", f"the {unit} of {english}"

    def committee(self) -> Pair:
        """A Party committee with its article."""
        definite, _, english = self.pick("committees")
        return definite, english

    def person(self) -> Pair:
        """A personal name, the same on both sides."""
        words = [self.name("surnames"), self.name("middles"), self.name("givens")]
        if self.random.random() < 0.2:
            del words[1]
        elif self.random.random() < 0.1:
            words.insert(2, self.name("middles"))
        return " ".join(words), " ".join(words)

    def post(self) -> Pair:
        """A post without the name."""
        norwegian, english = self.pick("posts")
        return self.fill(norwegian, english)

    def person_with_post(self) -> Pair:
        """A name with one or two posts behind it."""
        name = self.person()[0]
        posts = [self.post() for _ in range(1 if self.random.random() < 0.7 else 2)]
        norwegian = ", ".join([name, *(p[0] for p in posts)])
        return norwegian, ", ".join([name, *(p[1] for p in posts)])

    def date(self) -> Pair:
        """A date, with or without the year, or in figures."""
        day, year = self.random.randint(1, 28), self.random.randint(2015, 2026)
        month_nb, month_en = self.random.choice(MONTHS)
        if self.random.random() < 0.4:
            return f"{day}. {month_nb}", f"{month_en} {day}"
        return f"{day}. {month_nb} {year}", f"{month_en} {day}, {year}"

    def document(self) -> Pair:
        """A cited document with number, code, issuer and perhaps a date."""
        norwegian, english, code = self.pick("documents")
        number = str(self.random.randint(1, 400))
        if self.random.random() < 0.4:
            number = number.zfill(2)
        issuer = self.random.choice(self.data["issuers"])
        if not self.marked:
            code, issuer = code.replace("Đ", "D"), issuer.replace("Đ", "D")
        text_nb = f"{norwegian} {number}-{code}/{issuer}"
        text_en = f"{english} {number}-{code}/{issuer}"
        if self.random.random() < 0.5:
            day, year = self.random.randint(1, 28), self.random.randint(2010, 2026)
            month_nb, month_en = self.random.choice(MONTHS)
            text_nb += self.random.choice((" av ", " datert ", " av den ")) + (
                f"{day}. {month_nb} {year}"
            )
            text_en += f", dated {month_en} {day}, {year}"
        if self.random.random() < 0.15:
            by = self.body()
            text_nb, text_en = f"{text_nb} fra {by[0]}", f"{text_en} of {by[1]}"
        return text_nb, text_en

    def number(self, big: bool) -> Pair:
        """A number, grouped with a space or a point in Norwegian and a comma in English."""
        if not big or self.random.random() < 0.3:
            value = self.random.choice((2, 3, 5, 9, 12, 15, 17, 24, 30, 36, 48, 75, 96, 100, 124,
                                        150, 250, 380, 512, 640, 999))  # fmt: skip
            return str(value), str(value)
        value = self.random.randint(1000, 99999)
        mark = self.random.choice((" ", ".", ""))
        norwegian = f"{value // 1000}{mark}{value % 1000:03d}"
        return norwegian, f"{value:,}" if mark else str(value)

    def years(self) -> Pair:
        """A term of office."""
        first = self.random.choice((2010, 2015, 2020, 2025, 2021, 2026))
        span = f"{first}{self.random.choice('-–')}{first + 5}"
        norwegian = self.random.choice(
            ("perioden {}", "{}-perioden", "valgperioden {}", "mandatperioden {}")
        )
        return norwegian.format(span), f"{first}-{first + 5}"  # fmt: skip

    def slot(self, code: str) -> Pair:
        """What stands in a slot."""
        kind = code[0]
        if kind == "L":
            place = self.name("places")
            return place, place
        simple = {
            "B": self.body, "C": self.committee, "P": self.person, "O": self.person_with_post,
            "H": self.post, "D": self.date, "R": self.document, "Y": self.years,
        }  # fmt: skip
        if kind in simple:
            return simple[kind]()
        if kind in "NM":
            return self.number(big=kind == "M")
        key = {"T": "topics", "U": "topics", "G": "groups"}.get(kind, "tasks")
        return self.fill(*self.pick(key)[:2])

    def fill(self, norwegian: str, english: str) -> Pair:
        """Fill every slot of a frame, the same one alike on both sides."""
        fillings: dict[str, Pair] = {}
        for code in _SLOT.findall(norwegian) + _SLOT.findall(english):
            if code not in fillings:
                fillings[code] = self.slot(code)
        norwegian = _SLOT.sub(lambda m: fillings[m.group(1)][0], norwegian)
        english = _SLOT.sub(lambda m: fillings[m.group(1)][1], english)
        return norwegian, english

    def pair(self) -> Pair:
        """One sentence pair (Norwegian, English)."""
        self.marked = self.random.random() < 0.35
        norwegian, english = self.fill(*self.pick("frames")[:2])
        bare = english[-1] not in '.!?"' and "," not in english and self.random.random() < 0.5
        if not bare:
            norwegian, english = capitalise(norwegian), capitalise(english)
        if self.random.random() < 0.04:
            norwegian = f"{norwegian} |"
            english = f"{english} |"
        return norwegian, english


def main() -> None:
    """Command line."""
    here = Path(__file__).parent
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--blocks", type=Path, default=here / "synthetic.yaml")
    parser.add_argument("--count", type=int, default=30_000)
    parser.add_argument("--seed", type=int, default=2025)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    maker = Maker(yaml.safe_load(arguments.blocks.read_text(encoding="utf-8")), arguments.seed)
    pairs: dict[Pair, None] = {}
    attempts = 0
    while len(pairs) < arguments.count and attempts < 20 * arguments.count:
        pairs[maker.pair()] = None
        attempts += 1
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    with arguments.out.open("w", encoding="utf-8") as lines:
        lines.writelines(f"{english}\t{norwegian}\n" for norwegian, english in pairs)
    print(f"{len(pairs)} pairs, {sum(len(e.split()) for _, e in pairs)} English words")


if __name__ == "__main__":
    main()
