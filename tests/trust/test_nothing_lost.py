"""Numbers, dates, names and document codes of the input are still in the output.

Twice: as the project itself reads figures and citations, and with regular expressions that know
nothing of the project's code.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from normalise.data import Result
from normalise.formats import read_document
from normalise.glossary import Glossary
from normalise.pipeline import Pipeline
from normalise.translate.figures import compare_figures

SAMPLES = Path(__file__).resolve().parent.parent.parent / "samples"
NAMES = sorted(
    path.relative_to(SAMPLES).as_posix()
    for path in SAMPLES.rglob("*.*")
    if path.suffix in (".txt", ".md") and "expected" not in path.parts
)
MONTHS = (
    "january february march april may june july august september october november december"
).split()
_MONTH = "|".join(MONTHS)
_WRITTEN_DATE = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th)? ({_MONTH}),? (\d{{4}})\b|\b({_MONTH}) (\d{{1,2}}),? (\d{{4}})\b",
    re.IGNORECASE,
)
_SHORT_DATE = re.compile(r"\b(\d{1,2})[./-](\d{1,2})[./-](\d{4})\b")
_CODE = re.compile(r"\b\d{1,5}(?:/\d{4})? ?[-/] ?[A-ZĐ][\w]*(?: ?[-/] ?[A-ZĐ]\w*)+")
# A capitalised word with letters that English and the Nordic languages lack.
_NAME = re.compile(r"\b(?=\w*[ăâđêôơưẠ-ỹĂÂĐÊÔƠƯ])[A-ZÀ-ỸĂÂĐÊÔƠƯ]\w+")
SPELT = dict(
    zip(
        "one two three four five six seven eight nine ten eleven twelve".split(),
        map(str, range(1, 13)),
        strict=True,
    )
)


@cache
def pipeline() -> Pipeline:
    return Pipeline()


def read_digits(text: str) -> Counter[str]:
    """Every run of digits, without separators of thousands and leading zeros."""
    joined = re.sub(r"(?<=\d)[.,\u00a0\u202f ](?=\d{3}(?!\d))", "", text)
    return Counter(digits.lstrip("0") or "0" for digits in re.findall(r"\d+", joined))


def read_spelt(text: str) -> Counter[str]:
    """What words say that a translation may write for a digit."""
    words = Counter(re.findall(r"[a-z]+", text.lower()))
    found: Counter[str] = Counter()
    for word, digits in SPELT.items():
        found[digits] += words[word]
    for number, month in enumerate(MONTHS, 1):
        found[str(number)] += words[month]
    return found


def read_dates(text: str) -> set[str]:
    """Dates with day, month and year, as ISO."""
    found = set()
    for a, b, c, d, e, f in _WRITTEN_DATE.findall(text):
        day, month, year = (a, b, c) if a else (e, d, f)
        found.add(f"{year}-{MONTHS.index(month.lower()) + 1:02}-{int(day):02}")
    for day, month, year in _SHORT_DATE.findall(text):
        found.add(f"{year}-{int(month):02}-{int(day):02}")
    return found


def read_codes(text: str) -> set[str]:
    """Codes of documents, as letters and digits alone."""
    plain = text.upper().replace("Đ", "D")
    return {re.sub(r"[^A-Z0-9]", "", code) for code in _CODE.findall(plain)}


def read_names(text: str) -> Counter[str]:
    """Capitalised words with letters that only Vietnamese has."""
    return Counter(_NAME.findall(text))


def read_citations(text: str, language: str) -> set[tuple[str, str, str]]:
    """Number, type code and issuer of each document that the project finds cited."""
    parser = Glossary.load().citation_parser
    assert parser is not None
    found = (hit.citation for hit in parser.find(text, language))
    return {(cited.number, cited.code, cited.issuer) for cited in found}


def read_flagged(result: Result) -> Counter[str]:
    """Figures that the result itself reports as lost in translation, for a person to look at."""
    flags = [flag for flag in result.flags if flag.rule in ("number", "date")]
    return read_digits("\n".join(f"{flag.text}\n{flag.reason}" for flag in flags))


def read_rewritten(result: Result) -> Counter[str]:
    """Names in what a term of the glossary replaced: abbreviations written out, for the most."""
    terms = (change for change in result.stages[-1].changes if change.term)
    return read_names("\n".join(change.before for change in terms))


def check_nothing_lost(result: Result) -> dict[str, int]:
    """How much there was of each kind; all of it must be in the output, or reported."""
    source, output, language = result.document.text, result.text, result.language.code
    flagged = read_flagged(result)
    assert not read_digits(source) - read_digits(output) - read_spelt(output) - flagged
    if result.status == "done":
        lost, _ = compare_figures(source, output, language)
        assert not read_digits("\n".join(figure.text for figure in lost)) - flagged
    assert not read_dates(source) - read_dates(output)
    assert not read_codes(source) - read_codes(output)
    after = language if result.status == "untranslated" else "en"
    assert not read_citations(source, language) - read_citations(output, after)
    assert not read_names(source) - read_names(output) - read_rewritten(result)
    return {
        "numbers": sum(read_digits(source).values()),
        "numbers written as words, or flagged as lost": sum((read_digits(source) - read_digits(output)).values()),
        "dates": len(read_dates(source)),
        "codes": len(read_codes(source)),
        "citations": len(read_citations(source, language)),
        "names": sum(read_names(source).values()),
    }


def convert(path: Path) -> Result:
    document, _ = read_document(path)
    return pipeline().run(document)


def note(found: list[dict[str, int]], figure: Callable[[str, object], None]) -> None:
    for kind in found[0]:
        figure(kind, sum(counts[kind] for counts in found))


def test_nothing_of_the_samples_is_lost(figure: Callable[[str, object], None]) -> None:
    found = [check_nothing_lost(convert(SAMPLES / name)) for name in NAMES]
    assert sum(counts["codes"] for counts in found) > 15
    assert sum(counts["names"] for counts in found) > 50
    note(found, figure)


def test_nothing_of_other_peoples_pages_is_lost(
    shared: Path, figure: Callable[[str, object], None]
) -> None:
    pages = sorted((shared / "seeds").glob("*.txt"))
    if not pages:
        pytest.skip("no pages in ../shared/seeds")
    note([check_nothing_lost(convert(page)) for page in pages], figure)


def test_the_readings_see_a_loss() -> None:
    assert read_digits("1.250 lag, 03.07") == Counter({"1250": 1, "3": 1, "7": 1})
    assert read_dates("3 May 2024, July 21, 2025 and 05.06.2023") == {
        "2024-05-03", "2025-07-21", "2023-06-05",
    }  # fmt: skip
    assert read_codes("31-NQ / TW, 99/2023/NĐ-CP") == {"31NQTW", "992023NDCP"}
    assert read_names("Đồng Tháp, Hanoi") == Counter({"Đồng": 1})
