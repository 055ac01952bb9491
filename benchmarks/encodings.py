"""How often the encoding of a text is told, left open, or told wrongly.

    python benchmarks/encodings.py ../shared/eval/flores [--split dev|test] > table.md

FLORES sentences, one, three or twelve of them a text, are written in encodings that were in use for
their language; so are the project's own samples, with typographic quotation marks. *right*: read
automatically, and the text is the original one; *left*: refused with an error that names a likely
encoding; *wrong*: read automatically as another text. Beside them the figures of charset-normalizer
(the best guess it offers; it has no way to abstain but by finding nothing), if it is installed.
"""

from __future__ import annotations

import argparse
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from normalise.errors import InputError
from normalise.formats.encodings.vietnamese import DECOMPOSE
from normalise.formats.source import decode

SAMPLES = Path(__file__).resolve().parent.parent / "samples"
# Those that are told, and others in which the same languages and their neighbours were written.
ENCODINGS = {
    "vi": ("cp1258", "tcvn", "viscii", "utf-16-le", "utf-16-be"),
    "en": ("cp1252", "utf-16-le", "utf-16-be", "mac-roman", "cp850"),
    "nb": ("cp1252", "utf-16-le", "utf-16-be", "mac-roman", "cp850", "cp865"),
    "da": ("cp1252", "mac-roman", "cp850"),
    "sv": ("cp1252", "mac-roman", "cp850"),
    "de": ("cp1252", "mac-roman", "cp850", "cp1250"),
    "fr": ("cp1252", "mac-roman", "cp850"),
    "fi": ("cp1252", "cp850"),
    "es": ("cp1252", "cp850"),
    "cs": ("cp1250", "iso8859-2", "cp852"),
    "pl": ("cp1250", "iso8859-2", "cp852"),
    "ru": ("cp1251", "koi8-r", "cp866"),
    "zh": ("gb18030", "big5"),
    "ja": ("shift_jis", "euc-jp"),
}
SIZES = (1, 3, 12)
MOST = 200
TEXTS = (".txt", ".text", ".md")
KINDS = ("right", "left", "wrong")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("flores", type=Path)
    parser.add_argument("--split", default="test", choices=["dev", "test"])
    given = parser.parse_args()
    peer = find_peer()
    names = ("text", "encoding", "sentences", "texts", *KINDS, "charset-normalizer right")
    print(f"| {' | '.join(names)} |")
    print("|---|---|---:|---:|---:|---:|---:|---:|")
    for language, encodings in ENCODINGS.items():
        path = given.flores / f"{given.split}.{language}"
        if path.exists():
            lines = path.read_text("utf-8").splitlines()
            for encoding in encodings:
                for size in SIZES:
                    show(language, encoding, size, list(texts(lines, encoding, size)), peer)
    for language, folder in (("en", "english"), ("nb", "norwegian"), ("vi", "vietnamese")):
        paths = sorted(path for path in (SAMPLES / folder).iterdir() if path.suffix in TEXTS)
        pages = [decode(path.read_bytes()).text for path in paths]
        for encoding in ENCODINGS[language]:
            raw = [r for page in map(curl, pages) if (r := write(page, encoding)) is not None]
            show(f"{language}, own samples", encoding, 0, raw, peer)


def texts(lines: list[str], encoding: str, size: int) -> Iterator[tuple[str, bytes]]:
    """Texts that the encoding can hold, and that are not ASCII."""
    made = 0
    for start in range(0, len(lines) - size + 1, size):
        text = unicodedata.normalize("NFC", "\n".join(lines[start : start + size]))
        found = write(text, encoding)
        if found is not None and made < MOST:
            made += 1
            yield found


def write(text: str, encoding: str) -> tuple[str, bytes] | None:
    try:
        raw = text.encode(encoding, DECOMPOSE if encoding == "cp1258" else "strict")
    except UnicodeEncodeError:
        return None
    return None if raw.isascii() else (text, raw)


def curl(page: str) -> str:
    """A page with typographic quotation marks and dashes."""
    page = unicodedata.normalize("NFC", page)
    return page.replace("'", "’").replace(' "', " “").replace('"', "”").replace(" - ", " – ")


def judge(text: str, raw: bytes) -> str:
    try:
        found = decode(raw)
    except InputError:
        return "left"
    return "right" if same(found.text, text) else "wrong"


def same(found: str, text: str) -> bool:
    return unicodedata.normalize("NFC", found) == text


def find_peer():  # type: ignore[no-untyped-def]
    try:
        from charset_normalizer import from_bytes
    except ImportError:
        return None
    return from_bytes


def show(language: str, encoding: str, size: int, made: list, peer) -> None:  # type: ignore[no-untyped-def,type-arg]
    if not made:
        return
    counts = Counter(judge(text, raw) for text, raw in made)
    other = "–"
    if peer is not None:
        guesses = ((peer(raw).best(), text) for text, raw in made)
        right = sum(bool(guess) and same(str(guess), text) for guess, text in guesses)
        other = f"{100 * right / len(made):.0f} %"
    cells = " | ".join(f"{100 * counts[kind] / len(made):.1f} %" for kind in KINDS)
    print(f"| {language} | {encoding} | {size or 'page'} | {len(made)} | {cells} | {other} |")


if __name__ == "__main__":
    main()
