"""Translate the same folders with argostranslate and with normalise, in one interleaved run.

    python benchmarks/translation.py --package FOLDER --texts nb.txt [--references en.txt]
        --argos-python /path/to/environment/bin/python [--sizes 10 100 1000] [--beams 4 2 1]

The texts are one sentence a line; a document is ten of them in two paragraphs. Argos needs an
environment of its own, because it pulls in Stanza and PyTorch:

    python -m venv argos && argos/bin/pip install torch argostranslate==1.11.0

Its sentence splitter would download a model; both programs are therefore given the same
sentences, which saves Argos the time of its splitter. Everything else is Argos's own
``translate()`` as it comes. Each measurement is a process of its own, so that peak memory is its
own; times are without start and without loading the model. The two programs take turns.

As it comes, Argos lets CTranslate2 choose the threads inside a batch, which wait for each other by
spinning. `argos, 1 thread` and `normalise, 1 thread` are the fair comparison, core against core.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

SENTENCES = 10  # in a document
PARAGRAPHS = 2
ALONE = ", 1 thread"


def make_documents(lines: list[str], count: int) -> list[list[list[str]]]:
    """Documents of paragraphs of sentences; no document is a copy of another."""
    need = count * SENTENCES
    if len(lines) < need:
        raise SystemExit(f"{count} documents need {need} different sentences, not {len(lines)}")
    size = SENTENCES // PARAGRAPHS
    documents = []
    for start in range(0, need, SENTENCES):
        some = lines[start : start + SENTENCES]
        documents.append([some[i : i + size] for i in range(0, SENTENCES, size)])
    return documents


def run_argos(documents: list[list[list[str]]], package: Path) -> tuple[list[str], float]:
    """Argos's translate() on each document; only its sentence splitter is replaced."""
    os.environ["ARGOS_PACKAGES_DIR"] = str(package.parent)
    os.environ["ARGOS_CHUNK_TYPE"] = "MINISBD"
    from argostranslate import package as packages
    from argostranslate.translate import Language, PackageTranslation

    installed = packages.Package(package)
    sides = [Language(installed.from_code, ""), Language(installed.to_code, "")]
    translation = PackageTranslation(*sides, installed)
    known = {" ".join(paragraph): paragraph for document in documents for paragraph in document}

    class Given:
        def split_sentences(self, text: str) -> list[str]:
            return known.get(text, [text])

    translation.sentencizer = Given()
    translation.translate("Partiet.")  # loads the model
    start = time.perf_counter()
    outputs = [
        translation.translate("\n".join(" ".join(paragraph) for paragraph in document))
        for document in documents
    ]
    return outputs, time.perf_counter() - start


def run_normalise(
    documents: list[list[list[str]]], package: Path, beam: int, threads: int | None
) -> tuple[list[str], float]:
    """`Translator` without memory and without glossary; all its checks are on."""
    from normalise.data import Request
    from normalise.translate.translator import Translator

    translator = Translator(packages=[package], beam=beam, threads=threads)
    code = json.loads((package / "metadata.json").read_text(encoding="utf-8"))["from_code"]
    translator.translate([Request("Partiet.", code)])
    start = time.perf_counter()
    requests = [
        Request(sentence, code)
        for document in documents
        for paragraph in document
        for sentence in paragraph
    ]
    results = iter([translation.text for translation in translator.translate(requests)])
    outputs = [
        "\n".join(" ".join(next(results) for _ in paragraph) for paragraph in document)
        for document in documents
    ]
    return outputs, time.perf_counter() - start


def run_limit(
    documents: list[list[list[str]]], package: Path, beam: int
) -> tuple[list[str], float]:
    """CTranslate2 alone, fed everything cut, sorted and in large batches: the limit."""
    import ctranslate2

    from normalise.packages.find import read_package
    from normalise.packages.pieces import load_pieces
    from normalise.translate.engine import available_threads

    pieces = load_pieces(read_package(package))
    flat = [pieces.encode(s) for document in documents for p in document for s in p]
    model = ctranslate2.Translator(
        str(package / "model"), inter_threads=available_threads(), intra_threads=1
    )
    model.translate_batch(flat[:2])
    start = time.perf_counter()
    results = model.translate_batch(
        flat, max_batch_size=1024, batch_type="tokens", beam_size=beam, length_penalty=0.2
    )
    seconds = time.perf_counter() - start
    return [" ".join(pieces.decode(r.hypotheses[0]) for r in results)], seconds


def work(arguments: argparse.Namespace) -> None:
    """One measurement, in a process of its own."""
    lines = arguments.texts.read_text(encoding="utf-8").splitlines()
    documents = make_documents(lines, arguments.size)
    program, _, alone = arguments.worker.partition(", ")
    if program == "argos":
        if alone:
            os.environ["ARGOS_INTRA_THREADS"] = "1"
        outputs, seconds = run_argos(documents, arguments.package)
    elif program == "limit":
        outputs, seconds = run_limit(documents, arguments.package, arguments.beam)
    else:
        threads = 1 if alone else None
        outputs, seconds = run_normalise(documents, arguments.package, arguments.beam, threads)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    words = sum(len(output.split()) for output in outputs)
    result = {"seconds": seconds, "peak": peak, "words": words, "outputs": outputs}
    arguments.result.write_text(json.dumps(result), encoding="utf-8")


def measure(arguments: argparse.Namespace, worker: str, size: int, beam: int) -> dict[str, Any]:
    argos = worker.startswith("argos")
    python = arguments.argos_python if argos else sys.executable
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.json"
        command = [
            str(python), __file__, "--worker", worker, "--size", str(size), "--beam", str(beam),
            "--package", str(arguments.package), "--texts", str(arguments.texts),
            "--result", str(result),
        ]  # fmt: skip
        root = str(Path(__file__).resolve().parent.parent)
        environment = {**os.environ, "PYTHONPATH": "" if argos else root}
        subprocess.run(command, check=True, env=environment)
        found: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
        return found


def score(outputs: list[str], references: list[str]) -> str:
    """Document-level BLEU and chrF against the references of the same sentences."""
    import sacrebleu

    joined = [
        " ".join(references[i * SENTENCES : (i + 1) * SENTENCES]) for i in range(len(outputs))
    ]
    flat = [" ".join(output.split()) for output in outputs]
    bleu = sacrebleu.corpus_bleu(flat, [joined]).score
    return f"{bleu:.1f} / {sacrebleu.corpus_chrf(flat, [joined]).score:.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(formatter_class=argparse.RawDescriptionHelpFormatter,
                                     description=__doc__)  # fmt: skip
    parser.add_argument("--package", type=lambda p: Path(p).resolve(), required=True)
    parser.add_argument("--texts", type=Path, required=True)
    parser.add_argument("--references", type=Path)
    parser.add_argument("--argos-python", type=Path)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 100])
    parser.add_argument("--beams", type=int, nargs="+", default=[4, 2, 1])
    parser.add_argument("--repeat", type=int, default=2)
    parser.add_argument("--worker", help="(internal)")
    parser.add_argument("--size", type=int, help="(internal)")
    parser.add_argument("--beam", type=int, default=4, help="(internal)")
    parser.add_argument("--result", type=Path, help="(internal)")
    arguments = parser.parse_args()
    if arguments.worker:
        work(arguments)
        return

    references = (
        arguments.references.read_text(encoding="utf-8").splitlines()
        if arguments.references
        else None
    )
    print("| documents | program | beam | seconds | words/s | against Argos | of the limit "
          "| peak MB | BLEU / chrF |")  # fmt: skip
    print("|---:|---|---:|---:|---:|---:|---:|---:|---:|")
    for size in arguments.sizes:
        plan = [(f"{program}{ALONE}", 4) for program in ("argos", "normalise")]
        plan = [*plan, ("argos", 4)] if arguments.argos_python else []
        plan += [(worker, beam) for beam in arguments.beams for worker in ("normalise", "limit")]
        best: dict[tuple[str, int], dict[str, Any]] = {}
        for _ in range(arguments.repeat):
            for key in plan:
                found = measure(arguments, key[0], size, key[1])
                if key not in best or found["seconds"] < best[key]["seconds"]:
                    best[key] = found
        for (worker, beam), found in best.items():
            if worker == "limit":
                continue
            seconds = found["seconds"]
            argos = best.get((f"argos{ALONE if worker.endswith(ALONE) else ''}", 4))
            limit = best.get(("limit", beam)) if worker == "normalise" else None
            quality = score(found["outputs"], references) if references else ""
            gain = f"{argos['seconds'] / seconds:.1f}" if argos else ""
            share = f"{limit['seconds'] / seconds:.0%}" if limit else ""
            print(
                f"| {size} | {worker} | {beam} | {seconds:.1f} | {found['words'] / seconds:.0f} "
                f"| {gain} | {share} | {found['peak']:.0f} | {quality} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
