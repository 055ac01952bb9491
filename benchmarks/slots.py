"""How to bring addresses, code and document numbers through a package: left in, or stand-ins.

    python benchmarks/slots.py [--package FOLDER] [--beam N]

Each carrier sentence is translated with each protected span in it: left as it is, and with
several kinds of stand-in. Counted is how often it stands in the output exactly once.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from pathlib import Path

from normalise.packages.find import best_package
from normalise.translate.engine import Decoding, Engine

CARRIERS = (
    "I henhold til {} skal alle enhetene rapportere før jul.",
    "Se {} for mer informasjon om møtet.",
    "Partiet gjennomfører {} i hele provinsen.",
    "Kilde: {}",
    "Komiteen vedtok {} og sendte det til distriktene.",
    "Etter tre år med {} er resultatene gode.",
    "Lederen sa at {} er viktig for kadrene.",
    "Dokumentet ({}) ble lagt fram i går.",
    "{} handler om organiseringen av partiet.",
    "Hun viste til {}, som gjelder fra i år, og ba alle lese det.",
)
SPANS = {
    "document number": ("04-NQ/TU", "35-CT/TW", "204-QĐ/TW", "58-NQ / TW"),
    "address": (
        "https://tinhuy.example.vn/tin-tuc/202510/xay-dung-doi-ngu-can-bo-29b1f10/",
        "www.example.vn/a_b?c=1",
        "post.mottak@example.vn",
    ),
    "code": ("`normalise text`", "![](bilder/1.jpg)"),
}
STAND_INS: dict[str, Callable[[str], str]] = {
    "left in the text": lambda span: span,
    "7301": lambda span: "7301",
    "1987": lambda span: "1987",
    "X1": lambda span: "X1",
    "§1": lambda span: "§1",
    "(1)": lambda span: "(1)",
    "A7": lambda span: "A7",
    "K4": lambda span: "K4",
    "R2D": lambda span: "R2D",
}


def count_once(token: str, output: str) -> bool:
    return len(re.findall(rf"(?<!\w){re.escape(token)}(?!\w)", output)) == 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--package", type=Path)
    parser.add_argument("--beam", type=int, default=4)
    arguments = parser.parse_args()
    extra = [arguments.package] if arguments.package else []
    package = best_package("nb", extra=extra)
    if package is None:
        raise SystemExit("no nb-en package on this machine")
    engine = Engine(package)
    print("| way | " + " | ".join(SPANS) + " |")
    print("|---|" + "---:|" * len(SPANS))
    for name, stand_in in STAND_INS.items():
        cells = []
        for spans in SPANS.values():
            tokens = [stand_in(span) for span in spans for _ in CARRIERS]
            sentences = [
                carrier.format(stand_in(span)) for span in spans for carrier in CARRIERS
            ]
            found = engine.decode(sentences, Decoding(beam=arguments.beam))
            kept = sum(
                count_once(token, hypotheses[0].text)
                for token, hypotheses in zip(tokens, found, strict=True)
            )
            cells.append(f"{kept / len(tokens):.0%}")
        print(f"| {name} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
