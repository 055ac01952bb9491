"""The same documents give the same bytes and records, whatever differs around them."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from random import Random

import pytest
from stand_ins import check_replay
from tiny_package import make_package
from trust_runs import ROOT, read_outputs, read_records

from normalise.audit import summarise
from normalise.data import Document
from normalise.formats import markdown, read_text
from normalise.pipeline import Pipeline

LONG = os.environ.get("NORMALISE_TRUST") == "long"
ENGLISH = """\
The Provincial Standing Committee praised 61 party cells on 3 February 2024 .

They read Resolution No.31-NQ/ TW; the 4 good party cells of Hanoi met again in the evening.
"""
NORWEGIAN = """\
# Møtet i bygda

Partiet har mange lag i byene og i bygdene. Styret møtes hver måned og leser 12 saker.

- Lederen bor i byen og kommer fra en liten bygd.
- Vedtaket ble sendt til fylket 13.03.2024.
"""
VIETNAMESE = """\
Chi bộ họp hằng tháng tại nhà văn hóa của thôn. Đồng chí bí thư đọc báo cáo của huyện.

Nghị quyết số 31-NQ/TW được phổ biến đến 25 đảng viên.
"""
PAGES = {
    "english.txt": ENGLISH,
    "deep/down/norwegian.md": NORWEGIAN,
    "vietnamese.txt": VIETNAMESE,
    "deep/mixed.md": f"{ENGLISH}\n{NORWEGIAN}\n{VIETNAMESE}",
    "Đảng uỷ.txt": VIETNAMESE + "\n" + ENGLISH,
    **{f"many/{number}.txt": f"{ENGLISH}\nPage {number}.\n{NORWEGIAN}" for number in range(12)},
}
USUAL = {"PYTHONHASHSEED": "0", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
# What differs: options, environment, the order in which the files were made.
SURROUNDINGS: dict[str, tuple[tuple[str, ...], Mapping[str, str], int]] = {
    "two workers, random hashes": (("--workers", "2"), {"PYTHONHASHSEED": "random"}, 0),
    "locale C, Vietnam, other order": (
        (), {"PYTHONHASHSEED": "1", "LC_ALL": "C", "TZ": "Asia/Ho_Chi_Minh"}, 1
    ),
}  # fmt: skip
FURTHER: dict[str, tuple[tuple[str, ...], Mapping[str, str], int]] = {
    "hash seed 1": ((), {"PYTHONHASHSEED": "1"}, 0),
    "random hashes": ((), {"PYTHONHASHSEED": "random"}, 0),
    "locale C": ((), {"LC_ALL": "C"}, 0),
    "Vietnam's time": ((), {"TZ": "Asia/Ho_Chi_Minh"}, 0),
    "two workers": (("--workers", "2"), {}, 0),
    **{f"files in order {seed}": ((), {}, seed) for seed in (1, 2, 3)},
    **{
        f"everything else, two workers, order {seed}": (
            ("--workers", "2"),
            {"PYTHONHASHSEED": "random", "LC_ALL": "C", "TZ": "Asia/Ho_Chi_Minh"},
            seed,
        )
        for seed in (4, 5)
    },
}


class House:
    """A package for Norwegian, and runs that know nothing but it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        make_package(folder / "packages", from_code="nb")
        self.runs = 0

    def convert(
        self, options: tuple[str, ...], around: Mapping[str, str], order: int
    ) -> tuple[dict[str, bytes], dict[str, object]]:
        """The outputs and records of a folder made anew, in its own order."""
        self.runs += 1
        place = self.folder / f"run{self.runs}"
        names = list(PAGES)
        if order:
            Random(order).shuffle(names)
        for name in names:
            page = place / "in" / name
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_bytes(PAGES[name].encode())
        home = {name: str(place / "home") for name in ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")}
        kept = {name: value for name, value in os.environ.items() if name not in ("LANG", "LANGUAGE")}
        run = subprocess.run(
            [
                sys.executable, "-m", "normalise", "convert", "in", "out", "--quiet", "--no-memory",
                *options,
            ],
            env={
                **kept, **home, **USUAL, "PYTHONPATH": str(ROOT),
                "ARGOS_PACKAGES_DIR": str(self.folder / "packages"), **around,
            },
            cwd=place,
            capture_output=True,
            check=False,
        )  # fmt: skip
        assert run.returncode in (0, 1), run.stderr.decode()
        return read_outputs(place / "out"), dict(read_records(place / "out"))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return House(tmp_path_factory.mktemp("house"))


@pytest.fixture(scope="module")
def usual(house: House) -> tuple[dict[str, bytes], dict[str, object]]:
    outputs, records = house.convert((), {}, 0)
    assert len(records) == len(PAGES)
    assert outputs.keys() == records.keys() == PAGES.keys()
    return outputs, records


@pytest.mark.parametrize("name", SURROUNDINGS | FURTHER if LONG else SURROUNDINGS)
def test_surroundings_change_nothing(
    house: House,
    usual: tuple[dict[str, bytes], dict[str, object]],
    name: str,
    figure: Callable[[str, object], None],
) -> None:
    outputs, records = house.convert(*(SURROUNDINGS | FURTHER)[name])
    assert outputs == usual[0]
    assert records == usual[1]
    figure(f"{name}: documents whose bytes and records are the same", len(records))


@cache
def documents() -> tuple[Document, ...]:
    return tuple(
        (markdown.parse if name.endswith(".md") else read_text)(text, name)
        for name, text in PAGES.items()
    )


def stream(**bounds: int) -> list[str]:
    """A hash of everything there is to know about each document."""
    seen = []
    for result in Pipeline().stream(documents(), **bounds):
        check_replay(result)
        record = json.dumps(summarise(result), sort_keys=True)
        seen.append(hashlib.sha256(f"{result.text}\0{record}".encode()).hexdigest())
    return seen


def test_windows_change_nothing(figure: Callable[[str, object], None]) -> None:
    many = stream()
    assert len(many) == len(PAGES)
    sizes = [{"most_documents": 1}, {"most_characters": 1_500}]
    if LONG:
        sizes += [{"most_documents": number} for number in (2, 3, 5, 7, 16)]
    for bounds in sizes:
        assert stream(**bounds) == many
    figure("sizes of windows that give the same results", len(sizes) + 1)
