"""Terms go to where they stand, in files that keep everything else as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from normalise.cli import main
from normalise.glossary.source.load import read_file

CELLS = """\
# Cells, as they stand.
schema: 1
topic: Cells
terms:
- id: party-cell
  preferred: Party cell   # the house's word
  definition: The smallest unit.
- id: party-group
  preferred: Party group
"""
BODIES = "schema: 1\ntopic: Bodies\nterms:\n- id: politburo\n  preferred: Politburo  # one word\n"


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "glossaries"
    folder.mkdir()
    (folder / "manifest.yaml").write_text("schema: 1\nname: house\nversion: '1'\n", "utf-8")
    (folder / "cells.yaml").write_text(CELLS, "utf-8")
    (folder / "bodies.yaml").write_text(BODIES, "utf-8")
    monkeypatch.chdir(tmp_path)
    return folder


def run(*arguments: object, code: int = 0) -> Result:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


@pytest.mark.parametrize("ending", ["csv", "tsv", "tbx"])
def test_an_export_comes_back_to_the_files_it_came_from(house: Path, ending: str) -> None:
    file = house.parent / f"all.{ending}"
    run("glossary", "export", "-o", file)
    before = {path: path.read_bytes() for path in house.iterdir()}
    same = run("glossary", "import", file, "--into", house / "new.yaml", "--update")
    assert "0 new, 0 changed, 3 unchanged" in same.stderr
    assert {path: path.read_bytes() for path in house.iterdir()} == before

    text = file.read_text("utf-8")
    file.write_text(text.replace("The smallest unit", "A small unit"), "utf-8", newline="")
    changed = run("glossary", "import", file, "--update")
    assert "0 new, 1 changed, 2 unchanged" in changed.stderr
    cells = (house / "cells.yaml").read_text("utf-8")
    assert cells == CELLS.replace("Party cell   # the house's word", "Party cell").replace(
        "The smallest unit", "A small unit"
    )
    assert (house / "bodies.yaml").read_text("utf-8") == BODIES
    assert not (house / "new.yaml").exists()


def test_new_terms_go_to_the_file_named_and_only_they(house: Path) -> None:
    table = house.parent / "more.csv"
    table.write_text("id,preferred\npolitburo,Political Bureau\nparty-team,Party team\n", "utf-8")
    missing = run("glossary", "import", table, "--update", code=1)
    assert "there is no term 'party-team' yet" in missing.stderr
    assert (house / "bodies.yaml").read_text("utf-8") == BODIES  # all or nothing
    run("glossary", "import", table, "--into", house / "new.yaml", "--update")
    assert (house / "cells.yaml").read_text("utf-8") == CELLS
    assert "Political Bureau" in (house / "bodies.yaml").read_text("utf-8")
    new = read_file(house / "new.yaml").value
    assert [term.id for term in new.terms] == ["party-team"]  # type: ignore[union-attr]


def test_an_id_that_is_taken_is_refused(house: Path) -> None:
    table = house.parent / "more.csv"
    table.write_text("id,preferred\npolitburo,Political Bureau\n", "utf-8")
    refused = run("glossary", "import", table, "--into", house / "cells.yaml", code=1)
    assert "bodies.yaml: there is already a term 'politburo'" in refused.stderr
    refused = run("glossary", "new", house / "cells.yaml", "politburo", "Politburo", code=1)
    assert "bodies.yaml: there is already a term 'politburo'" in refused.stderr
    table.write_text("id,preferred\nteam,Team\nteam,Party team\n", "utf-8")
    refused = run("glossary", "import", table, "--into", house / "cells.yaml", code=1)
    assert "the id 'team' occurs twice in the import" in refused.stderr
    assert (house / "cells.yaml").read_text("utf-8") == CELLS


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_line_ends_and_byte_order_marks_stay(house: Path, end: str, mark: bytes) -> None:
    file = house / "cells.yaml"
    file.write_bytes(mark + CELLS.replace("\n", end).encode())
    run("glossary", "new", file, "party-team", "Party team", "--after", "party-cell")
    added = f"- id: party-team{end}  preferred: Party team{end}  status: proposed{end}"
    before, after = CELLS.replace("\n", end).split("- id: party-group")
    assert file.read_bytes() == mark + f"{before}{added}- id: party-group{after}".encode()
    empty = house / "empty.yaml"
    empty.write_bytes(mark + f"schema: 1{end}topic: Empty{end}terms: []{end}".encode())
    run("glossary", "new", empty, "party-team-two", "Party team two")
    assert empty.read_bytes().count(end.encode()) == 6
    assert read_file(empty).value.terms[0].id == "party-team-two"  # type: ignore[union-attr]


def test_what_could_not_be_loaded_is_refused(house: Path) -> None:
    for name in ("cells.txt", "cells", "cells.yaml.bak"):
        refused = run("glossary", "new", house / name, "party-team", "Party team", code=1)
        assert "glossary files end in .yaml (remedy: name it cells.yaml)" in refused.stderr
    refused = run("glossary", "new", house / "x.yaml", "Party Team", "Party team", code=1)
    assert "'Party Team' is not an id" in refused.stderr
    more = ("--variant", "Party (team")
    refused = run("glossary", "new", house / "x.yaml", "party-team", "Party team", *more, code=1)
    assert "a bracket is not closed" in refused.stderr
    refused = run("glossary", "new", house / "x.yaml", "team", "Team", "--after", "cell", code=1)
    assert "there is no term 'cell' to add after" in refused.stderr
    (house / "wide.yaml").write_bytes(CELLS.encode("utf-16"))
    refused = run("glossary", "new", house / "wide.yaml", "party-team", "Party team", code=1)
    assert "wide.yaml: not UTF-8 at byte 0" in refused.stderr
    assert sorted(path.name for path in house.iterdir()) == [
        "bodies.yaml", "cells.yaml", "manifest.yaml", "wide.yaml",
    ]  # fmt: skip
