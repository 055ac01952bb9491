"""Encodings: those that Python lacks, and telling which one a file is in."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalise.batch.convert import Reading, convert_folder
from normalise.errors import InputError
from normalise.formats.encodings.guess import SURE, guess_encoding
from normalise.formats.encodings.vietnamese import DECOMPOSE
from normalise.formats.source import decode
from normalise.pipeline import Pipeline

VI = (
    "Chi bộ thôn Nà Lầu họp thường kỳ, đánh giá kết quả quý một. Đảng viên thảo luận về nghị quyết, "
    "bầu bổ sung một chi ủy viên và giao nhiệm vụ cho từng đồng chí."
)
NB = (
    "Møtet på rådhuset var åpent for alle. Lederen sa at kommunene må få større ansvar, og at det er "
    "nødvendig å gjøre mer for de eldste. I år ble også fire nye særlover gjennomgått."
)
EN = (
    "The “4 good” cells – as the province calls them – have 61 members. It’s the Party’s wish that "
    "“model” cells share what they know… The committee’s guests came from the city’s wards."
)


def write(text: str, encoding: str) -> bytes:
    return text.encode(encoding, DECOMPOSE)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [(VI, "cp1258"), (VI, "tcvn"), (VI, "viscii"), (NB, "cp1252"), (EN, "cp1252"),
     (VI, "utf-16-le"), (NB, "utf-16-be"), (EN, "utf-16-le"), ("The Party cell met.\n", "utf-16-be")],
)  # fmt: skip
def test_what_the_words_show_is_read_and_written_back(text: str, encoding: str) -> None:
    raw = write(text, encoding)
    source = decode(raw)
    assert unicodedata.normalize("NFC", source.text) == text
    assert (source.encoding, source.evidence) == (encoding, "words")
    assert SURE <= source.confidence < 1
    assert source.encode(source.text) == raw


@pytest.mark.parametrize(
    "raw",
    [
        b"caf\xe9 au lait",
        NB.encode("mac-roman"),
        NB.encode("cp850"),
        EN.encode("mac-roman"),
        "Příliš žluťoučký kůň úpěl ďábelské ódy, a to i v této řádce.".encode("cp1250"),
        "The word Привет is greeting and the reply to it is Здравствуйте of the sea".encode("cp1251"),
        "Партийная ячейка провела собрание и приняла резолюцию.".encode("koi8-r"),
        "党支部召开会议，讨论了今年的工作计划。".encode("gb18030"),
        "Chi bộ họp".encode("tcvn"),
        bytes(range(1, 256)),
    ],
    ids=range(10),
)
def test_what_is_not_sure_is_refused_with_a_remedy(raw: bytes) -> None:
    with pytest.raises(InputError) as caught:
        decode(raw, name="a.txt")
    assert "encoding" in caught.value.remedy


def test_one_name_of_a_neighbouring_language_leaves_it_open() -> None:
    text = "Der Stamm von 1956, den Słania für die Post gestaltete, ist für Künstler später größer geworden. "
    text += "Die Möglichkeit, das zu prüfen, gehört dem Büro; die Behörde hätte es bestätigt."
    assert decode(text.replace("ł", "l").encode("cp1252")).encoding == "cp1252"
    with pytest.raises(InputError, match="--encoding"):
        decode(text.encode("cp1250"))


def test_the_likely_encoding_is_named() -> None:
    with pytest.raises(InputError, match=r"looks like tcvn.*--encoding tcvn"):
        decode("Chi bộ Đảng họp".encode("tcvn"))


def test_an_option_decides() -> None:
    assert decode(write(VI, "tcvn"), encoding="viscii").encoding == "viscii"
    assert decode(write(VI, "tcvn"), encoding="TCVN3").text == VI
    with pytest.raises(InputError, match="not UTF-8"):
        decode(write(VI, "tcvn"), encoding="utf-8")


@pytest.mark.parametrize("encoding", ["tcvn", "viscii"])
def test_every_byte_is_a_character_of_its_own(encoding: str) -> None:
    everything = bytes(range(256))
    text = everything.decode(encoding)
    assert len(set(text)) == 256
    assert text.encode(encoding) == everything


def test_binary_is_still_binary() -> None:
    for raw in (b"PK\x03\x04\0\0" * 40, b"\0" * 64, bytes(range(256)) * 4):
        with pytest.raises(InputError, match="binary"):
            decode(raw)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_or_come_out_as_they_were(raw: bytes) -> None:
    guess = guess_encoding(raw)
    assert 0 <= guess.confidence < 1
    try:
        source = decode(raw)
    except InputError:
        return
    assert source.encode(source.text) == raw


def test_the_record_says_how_it_was_found(tmp_path: Path, pipeline: Pipeline) -> None:
    pages = tmp_path / "in"
    pages.mkdir()
    (pages / "a.txt").write_bytes(write(VI, "tcvn"))
    (pages / "b.txt").write_bytes(b"caf\xe9")
    (pages / "c.txt").write_text("A party cell.")
    convert_folder(pages, tmp_path / "out", reading=Reading(encoding=""), pipeline=pipeline)
    lines = (tmp_path / "out" / "audit.jsonl").read_text("utf-8").splitlines()
    a, b, c = map(json.loads, lines)
    assert (a["encoding"], a["encoding_by"]) == ("tcvn", "words")
    assert a["encoding_confidence"] >= SURE
    assert b["status"] == "failed"
    assert (c["encoding"], c["encoding_confidence"]) == ("utf-8", 1.0)
    assert "encoding_by" not in c
