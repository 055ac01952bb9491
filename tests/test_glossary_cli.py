"""The maintainers' commands from the outside: arguments, output, exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from normalise.cli import main
from normalise.glossary import Glossary
from normalise.glossary.source.load import find_folder, shipped_folder

TERMS = """\
# Kept as it is.
schema: 1
topic: Cells
terms:
- id: party-cell
  preferred: Party cell
  sources: {vi: [chi bộ]}
  variants:
  - Party branch
  - {text: branch, when: {counted: true}}
  flags: [{text: Party unit, reason: cell or committee}]
  definition: The smallest unit.
  provenance: [{source: house}]
  examples:
  - {text: The Party branch met., becomes: The Party cell met.}
  - {text: It has 12 branches., becomes: It has 12 Party cells.}
  keeps:
  - {text: A Party unit met., flagged: true}
"""


@pytest.fixture
def house(tmp_path: Path) -> Path:
    folder = tmp_path / "house"
    folder.mkdir()
    (folder / "cells.yaml").write_text(TERMS, "utf-8")
    return folder


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "pages"
    folder.mkdir()
    text = "The Party branch met on Monday.\n\nThe Party brench of the Party cell was not there.\n"
    (folder / "a.txt").write_text(text, "utf-8")
    (folder / "b.md").write_text("# The Party branch\n\n`Party branch`\n", "utf-8")
    norwegian = "Partiet har mange medlemmer i alle deler av landet, og det vokser hvert år.\n"
    (folder / "c.txt").write_text(norwegian, "utf-8")
    return folder


def run(*arguments: object, code: int = 0, text: str | bytes | None = None) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments], input=text)
    assert result.exit_code == code, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with glossaries of its own; the current folder lies below it."""
    folder = tmp_path / "checkout" / "glossaries"
    folder.mkdir(parents=True)
    (folder / "cells.yaml").write_text(TERMS, "utf-8")
    (folder / "manifest.yaml").write_text("schema: 1\nname: checkout\nversion: '9'\n", "utf-8")
    below = folder.parent / "docs" / "deep"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    return folder


def test_in_a_checkout_its_own_glossaries_count(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = f"glossaries: {checkout}\n"
    checked = run("glossary", "check", "-q")
    assert checked.stderr == told + "0 errors, 0 warnings\n"
    assert run("glossary", "list").stdout.startswith("Cells\n")
    explained = run("glossary", "explain", "The Party branch met.")
    assert f"{checkout}/cells.yaml:5" in explained.stdout
    assert explained.stderr == told
    assert run("text", "--no-memory", text="The Party branch met.").stdout == "The Party cell met."
    assert Glossary.load().version == "9"
    # Editing is enough: nothing is installed anew.
    (checkout / "cells.yaml").write_text(TERMS.replace("Cells", "Cells\nsurprise: 1"), "utf-8")
    assert "cells.yaml:4: error: unknown key 'surprise'" in run("glossary", "check", code=1).stdout
    monkeypatch.chdir(checkout.parent)
    assert run("glossary", "check", code=1).stderr.startswith("glossaries: glossaries\n")


def test_elsewhere_the_programs_own_glossaries_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "glossaries").mkdir()  # without a manifest it is no glossary
    monkeypatch.chdir(tmp_path)
    assert find_folder() == shipped_folder()
    assert run("glossary", "list", "4-good").stderr == f"glossaries: {shipped_folder()}\n"


def test_list_finds_terms_in_any_language(house: Path) -> None:
    assert "party-cell" in run("glossary", "list", "--glossary", house).stdout
    assert "party-cell" in run("glossary", "list", "CHI BỘ", "--glossary", house).stdout
    assert run("glossary", "list", "commission", "--glossary", house).stdout == ""


def test_show_prints_the_term_and_its_place(house: Path) -> None:
    shown = run("glossary", "show", "party-cell", "--glossary", house).stdout
    place, _, entry = shown.partition("\n")
    assert place.endswith("cells.yaml:5")
    assert yaml.safe_load(entry) == yaml.safe_load(TERMS)["terms"]
    near = run("glossary", "show", "party-cel", "--glossary", house, code=1)
    assert "did you mean party-cell?" in near.stderr


def test_check_passes_and_fails(house: Path) -> None:
    good = run("glossary", "check", house)
    assert (good.stdout, good.stderr) == ("", f"glossaries: {house}\n0 errors, 0 warnings\n")
    file = house / "cells.yaml"
    file.write_text(TERMS.replace("becomes: The Party cell", "becomes: A Party cell"), "utf-8")
    bad = run("glossary", "check", house, code=1)
    assert f"{file}:15: error: party-cell: " in bad.stdout
    (finding,) = json.loads(run("glossary", "check", house, "--format", "json", code=1).stdout)
    assert (finding["rule"], finding["line"]) == ("example", 15)
    annotated = run("glossary", "check", house, "--format", "github", code=1).stdout
    assert annotated.startswith(f"::error file={file},line=15,title=example::")


def test_quiet_leaves_out_warnings(house: Path) -> None:
    file = house / "cells.yaml"
    file.write_text(TERMS.replace("  definition: The smallest unit.\n", ""), "utf-8")
    assert "warning" in run("glossary", "check", house).stdout
    quiet = run("glossary", "check", house, "-q")
    assert (quiet.stdout, quiet.stderr) == ("", f"glossaries: {house}\n0 errors, 1 warnings\n")


def test_explain_tells_what_held_and_what_became(house: Path) -> None:
    said = run(
        "glossary", "explain", "The Party branch and a branch of a Party unit.", "--glossary", house
    ).stdout
    assert "rewritten  Party branch → Party cell" in said
    assert "fails: counted: true" in said
    assert "flagged  Party unit" in said
    assert "why        cell or committee" in said
    assert "→     The Party cell and a branch of a Party unit." in said
    assert "cells.yaml:5" in said
    piped = run("glossary", "explain", "--glossary", house, text="Nothing here.\n").stdout
    assert piped.startswith("no term is found")


def test_explain_is_coloured_on_a_terminal(house: Path) -> None:
    arguments = ["glossary", "explain", "A Party branch.", "--glossary", str(house)]
    assert "\x1b[" in CliRunner().invoke(main, arguments, color=True).stdout
    assert "\x1b[" not in CliRunner().invoke(main, arguments).stdout


def test_apply_writes_only_the_text(house: Path, pages: Path) -> None:
    result = run("glossary", "apply", "--glossary", house, text="A Party branch, a Party unit.\r\n")
    assert result.stdout_bytes == b"A Party cell, a Party unit.\r\n"
    assert "flag: line 1: 'Party unit': cell or committee [party-cell]" in result.stderr
    markdown = run("glossary", "apply", pages / "b.md", "--glossary", house)
    assert markdown.stdout == "# The Party cell\n\n`Party branch`\n"


def test_diff_of_two_folders(house: Path, pages: Path, tmp_path: Path) -> None:
    new = tmp_path / "new"
    new.mkdir()
    text = TERMS.replace("- Party branch\n", "- Party (branch|brench)\n")
    (new / "cells.yaml").write_text(text, "utf-8")
    said = run("glossary", "diff", house, new, "--on", pages)
    assert said.stdout.startswith("1 sentence of ")
    assert "[-brench-]" in said.stdout or "[-Party brench-]" in said.stdout
    assert "c.txt: nb" in said.stderr
    page = tmp_path / "diff.html"
    run("glossary", "diff", house, new, "--on", pages, "--html", page)
    assert "<ins>" in page.read_text("utf-8")
    missing = run("glossary", "diff", "no-such-version", new, "--on", pages, code=1)
    assert "neither a folder nor a git revision" in missing.stderr


def test_suggest_is_yaml(house: Path, pages: Path) -> None:
    said = run("glossary", "suggest", pages, "--least", 1, "--glossary", house).stdout
    assert yaml.safe_load(said) == [{"id": "party-cell", "variants": ["Party brench"]}]


def test_new_adds_a_term_and_keeps_the_file(house: Path) -> None:
    file = house / "cells.yaml"
    run(
        "glossary", "new", file, "party-group", "Party group", "--variant", "Party team",
        "--vi", "tổ đảng", "--definition", "A part of a cell.", "--source", "house",
        "--example", "A Party team met.", "A Party group met.", "--keep", "A team met.",
    )  # fmt: skip
    text = file.read_text("utf-8")
    assert text.startswith(TERMS)
    added = yaml.safe_load(text)["terms"][1]
    assert added["sources"] == {"vi": ["tổ đảng"]}
    assert added["status"] == "proposed"
    run("glossary", "check", house)
    again = run("glossary", "new", file, "party-group", "Party group", code=1)
    assert "already" in again.stderr
    assert file.read_text("utf-8") == text


def test_new_starts_a_file_and_refuses_bad_ids(tmp_path: Path) -> None:
    file = tmp_path / "mass-work.yaml"
    bad = run("glossary", "new", file, "Not An Id", "Party group", code=1)
    assert "id" in bad.stderr
    assert not file.exists()
    run("glossary", "new", file, "party-group", "Party group")
    assert yaml.safe_load(file.read_text("utf-8"))["topic"] == "Mass work"


@pytest.mark.parametrize("ending", ["tbx", "csv", "tsv"])
def test_what_is_exported_can_be_imported(house: Path, tmp_path: Path, ending: str) -> None:
    exported = tmp_path / f"terms.{ending}"
    run("glossary", "export", "-o", exported, "--glossary", house)
    into = tmp_path / "back.yaml"
    run("glossary", "import", exported, "--into", into, "--topic", "Cells")
    loaded = yaml.safe_load(into.read_text("utf-8"))
    # Compared as terms: the table writes fields in the order of the schema.
    assert loaded["terms"] == yaml.safe_load(TERMS)["terms"]
    assert "already" in run("glossary", "import", exported, "--into", into, code=1).stderr
    before = into.read_text("utf-8")
    run("glossary", "import", exported, "--into", into, "--update")
    assert into.read_text("utf-8") == before


def test_export_of_two_columns_and_of_the_page(house: Path, tmp_path: Path) -> None:
    pairs = run("glossary", "export", "--format", "deepl", "--glossary", house)
    assert pairs.stdout == "chi bộ\tParty cell\n"
    page = tmp_path / "page.html"
    run("glossary", "export", "--html", "-o", page, "--glossary", house)
    assert '<article id="party-cell">' in page.read_text("utf-8")
    assert "choose a format" in run("glossary", "export", code=2).stderr


def test_import_says_what_it_cannot_read(tmp_path: Path) -> None:
    odd = tmp_path / "terms.xlsx"
    odd.write_bytes(b"PK")
    assert "only .tbx" in run("glossary", "import", odd, "--into", "x.yaml", code=2).stderr
    latin = tmp_path / "terms.csv"
    latin.write_bytes("preferred\nhÿ\n".encode("latin-1"))
    into = tmp_path / "x.yaml"
    assert "not UTF-8" in run("glossary", "import", latin, "--into", into, code=1).stderr


def test_the_shipped_schema_is_up_to_date() -> None:
    printed = run("glossary", "schema").stdout
    shipped = Path(__file__).parent.parent / "glossaries" / "schema.json"
    assert shipped.read_text("utf-8") == printed, (
        "run: python -m normalise glossary schema > glossaries/schema.json"
    )
    definitions = json.loads(printed)["$defs"]
    assert set(definitions["Term"]["properties"]) > {"preferred", "known-failures"}


def test_measure_in_all_its_forms(house: Path, pages: Path, tmp_path: Path) -> None:
    table = run("measure", pages, "--glossary", house)
    assert "Party cell" in table.stdout
    assert "c.txt: not in English (nb); --translate measures it" in table.stderr
    data = json.loads(run("measure", pages, "--glossary", house, "--json").stdout)
    assert (data["before"]["consistent"], data["before"]["mentions"]) == (1, 3)
    assert data["after"]["consistency"] == 1.0
    page = tmp_path / "plot.html"
    assert run("measure", pages, "--glossary", house, "--html", page).stdout == ""
    assert "width:33.3%" in page.read_text("utf-8")


def test_measure_needs_documents(tmp_path: Path) -> None:
    assert "no document here" in run("measure", tmp_path, code=1).stderr
