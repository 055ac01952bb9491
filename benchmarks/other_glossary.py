"""Running again with another glossary: `python benchmarks/other_glossary.py`.

Norwegian sentences full of terms (`data/terms_nb_en.tsv`) are converted into one folder four times:
for the first time, with nothing changed, with a glossary that has one more English term, and with
the same glossary but without what the memory keeps of the engine's answers. Counted are the
sentences that reach the engine.
"""

from __future__ import annotations

import csv
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from normalise.batch.convert import convert_folder
from normalise.memory.store import Memory
from normalise.settings import Settings
from normalise.translate.engine import Engine

HERE = Path(__file__).resolve().parent
TERM = "- {{id: {0}, preferred: plenary session, variants: [{0} meeting]}}\n"


class Counting(Engine):
    """An engine that counts what it is asked; the answers are its own."""

    asked = 0

    def decode(self, sentences: Sequence[str], *rest: Any) -> Any:
        Counting.asked += len(sentences)
        return super().decode(sentences, *rest)


def main() -> None:
    """Print the table in Markdown."""
    import normalise.translate.translator as translator

    translator.Engine = Counting  # type: ignore[attr-defined]
    with tempfile.TemporaryDirectory() as folder:
        pages, out, glossary = (Path(folder, name) for name in ("in", "out", "glossaries"))
        pages.mkdir()
        with (HERE / "data" / "terms_nb_en.tsv").open(encoding="utf-8", newline="") as rows:
            for row in csv.DictReader(rows, delimiter="\t"):
                (pages / f"{row['id']}.txt").write_text(row["nb"] + "\n", encoding="utf-8")
        shutil.copytree(HERE.parent / "glossaries", glossary)
        terms = glossary / "grassroots.yaml"
        memory = Memory(Path(folder, "memory.sqlite"))
        settings = Settings((glossary,), memory=memory.path, language="nb")
        print("| run | sentences to the engine | seconds | processor seconds |")
        print("|---|---:|---:|---:|")

        def run(name: str) -> None:
            Counting.asked = 0
            wall, processor = time.perf_counter(), time.process_time()
            convert_folder(pages, out, settings)
            wall, processor = time.perf_counter() - wall, time.process_time() - processor
            print(f"| {name} | {Counting.asked} | {wall:.1f} | {processor:.1f} |", flush=True)

        run("first")
        run("nothing changed")
        terms.write_text(terms.read_text("utf-8") + TERM.format("first"), "utf-8")
        run("one more term")
        terms.write_text(terms.read_text("utf-8") + TERM.format("second"), "utf-8")
        memory.write("DELETE FROM decodings", [()])
        memory.close()
        run("one more term, answers forgotten")


if __name__ == "__main__":
    main()
