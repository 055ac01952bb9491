from __future__ import annotations

import json
import multiprocessing
import os
import pickle
import sqlite3
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from normalise.cli.memory import memory as command
from normalise.errors import TranslationMemoryError
from normalise.memory.store import (
    Correction,
    Memory,
    StoredTranslation,
    default_path,
    memory_key,
)
from normalise.memory.tmx import export_tmx, import_tmx


def entry(number: int, target: str = "", package: str = "nb_en-1.0:ab") -> StoredTranslation:
    source = f"Setning {number}."
    key = memory_key(package, "beam4", "1", source)
    return StoredTranslation(key, "nb", "en", package, source, target or f"Sentence {number}.", "{}")


def test_what_is_stored_is_found_again_by_another_connection(tmp_path: Path) -> None:
    first = Memory(tmp_path / "m.sqlite")
    entries = [entry(number) for number in range(1000)]
    first.store(entries)
    second = pickle.loads(pickle.dumps(first))
    keys = [e.key for e in entries]
    assert second.find([*keys, b"unknown"]) == {e.key: e for e in entries}


@pytest.mark.parametrize("other", [("q", "o", "e"), ("p", "q", "e"), ("p", "o", "q")])
def test_key_depends_on_all_that_shapes_an_output(other: tuple[str, str, str]) -> None:
    assert memory_key("p", "o", "e", "s") != memory_key(*other, "s")


def test_key_parts_do_not_run_into_each_other() -> None:
    assert memory_key("ab", "c", "e", "s") != memory_key("a", "bc", "e", "s")


def test_first_entry_of_a_key_stays(tmp_path: Path) -> None:
    store = Memory(tmp_path / "m.sqlite")
    store.store([entry(1, "one")])
    store.store([entry(1, "two")])
    assert store.find([entry(1).key])[entry(1).key].target == "one"


def test_nothing_is_made_before_first_use(tmp_path: Path) -> None:
    Memory(tmp_path / "sub" / "m.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_default_place_follows_xdg(tmp_path: Path) -> None:
    place = default_path({"XDG_DATA_HOME": str(tmp_path)})
    assert place == tmp_path / "normalise" / "memory.sqlite"
    assert default_path({}).parts[-4:] == (".local", "share", "normalise", "memory.sqlite")


def test_corrections_are_found_whatever_the_spaces_and_the_normal_form(tmp_path: Path) -> None:
    store = Memory(tmp_path / "m.sqlite")
    store.correct([Correction("nb", "en", "Møtet i Đà Nẵng.", "The Da Nang meeting.")])
    decomposed = "Møtet  i\nĐà Nẵng. "
    assert store.find_corrections("nb", "en", [decomposed]) == {decomposed: "The Da Nang meeting."}
    assert store.find_corrections("da", "en", [decomposed]) == {}


def test_later_correction_replaces_and_can_be_taken_back(tmp_path: Path) -> None:
    store = Memory(tmp_path / "m.sqlite")
    store.correct([Correction("nb", "en", "Ja.", "Yes.")])
    one = store.signature()
    store.correct([Correction("nb", "en", "Ja.", "Aye.", "LN")])
    assert [c.target for c in store.corrections()] == ["Aye."]
    assert store.signature() != one
    assert store.forget("nb", "en", "Ja.")
    assert not store.forget("nb", "en", "Ja.")
    assert store.signature() == ""


def test_prune_drops_machine_work_and_keeps_corrections(tmp_path: Path) -> None:
    path = tmp_path / "m.sqlite"
    store = Memory(path)
    store.store([entry(number) for number in range(3000)])
    store.store([entry(1, package="nb_en-2.0:cd")])
    store.correct([Correction("nb", "en", "Ja.", "Yes.")])
    with sqlite3.connect(path) as raw:
        long_ago = (time.time() - 9e6,)
        raw.execute("UPDATE segments SET used = ? WHERE source = 'Setning 7.'", long_ago)
    raw.close()
    assert store.prune(unused_days=90) == 1
    assert store.prune(package="nb_en-2.0:cd") == 1
    before = path.stat().st_size
    assert store.prune() == 2999
    assert path.stat().st_size < before / 4
    assert store.statistics()["corrections"] == 1
    assert store.statistics()["entries"] == 0


def test_use_is_noted(tmp_path: Path) -> None:
    path = tmp_path / "m.sqlite"
    store = Memory(path)
    store.store([entry(1)])
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE segments SET used = 0")
    raw.close()
    store.find([entry(1).key])
    assert store.prune(unused_days=30) == 0


def test_damaged_file_is_named_with_a_remedy(tmp_path: Path) -> None:
    path = tmp_path / "m.sqlite"
    path.write_bytes(b"not a database at all " * 100)
    with pytest.raises(TranslationMemoryError) as caught:
        Memory(path).find([b"k"])
    assert str(path) in str(caught.value)
    assert "--no-memory" in caught.value.remedy
    assert path.read_bytes().startswith(b"not a database")


def test_damage_inside_the_file_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "m.sqlite"
    store = Memory(path)
    store.store([entry(number) for number in range(5000)])
    store.close()
    data = bytearray(path.read_bytes())
    data[4096 * 2 :] = b"\x7f" * (len(data) - 4096 * 2)
    path.write_bytes(data)
    with pytest.raises(TranslationMemoryError):
        list(Memory(path).find([entry(number).key for number in range(5000)]))


def test_damage_that_gets_into_the_message_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "m.sqlite"
    store = Memory(path)
    store.store([entry(1)])
    store.close()
    damaged = path.read_bytes().replace(b"CREATE TABLE corrections", b"CREATE TABL\xef corrections")
    path.write_bytes(damaged)
    with pytest.raises(TranslationMemoryError, match="cannot be used"):
        Memory(path).find([b"k"])


def test_later_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "m.sqlite"
    with sqlite3.connect(path) as raw:
        raw.execute("PRAGMA user_version = 99")
    raw.close()
    with pytest.raises(TranslationMemoryError, match="later version"):
        Memory(path).statistics()


def test_place_that_cannot_be_written_is_done_without(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    store = Memory(tmp_path / "file" / "m.sqlite")
    store.store([entry(1)])
    store.store([entry(2)])
    assert store.find([entry(1).key]) == {}
    assert len([r for r in caplog.records if "cannot be written" in r.message]) == 1
    with pytest.raises(TranslationMemoryError):
        store.correct([Correction("nb", "en", "Ja.", "Yes.")])


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write everywhere")
def test_read_only_memory_is_read(tmp_path: Path) -> None:
    path = tmp_path / "m.sqlite"
    store = Memory(path)
    store.store([entry(1)])
    store.close()
    path.chmod(0o444)
    tmp_path.chmod(0o555)
    try:
        assert entry(1).key in Memory(path).find([entry(1).key])
    finally:
        tmp_path.chmod(0o755)


def _write(path: Path, worker: int) -> None:
    store = Memory(path)
    for number in range(40):
        store.store([entry(worker * 1000 + number)])
        store.find([entry(number).key])


def test_several_processes_write_at_once(tmp_path: Path) -> None:
    path = tmp_path / "m.sqlite"
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_write, args=(path, worker)) for worker in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert Memory(path).statistics()["entries"] == 120


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_connection_does_not_cross_a_fork(tmp_path: Path) -> None:
    store = Memory(tmp_path / "m.sqlite")
    store.store([entry(1)])
    inherited = store._connection
    child = multiprocessing.get_context("fork").Process(target=_check_new, args=(store, inherited))
    child.start()
    child.join(60)
    assert child.exitcode == 0


def _check_new(store: Memory, inherited: sqlite3.Connection) -> None:
    assert entry(1).key in store.find([entry(1).key])
    assert store._connection is not inherited


def test_tmx_goes_out_and_comes_back(tmp_path: Path) -> None:
    store = Memory(tmp_path / "m.sqlite")
    store.store([entry(1), entry(2), entry(3)])
    store.correct([Correction("nb", "en", "Setning 2.", "A <b>second</b> & last one.", "LN")])
    file = tmp_path / "m.tmx"
    assert export_tmx(store, file) == 3
    other = Memory(tmp_path / "other.sqlite")
    assert import_tmx(other, file) == (1, 2)
    (correction,) = other.corrections()
    assert (correction.source, correction.target) == ("Setning 2.", "A <b>second</b> & last one.")
    assert correction.author == "LN"


def test_machine_translation_edited_in_the_tmx_becomes_a_correction(tmp_path: Path) -> None:
    store = Memory(tmp_path / "m.sqlite")
    store.store([entry(1), entry(2)])
    file = tmp_path / "m.tmx"
    export_tmx(store, file)
    text = file.read_text("utf-8").replace("Sentence 1.", "The first sentence.")
    file.write_text(text, "utf-8")
    assert import_tmx(store, file, author="KT") == (1, 1)
    (correction,) = store.corrections()
    assert (correction.target, correction.author) == ("The first sentence.", "KT")


def test_tmx_of_other_tools_is_read(tmp_path: Path) -> None:
    file = tmp_path / "other.tmx"
    file.write_text(
        """<?xml version="1.0"?><tmx version="1.4"><header srclang="nb-NO"/><body>
        <tu><tuv xml:lang="nb-NO"><seg>Møtet er hevet.</seg></tuv>
            <tuv xml:lang="en-GB"><seg>The meeting is over.</seg></tuv></tu>
        <tu><tuv xml:lang="de"><seg>Ende</seg></tuv><tuv xml:lang="fr"><seg>Fin</seg></tuv></tu>
        </body></tmx>""",
        "utf-8",
    )
    store = Memory(tmp_path / "m.sqlite")
    assert import_tmx(store, file) == (1, 1)
    found = store.find_corrections("nb", "en", ["Møtet er hevet."])
    assert found == {"Møtet er hevet.": "The meeting is over."}


@pytest.mark.parametrize("content", [b"", b"plain text", b"<html><body/></html>"])
def test_what_is_no_tmx_is_named(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.tmx"
    file.write_bytes(content)
    with pytest.raises(TranslationMemoryError) as caught:
        import_tmx(Memory(tmp_path / "m.sqlite"), file)
    assert caught.value.where == str(file)


def test_commands(tmp_path: Path) -> None:
    path = ["--memory", str(tmp_path / "m.sqlite")]
    run = CliRunner().invoke
    assert "no memory yet" in run(command, ["stats", *path]).output
    assert run(command, ["correct", "Ja.", "Yes.", *path, "--from", "no"]).exit_code == 0
    Memory(tmp_path / "m.sqlite").store([entry(1)])
    output = run(command, ["stats", "--json", *path]).output
    assert json.loads(output)["corrections"] == 1
    assert json.loads(output)["entries"] == 1
    file = str(tmp_path / "m.tmx")
    assert "1 written" in run(command, ["export", file, "--corrections", *path]).output
    assert "1 corrections imported" in run(command, ["import", file, *path]).output
    assert run(command, ["prune", *path]).exit_code == 2
    assert "1 deleted" in run(command, ["prune", "--all", *path]).output
    assert "removed" in run(command, ["correct", "Ja.", "--remove", *path]).output
    assert run(command, ["correct", "Ja.", *path]).exit_code == 2
    (tmp_path / "m.sqlite").write_bytes(b"broken" * 1000)
    result = run(command, ["stats", *path])
    assert result.exit_code == 1
    assert "remedy" in result.output
