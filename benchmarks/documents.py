"""Convert the same .docx and .html files with argos-translate-files and with normalise.

    python benchmarks/documents.py [--documents 20] [--argos-python /path/to/environment/bin/python]

argos-translate-files needs an environment of its own (it comes without PyTorch, 0.5 GB):

    python -m venv argos && argos/bin/pip install argos-translate-files

The documents are Norwegian reports made of the pairs in `training/written`: a heading, three
paragraphs with a bold name and a link, a table. Both programs use the bundled package. Argos's
sentence splitter would download a model, so it gets a simple one; everything else is as it comes.
Times are without start and without loading the models; each measurement is a process of its own.
normalise does all of its work: detection, checks, glossaries, dividing the English among the runs.
"""

from __future__ import annotations

import argparse
import json
import lzma
import os
import re
import subprocess
import sys
import tempfile
import time
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "normalise" / "bundled" / "nb_en"
SENTENCES = 9


def make_documents(folder: Path, count: int) -> None:
    """Write the documents, each as .docx and as .html."""
    sys.path.insert(0, str(ROOT / "tests"))
    from office_files import make_docx

    pairs = ROOT / "training" / "written" / "reports2.tsv.xz"
    with lzma.open(pairs, "rt", encoding="utf-8") as file:
        sentences = [line.rstrip("\n").split("\t")[1] for line in file]
    if len(sentences) < count * SENTENCES:
        raise SystemExit(f"there are sentences for {len(sentences) // SENTENCES} documents only")
    for number in range(count):
        some = sentences[number * SENTENCES : (number + 1) * SENTENCES]
        paragraphs = [some[index : index + 3] for index in range(0, SENTENCES, 3)]
        title = f"Rapport nummer {number + 1}"
        name = f"{number:04}"
        (folder / f"{name}.docx").write_bytes(make_docx(_to_docx(title, paragraphs)))
        (folder / f"{name}.html").write_text(_to_html(title, paragraphs), encoding="utf-8")


def _to_docx(title: str, paragraphs: list[list[str]]) -> str:
    def run(text: str, properties: str = "") -> str:
        words = f'<w:t xml:space="preserve">{escape(text)}</w:t>'
        return f"<w:r><w:rPr>{properties}</w:rPr>{words}</w:r>"

    def paragraph(content: str, style: str = "Normal") -> str:
        return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{content}</w:p>'

    body = paragraph(run(title), "Heading1")
    for first, second, third in paragraphs:
        head, _, rest = second.partition(" ")
        link = f"<w:hyperlink>{run(third)}</w:hyperlink>"
        body += paragraph(run(f"{first} ") + run(head, "<w:b/>") + run(f" {rest} ") + link)
    names = ("Kommune", "Partimedlemmer")
    cells = "".join(f"<w:tc>{paragraph(run(name))}</w:tc>" for name in names)
    return f"{body}<w:tbl><w:tr>{cells}</w:tr></w:tbl>"


def _to_html(title: str, paragraphs: list[list[str]]) -> str:
    body = [f"<h1>{title}</h1>"]
    for first, second, third in paragraphs:
        head, _, rest = second.partition(" ")
        link = f'<a href="x.html">{escape(third)}</a>'
        body.append(f"<p>{escape(first)} <b>{escape(head)}</b> {escape(rest)} {link}</p>")
    body.append("<table><tr><td>Kommune</td><td>Partimedlemmer</td></tr></table>")
    head = f'<head><meta charset="utf-8"><title>{title}</title></head>'
    return f"<!DOCTYPE html><html>{head}<body>{''.join(body)}</body></html>"


def run_argos(files: list[Path]) -> tuple[float, float]:
    """argos-translate-files on each file; only the sentence splitter is replaced."""
    os.environ["ARGOS_PACKAGES_DIR"] = str(PACKAGE.parent)
    os.environ["ARGOS_CHUNK_TYPE"] = "MINISBD"
    from argostranslate import package as packages
    from argostranslate.translate import Language, PackageTranslation
    from argostranslatefiles import argostranslatefiles

    installed = packages.Package(PACKAGE)
    sides = [Language(installed.from_code, ""), Language(installed.to_code, "")]
    translation = PackageTranslation(*sides, installed)

    class Simple:
        def split_sentences(self, text: str) -> list[str]:
            return re.split(r"(?<=[.!?]) +", text)

    translation.sentencizer = Simple()
    translation.translate("Partiet.")
    began = time.perf_counter(), time.process_time()
    for file in files:
        argostranslatefiles.translate_file(translation, str(file))
    return time.perf_counter() - began[0], time.process_time() - began[1]


def run_normalise(files: list[Path]) -> tuple[float, float]:
    """All stages of the pipeline, with the usual glossaries and without a memory."""
    from normalise import Pipeline
    from normalise.formats import read_document, render

    pipeline = Pipeline.load()
    pipeline.run("Partiet har hatt et møte i dag.")
    began = time.perf_counter(), time.process_time()
    read = [read_document(file) for file in files]
    results = pipeline.stream([document for document, _ in read])
    for file, (_, source), result in zip(files, read, results, strict=True):
        file.with_name(f"{file.stem}_out{file.suffix}").write_bytes(render(source, result))
    return time.perf_counter() - began[0], time.process_time() - began[1]


def measure(python: Path, worker: str, ending: str, count: int) -> tuple[float, float]:
    """Wall and processor seconds."""
    with tempfile.TemporaryDirectory() as folder:
        make_documents(Path(folder), count)
        command = [str(python), __file__, "--worker", worker, "--folder", folder,
                   "--ending", ending]  # fmt: skip
        environment = {**os.environ, "PYTHONPATH": "" if worker == "argos" else str(ROOT)}
        done = subprocess.run(command, check=True, env=environment, capture_output=True, text=True)
        wall, cpu = json.loads(done.stdout.splitlines()[-1])
        return wall, cpu


def main() -> None:
    parser = argparse.ArgumentParser(formatter_class=argparse.RawDescriptionHelpFormatter,
                                     description=__doc__)  # fmt: skip
    parser.add_argument("--documents", type=int, default=20)
    parser.add_argument("--argos-python", type=Path)
    parser.add_argument("--repeat", type=int, default=2)
    parser.add_argument("--worker", choices=("argos", "normalise"), help="(internal)")
    parser.add_argument("--folder", type=Path, help="(internal)")
    parser.add_argument("--ending", help="(internal)")
    arguments = parser.parse_args()
    if arguments.worker:
        run = run_argos if arguments.worker == "argos" else run_normalise
        print(json.dumps(run(sorted(arguments.folder.glob(f"*{arguments.ending}")))))
        return
    workers = {"normalise": Path(sys.executable)}
    if arguments.argos_python:
        workers["argos"] = arguments.argos_python
    print("| format | program | seconds | CPU seconds | documents/s |\n|---|---|---:|---:|---:|")
    for ending in (".docx", ".html"):
        best = dict.fromkeys(workers, (float("inf"), float("inf")))
        for _ in range(arguments.repeat):  # in turns, so that other work disturbs both
            for worker, python in workers.items():
                found = measure(python, worker, ending, arguments.documents)
                best[worker] = min(best[worker], found)
        for worker, (wall, cpu) in best.items():
            rate = arguments.documents / wall
            print(f"| {ending} | {worker} | {wall:.1f} | {cpu:.1f} | {rate:.2f} |", flush=True)


if __name__ == "__main__":
    main()
