"""Damaged inputs of every reader: a ``NormaliseError`` or a sound result, and nothing else.

Every input is made from a seed, which a failing test names.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import shutil
import signal
import struct
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from damage import damaged
from stand_ins import check_replay
from tiny_package import make_package, pack
from tiny_pdf import make_pdf, set_lines

from normalise.audit import replay_record
from normalise.cli.stream import Converter, Fields
from normalise.edits import Edit, apply_edits
from normalise.errors import NormaliseError
from normalise.formats import Reading, read_document, render
from normalise.formats.archives import list_members, read_member
from normalise.formats.json_lines import split_lines
from normalise.glossary import Glossary
from normalise.glossary.citations.parser import CitationParser
from normalise.glossary.source.load import inspect_file, load_furniture
from normalise.maintain.files.csv_files import read_table
from normalise.maintain.files.tbx import read_tbx
from normalise.memory.store import Correction, Memory
from normalise.memory.tmx import export_tmx, import_tmx
from normalise.packages.archive import unpack_archive
from normalise.packages.catalogue import parse_index
from normalise.packages.find import read_package
from normalise.packages.model_file import check_length
from normalise.pipeline import Pipeline
from normalise.stages.furniture import FurnitureRemover

LONG = os.environ.get("NORMALISE_TRUST") == "long"
SAMPLES = Path(__file__).resolve().parents[2] / "samples"
DATA = Path(__file__).parent / "data"
# Seconds after which an input counts as one that hangs; a usual one takes milliseconds.
PATIENCE = 60
Reader = Callable[[bytes, Path], None]


@cache
def pipeline() -> Pipeline:
    return Pipeline(language="en")


@cache
def citation_parser() -> CitationParser:
    parser = Glossary.load().citation_parser
    assert parser is not None
    return parser


def read_page(content: bytes, page: Path, encoding: str = "") -> None:
    page.write_bytes(content)
    document, source = read_document(page, reading=Reading(encoding=encoding))
    result = pipeline().run(document)
    check_replay(result)
    written = render(source, result)
    if result.text == document.text:
        assert written == content


def read_text(content: bytes, folder: Path) -> None:
    read_page(content, folder / "page.txt")


def read_windows_text(content: bytes, folder: Path) -> None:
    page = folder / "page.txt"
    page.write_bytes(content)
    document, source = read_document(page, reading=Reading(encoding=("cp1258", "utf-16-le")[len(content) % 2]))
    result = pipeline().run(document)
    check_replay(result)
    render(source, result)


def read_markdown(content: bytes, folder: Path) -> None:
    read_page(content, folder / "page.md")


def read_subtitles(content: bytes, folder: Path) -> None:
    read_page(content, folder / "page.srt")


def read_values(content: bytes, folder: Path) -> None:
    read_page(content, folder / "page.csv")


def read_members(content: bytes, folder: Path) -> None:
    read_page(content, folder / "page.jsonl")


def read_mail(content: bytes, folder: Path) -> None:
    read_page(content, folder / "page.eml")


def read_pdf(content: bytes, folder: Path) -> None:
    pytest.importorskip("pypdfium2", reason="the extra pdf is not installed")
    page = folder / "page.pdf"
    page.write_bytes(content)
    document, source = read_document(page)
    result = pipeline().run(document)
    check_replay(result)
    assert render(source, result).decode() == result.text


def read_zip(content: bytes, folder: Path) -> None:
    page = folder / f"{hashlib.sha256(content).hexdigest()[:8]}.zip"
    page.write_bytes(content)
    for member in list_members(page, page.name, 1 << 20):
        assert not {"..", ""} & {*member.path.split("/")} or not member.names
        if member.names and not member.error and not member.skipped:
            read_member(page, member.names, page.name, 1 << 20)


def read_office(name: str) -> Reader:
    """A whole document, damaged anywhere."""
    return lambda content, folder: read_page(content, folder / f"page{Path(name).suffix}")


def read_part_of(name: str) -> Reader:
    """A document of which only the XML of the text is damaged."""

    def read(content: bytes, folder: Path) -> None:
        page = folder / f"page{Path(name).suffix}"
        with zipfile.ZipFile(SAMPLES / name) as whole, zipfile.ZipFile(page, "w") as packed:
            for member in whole.namelist():
                packed.writestr(member, content if member == PARTS[name] else whole.read(member))
        read_page(page.read_bytes(), page)

    return read


def read_glossary(content: bytes, folder: Path) -> None:
    file = folder / "file.yaml"
    file.write_bytes(content)
    found, errors = inspect_file(file)
    assert (found is None) == bool(errors)
    assert all(error.where.startswith(str(file)) for error in errors)
    glossary = Glossary.load([file], cache=False)
    FurnitureRemover(load_furniture([file]))
    glossary.apply("The 4 good party cells of Hanoi met under Resolution No.31-NQ/ TW.")


def read_tbx_file(content: bytes, folder: Path) -> None:
    read_tbx(content, where="terms.tbx")


def read_csv_file(content: bytes, folder: Path) -> None:
    with contextlib.suppress(UnicodeDecodeError):  # refused before the table is read
        read_table(content.decode(), where="terms.csv")


def read_tmx_file(content: bytes, folder: Path) -> None:
    file = folder / "memory.tmx"
    file.write_bytes(content)
    memory = Memory(folder / "memory.sqlite")
    try:
        import_tmx(memory, file)
    finally:
        memory.close()
        (folder / "memory.sqlite").unlink(missing_ok=True)


def read_memory(content: bytes, folder: Path) -> None:
    path = folder / "memory.sqlite"
    for leftover in folder.glob("memory.sqlite*"):
        leftover.unlink()
    path.write_bytes(content)
    memory = Memory(path)
    try:
        list(memory.entries())
        list(memory.corrections())
        memory.find_corrections("nb", "en", ["Møtet er i morgen."])
        memory.find([b"key"])
        memory.statistics()
    finally:
        memory.close()


def read_citations(content: bytes, folder: Path) -> None:
    text = content.decode("utf-8", "replace")
    for language in ("en", "vi"):
        hits = citation_parser().find(text, language)
        edits = [Edit(hit.start, hit.end, hit.rendered, "citation") for hit in hits]
        apply_edits("test", text, edits)  # refuses spans that overlap or lie outside


def read_json_lines(content: bytes, folder: Path) -> None:
    out = io.BytesIO()
    converter = Converter(pipeline(), Fields(), encoding="", markdown=False, strict=False)
    code = converter.run(io.BytesIO(content), out)
    asked = [line for line in content.split(b"\n") if line.strip()]
    answers = [json.loads(line) for line in split_lines(out.getvalue().decode())]
    assert len(answers) == len(asked)
    assert code == any("error" in answer and "line" in answer for answer in answers)
    for line, answer in zip(asked, answers, strict=True):
        if "normalise" in answer:
            text = json.loads(line.removeprefix(b"\xef\xbb\xbf"))["text"]
            text = text.replace("\r\n", "\n").replace("\r", "\n")
            assert replay_record(text, answer["normalise"]) == answer["text"]


def read_archive(content: bytes, folder: Path) -> None:
    archive, into = folder / "package.argosmodel", folder / "in" / "side"
    archive.write_bytes(content)
    shutil.rmtree(into.parent, ignore_errors=True)
    into.mkdir(parents=True)
    try:
        package = read_package(unpack_archive(archive, into))
        check_length(package.model_dir / "model.bin")
    finally:
        assert list(into.parent.iterdir()) == [into]
        assert {path.name for path in folder.iterdir()} == {archive.name, "in"}


def read_metadata(content: bytes, folder: Path) -> None:
    read_part("metadata.json", content, folder)


def read_model(content: bytes, folder: Path) -> None:
    read_part("model/model.bin", content, folder)


def read_part(name: str, content: bytes, folder: Path) -> None:
    """A package of which one part is damaged."""
    path = folder / "translate-nb_en-1_0"
    if not path.exists():
        write_package(folder)
    (path / name).write_bytes(content)
    package = read_package(path)
    check_length(package.model_dir / "model.bin")


def read_index(content: bytes, folder: Path) -> None:
    parse_index(content.decode("utf-8", "replace"))


def files(*endings: str) -> tuple[bytes, ...]:
    found = sorted(path for path in DATA.iterdir() if path.suffix in endings)
    assert found
    return tuple(path.read_bytes() for path in found)


def write_package(folder: Path) -> Path:
    """A package that is whole but for its networks, which are of no interest here."""
    package = make_package(folder)
    name, variable = b"TransformerSpec\0", b"weight\0"
    (package / "model" / "model.bin").write_bytes(
        struct.pack(f"<IH{len(name)}sII", 6, len(name), name, 1, 1)
        + struct.pack(f"<H{len(variable)}sBIBI8x", len(variable), variable, 1, 2, 0, 8)
        + struct.pack("<I", 0)
    )
    (package / "sentencepiece.model").write_bytes(b"\x0a\x0epieces")
    (package / "model" / "shared_vocabulary.json").write_text('["a", "b"]')
    return package


def make_archives(folder: Path) -> tuple[bytes, ...]:
    """The same package with packed members and with plain ones."""
    package = write_package(folder)
    packed = pack(package, folder / "packed.argosmodel").read_bytes()
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w") as out:
        for file in sorted(package.rglob("*")):
            if file.is_file():
                out.write(file, f"{package.name}/{file.relative_to(package).as_posix()}")
    return packed, stored.getvalue()


def make_memory(folder: Path) -> Path:
    path = folder / "valid.sqlite"
    memory = Memory(path)
    memory.correct([Correction("nb", "en", "Møtet er i morgen.", "The meeting is tomorrow.", "A")])
    memory.correct([Correction("vi", "en", "Chi bộ họp.", "The Party cell met.", "")])
    memory.close()
    return path


def make_sources(name: str, folder: Path) -> tuple[bytes, ...]:
    if name == "archive":
        return make_archives(folder)
    if name == "pdf":
        lines = set_lines(["The party cell met on Mon-", "day and voted.", "", "\u2022 an item"])
        return (make_pdf([lines]), make_pdf([[(72, 700, 20, "A heading"), *lines], []]))
    if name == "zip":
        inner = io.BytesIO()
        with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as out:
            out.writestr("a/b.txt", "A party cell met. " * 9)
        outer = io.BytesIO()
        with zipfile.ZipFile(outer, "w") as out:
            out.writestr("c.md", "# A party cell")
            out.writestr("d.zip", inner.getvalue())
        return (inner.getvalue(), outer.getvalue())
    if name in ("metadata", "model"):
        part = "metadata.json" if name == "metadata" else "model/model.bin"
        return ((write_package(folder) / part).read_bytes(),)
    if name in ("memory", "tmx"):
        path = make_memory(folder)
        if name == "memory":
            return (path.read_bytes(),)
        memory = Memory(path)
        export_tmx(memory, folder / "valid.tmx")
        memory.close()
        return (*files(".tmx"), (folder / "valid.tmx").read_bytes())
    if name in PARTS:
        return ((SAMPLES / name).read_bytes(),)
    if name.startswith("part of "):
        sample = name.removeprefix("part of ")
        return (zipfile.ZipFile(SAMPLES / sample).read(PARTS[sample]),)
    return files(*ENDINGS[name])


# The samples of archives and pages, and in which part of each its text stands.
PARTS = {
    "norwegian/fylkesrapport.docx": "word/document.xml",
    "norwegian/referat.odt": "content.xml",
    "english/four-good-cells.pptx": "ppt/slides/slide2.xml",
    "english/handbook.epub": "OPS/meetings.xhtml",
    "english/news-page.html": "",
}


ENDINGS = {
    "text": (".txt",),
    "windows text": (".txt",),
    "markdown": (".md", ".txt"),
    "subtitles": (".srt",),
    "values": (".csv",),
    "members": (".jsonl",),
    "mail": (".eml",),
    "glossary": (".yaml",),
    "tbx": (".tbx",),
    "csv": (".csv",),
    "citations": (".txt",),
    "json lines": (".jsonl",),
    "index": (".json",),
}
# The reader, how many inputs it gets usually, and how many in the long part.
READERS: dict[str, tuple[Reader, int, int]] = {
    "text": (read_text, 60, 3_000),
    "windows text": (read_windows_text, 40, 2_000),
    "markdown": (read_markdown, 60, 3_000),
    "subtitles": (read_subtitles, 60, 3_000),
    "values": (read_values, 60, 3_000),
    "members": (read_members, 60, 3_000),
    "mail": (read_mail, 60, 3_000),
    "pdf": (read_pdf, 15, 500),
    "zip": (read_zip, 200, 10_000),
    "glossary": (read_glossary, 100, 2_500),
    "tbx": (read_tbx_file, 400, 20_000),
    "csv": (read_csv_file, 400, 20_000),
    "tmx": (read_tmx_file, 60, 2_000),
    "memory": (read_memory, 60, 4_000),
    "citations": (read_citations, 150, 10_000),
    "json lines": (read_json_lines, 60, 3_000),
    "archive": (read_archive, 250, 20_000),
    "metadata": (read_metadata, 60, 4_000),
    "model": (read_model, 60, 4_000),
    "index": (read_index, 400, 20_000),
    **{name: (read_office(name), 40, 3_000) for name in PARTS},
    **{f"part of {name}": (read_part_of(name), 40, 3_000) for name in PARTS if PARTS[name]},
}


@contextlib.contextmanager
def patience(what: str) -> Iterator[None]:
    """Fail where an input hangs, on systems that have an alarm."""
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def stop(number: int, frame: object) -> None:
        raise AssertionError(f"{what}: hangs")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(PATIENCE)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def feed(
    reader: Reader, inputs: Iterator[tuple[int, bytes]], folder: Path
) -> tuple[int, int]:
    """How many inputs there were, and how many of them were refused."""
    count = refused = 0
    faults: dict[str, str] = {}
    for seed, content in inputs:
        count += 1
        try:
            with patience(f"seed {seed}"):
                reader(content, folder)
        except NormaliseError as error:
            str(error).encode()  # it can be shown
            refused += 1
        except Exception as error:
            where = error.__traceback__
            while where is not None and where.tb_next is not None:
                where = where.tb_next
            place = f"{where.tb_frame.f_code.co_name}:{where.tb_lineno}" if where else ""
            faults.setdefault(f"{type(error).__name__} in {place}", f"seed {seed}: {error}")
    assert not faults, faults
    return count, refused


@pytest.mark.parametrize("name", READERS)
def test_damaged_inputs(
    name: str, tmp_path: Path, figure: Callable[[str, object], None]
) -> None:
    reader, few, many = READERS[name]
    made, work = tmp_path / "made", tmp_path / "work"
    made.mkdir()
    work.mkdir()
    valid = make_sources(name, made)
    if name != "windows text":  # where the encoding depends on the content
        for content in valid:  # damages of what is unsound anyway would prove little
            reader(content, work)
    count, refused = feed(reader, damaged(many if LONG else few, valid), work)
    figure("inputs", count)
    figure("of them refused, the others read", refused)
