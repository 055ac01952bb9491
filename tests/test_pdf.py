"""PDF files: their text as Markdown, and what ends in one clear error."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import zlib
from pathlib import Path
from types import SimpleNamespace

import pytest
from tiny_pdf import make_pdf, set_lines

from normalise.batch.convert import convert_folder
from normalise.errors import InputError
from normalise.formats import Reading, read_document, render
from normalise.formats.pdf import document as pdf
from normalise.formats.pdf.compose import HYPHEN, Line, compose
from normalise.pipeline import Pipeline

pytest.importorskip("pypdfium2", reason="the extra pdf is not installed")

# One page with a password, made with pypdf.
ENCRYPTED = zlib.decompress(base64.b85decode(
    'c-oCpON$gS5Jm+Ta`q|&mN{xV={&k&7}?jLsO+-q`at%OPAX%|*u8XTWJeJHz@p&QqX#eE_u@|wR`4tft{`|6Jo&(M'
    '&prmmgGmm_S6|gvRjJO}a{m&&9HY+X!~Ktl;s}@7L)7gea%;Q|m@H|phvfi~H9deDvp`r!y&i(XHbge#(DD$up4%GV'
    '$8p2QTZk-`qrzi4<r@FfwGpZyP$x>{CfHmrmOCL<6t+kOPB@!HEPNo=m`|ANP?w|1ge04Y{a~G3C>F;_PtK7(pVGep'
    '#lSznB5CZkuRuRSyFY*JFTcw6&R)Ft^v{{O>f75F?C|&9@z-+~-ryhR1KRuk>G0i^gZBq`XW`}U{Ilm@=FV@j*W>v{'
    ';V8(FmYAuv$q$i@QRdrc15!j5bq#Ii<SGmwgU^jdWTh~r&5Hphck*JPsPkiBsu(#Xa2vDG4IH18MOhNsiaASpDiuqE'
    'xt|X`RG4gdU07XNL{@P(0>Oe+=omO8iksLtZ8C6zQmtZbI2e}ML<(zcY`J7gQl3(!GiMd>9wM8#%c6)nCc$NnB}`KW'
    'MzJKLLQ$7RCJJ}QK?DgU63waPQ54?NIj18UCDVVjQ-MPfRwz1ISPBsf?C=RjLw8$Caf(SkgHaaGU`)^%EEeeu#)Uk^'
    'e5LatRBf*}@+T0|BkN@urh77o*OtSub``|Vn2e{Ow2qY)mRSvuF)0C<;JyE$Y_-2%jki6P$3t9uUHP^#Qc=|DtgQCY'
    'UoFuN?E'
))  # fmt: skip


def read(*pages: list[tuple[float, float, float, str]]) -> tuple[str, tuple[str, ...]]:
    source = pdf.read(make_pdf(pages), "a.pdf", Reading())[1]
    return source.text, source.notes


def test_paragraphs_headings_and_lists() -> None:
    text, notes = read(
        [
            (72, 760, 20, "Building the Party"),
            *set_lines(
                ["The committee met on Monday and heard twelve reports from the", "districts of the province.", "",
                 "A second paragraph.", "", "\u2022 one item", "\u2022 another *item*", "", "See page [3](x) of it."],
                top=720,
            ),
        ]
    )  # fmt: skip
    assert text == (
        "# Building the Party\n\n"
        "The committee met on Monday and heard twelve reports from the districts of the province.\n\n"
        "A second paragraph.\n\n- one item\n\n- another \\*item\\*\n\nSee page \\[3](x) of it.\n"
    )
    assert notes == ()


def test_words_broken_at_a_line_end_are_whole_again() -> None:
    text, _ = read(
        set_lines(["The committee asked the organi-", "sation commission to go on with socio-",
                   "economic tasks in the two-", "tier model; the two-tier model is new."])
    )  # fmt: skip
    assert text == (
        "The committee asked the organisation commission to go on with socio-economic tasks in the "
        "two-tier model; the two-tier model is new.\n"
    )


def test_running_heads_are_left_out_and_said() -> None:
    pages = [
        [(72, 800, 9, f"Bulletin no. {number}"), *set_lines([f"The party cell {number} met."]), (280, 40, 9, str(number))]
        for number in range(1, 5)
    ]
    text, notes = read(*pages)
    assert "Bulletin" not in text
    assert text.count("The party cell") == 4
    assert text.startswith("The party cell 1 met.\n")
    assert "repeated" in notes[0]
    assert "Bulletin no. 1" in notes[0]
    assert "Bulletin" in read(*pages[:2])[0]


def test_a_sentence_goes_on_over_pages() -> None:
    text, _ = read(set_lines(["The party cell of the"]), set_lines(["ward met."]))
    assert text == "The party cell of the ward met.\n"


def test_pages_without_text_are_said_to_be_scanned() -> None:
    text, notes = read(set_lines(["One."]), [], set_lines(["Three."]))
    assert text.split("\n\n")[1] == f"<!-- {notes[0]} -->"
    assert "page 2 has no text: it was probably scanned" in notes[0]
    with pytest.raises(InputError, match="no page has any text") as caught:
        read([], [])
    assert "ocrmypdf" in caught.value.remedy


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (ENCRYPTED, "encrypted"),
        (b"", "damaged"),
        (b"%PDF-1.7\n" + b"\0" * 1000, "damaged"),
        (make_pdf([set_lines(["One."])])[:200], "damaged"),
        (b"PK\3\4", "damaged"),
    ],
)
def test_what_cannot_be_read_says_why(raw: bytes, problem: str) -> None:
    with pytest.raises(InputError, match=problem) as caught:
        pdf.read(raw, "a.pdf", Reading())
    assert caught.value.remedy


def test_a_crash_of_the_reader_is_one_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: SimpleNamespace(stdout=b"", returncode=-11))
    with pytest.raises(InputError, match="exit code -11"):
        pdf.read(b"x", "a.pdf", Reading())

    def hang(*given: object, **named: object) -> None:
        raise subprocess.TimeoutExpired("x", 1)

    monkeypatch.setattr(subprocess, "run", hang)
    with pytest.raises(InputError, match="within"):
        pdf.read(b"x", "a.pdf", Reading())


def test_a_missing_package_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = json.dumps({"error": "missing"}).encode()
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: SimpleNamespace(stdout=answer, returncode=0))
    with pytest.raises(InputError) as caught:
        pdf.read(b"x", "a.pdf", Reading())
    assert caught.value.remedy == "pip install 'normalise[pdf]'"


def test_the_program_says_what_is_missing() -> None:
    program = Path(pdf.__file__).with_name("extract.py")
    hidden = f"import sys, runpy; sys.modules['pypdfium2'] = None; runpy.run_path({str(program)!r}, run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", hidden], input=b"", capture_output=True, check=True)
    assert json.loads(done.stdout) == {"error": "missing"}


@pytest.mark.parametrize(
    "lines",
    [
        ["x" * 100_000],
        ["- " * 5000],
        ["["] * 3000,
        [HYPHEN] * 3000,
        ["a" + HYPHEN] * 3000,
        ["1. "] * 3000,
        ["*_`<&$~" * 2000],
        ["\u200b \u2028"],
    ],
)
def test_hostile_lines_end(lines: list[str]) -> None:
    text, _ = compose([[Line(line, 0, 9, -at, 0 if at % 7 == 0 else 11) for at, line in enumerate(lines)]])
    assert isinstance(text, str)


def test_the_output_is_markdown_beside_the_name(tmp_path: Path, pipeline: Pipeline) -> None:
    pages = tmp_path / "in"
    pages.mkdir()
    raw = make_pdf([set_lines(["The party cell met."])])
    (pages / "a.pdf").write_bytes(raw)
    (pages / "bad.pdf").write_bytes(ENCRYPTED)
    (pages / "b.txt").write_text("A party cell.")
    document, source = read_document(pages / "a.pdf")
    assert render(source, pipeline.run(document)) == b"The Party cell met.\n"
    summary = convert_folder(pages, tmp_path / "out", pipeline=pipeline)
    assert [name for name, _, _ in summary.failed] == ["bad.pdf"]
    assert (tmp_path / "out" / "a.pdf.md").read_text() == "The Party cell met.\n"
    assert not (tmp_path / "out" / "a.pdf").exists()
    assert (tmp_path / "out" / "b.txt").read_text() == "A Party cell."
