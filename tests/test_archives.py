"""Archives of documents: walked like folders, within bounds, and nothing leads out of them."""

from __future__ import annotations

import io
import json
import stat
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalise.batch.check.verify import verify_folder
from normalise.batch.convert import Reading, convert_folder
from normalise.batch.listing.choose import Choice
from normalise.errors import InputError
from normalise.formats import archives
from normalise.formats.archives import Member, list_members, read_member
from normalise.pipeline import Pipeline
from normalise.settings import Settings

SIZE = 1 << 20


def pack(members: dict[str, bytes | str], path: Path | None = None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    if path:
        path.write_bytes(out.getvalue())
    return out.getvalue()


def listed(path: Path, max_size: int = SIZE) -> dict[str, Member]:
    return {member.path: member for member in list_members(path, path.name, max_size)}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    glossary = tmp_path / "glossary"
    glossary.mkdir()
    (glossary / "cells.yaml").write_text(
        "schema: 1\ntopic: Cells\nterms:\n"
        "- {id: party-cell, preferred: Party cell, variants: [party cell]}\n"
    )
    return Settings(glossaries=(glossary,), use_memory=False)


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    (folder / "sub").mkdir(parents=True)
    inner = pack({"deep/c.md": "# A party cell\n", "x.bin": b"\0"})
    pack({"b/a.txt": "A party cell met.", "chi bộ.txt": "The party cell.", "inner.zip": inner}, folder / "sub" / "a.zip")
    (folder / "z.txt").write_text("One party cell.")
    return folder


def test_an_archive_is_walked_like_a_folder(pages: Path, tmp_path: Path, pipeline: Pipeline) -> None:
    out = tmp_path / "out"
    summary = convert_folder(pages, out, pipeline=pipeline)
    assert summary.converted == 4
    assert (out / "sub/a.zip/b/a.txt").read_text() == "A Party cell met."
    assert (out / "sub/a.zip/inner.zip/deep/c.md").read_text() == "# A Party cell\n"
    assert (out / "sub/a.zip/chi bộ.txt").read_text() == "The Party cell."
    assert summary.skipped == [("sub/a.zip/inner.zip/x.bin", "unknown type .bin")]
    records = [json.loads(line) for line in (out / "audit.jsonl").read_text("utf-8").splitlines()]
    assert "sub/a.zip/b/a.txt" in [record["path"] for record in records]


def test_a_second_run_does_nothing_and_a_third_what_changed(
    pages: Path, tmp_path: Path, settings: Settings
) -> None:
    out = tmp_path / "out"
    convert_folder(pages, out, settings)
    assert convert_folder(pages, out, settings).unchanged == 4
    assert {check.state for check in verify_folder(out)} == {"replayed"}
    pack({"b/a.txt": "A party cell met again.", "chi bộ.txt": "The party cell."}, pages / "sub" / "a.zip")
    summary = convert_folder(pages, out, settings, prune=True)
    assert (summary.converted, summary.unchanged) == (3, 2)
    assert "sub/a.zip/inner.zip/deep/c.md" in summary.pruned
    assert not (out / "sub/a.zip/inner.zip").exists()
    assert (out / "sub/a.zip/b/a.txt").exists()


def test_choices(pages: Path, tmp_path: Path, settings: Settings) -> None:
    summary = convert_folder(pages, tmp_path / "out", settings, choice=Choice(exclude=("inner.zip",)))
    assert summary.converted == 3
    summary = convert_folder(pages, tmp_path / "four", settings, choice=Choice(exclude=("b",)))
    assert summary.converted == 3
    summary = convert_folder(pages, tmp_path / "two", settings, choice=Choice(include=("*.md",)))
    assert summary.converted == 1
    only = convert_folder(pages / "sub" / "a.zip", tmp_path / "three", settings)
    assert only.converted == 3


class TestHostile:
    def test_no_path_leads_out(self, tmp_path: Path, pipeline: Pipeline) -> None:
        names = ["../out.txt", "/etc/x.txt", "a/../../x.txt", "C:/x.txt", "a\\..\\x.txt", ".normalise/x.txt", "./x.txt",
                 "a//x.txt", "y" * 300 + ".txt"]  # fmt: skip
        folder = tmp_path / "in"
        folder.mkdir()
        pack({**dict.fromkeys(names, "A party cell."), "good.txt": "A party cell."}, folder / "a.zip")
        summary = convert_folder(folder, tmp_path / "out", pipeline=pipeline)
        assert summary.converted == 1
        ((name, problem, _),) = summary.failed
        assert name == "a.zip"
        assert problem.startswith("9 of its members have paths that cannot be used (../out.txt")
        made = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*.txt")}
        assert made == {"out/a.zip/good.txt"}

    def test_a_member_without_a_name(self, tmp_path: Path) -> None:
        (tmp_path / "a.zip").write_bytes(pack({"a.txt": "x"}).replace(b"a.txt", b"\0.txt"))
        (member,) = listed(tmp_path / "a.zip").values()
        assert "cannot be used" in str(member.error)

    def test_links_and_doubles(self, tmp_path: Path) -> None:
        path = tmp_path / "a.zip"
        with zipfile.ZipFile(path, "w") as archive:
            link = zipfile.ZipInfo("link.txt")
            link.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(link, "/etc/passwd")
            archive.writestr("a.txt", "one")
            with pytest.warns(UserWarning, match="Duplicate"):
                archive.writestr("a.txt", "two")
            archive.writestr("__MACOSX/._a.txt", b"\0")
        found = listed(path)
        assert found["link.txt"].skipped == "link"
        assert found["__MACOSX/._a.txt"].skipped
        assert "1 of its members has a path" in str(found[""].error)

    def test_a_bomb_fails_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "a.zip"
        pack({"bomb.txt": b"a" * (3 << 20), "good.txt": "A party cell."}, path)
        found = listed(path, 10 << 20)
        assert "times its size" in str(found["bomb.txt"].error)
        assert "--max-size" in str(listed(path)["bomb.txt"].error)
        assert found["good.txt"].error is None
        with pytest.raises(InputError, match="times its size"):
            read_member(path, ("bomb.txt",), "a", 10 << 20)

    def test_a_member_that_lies_about_its_size(self, tmp_path: Path) -> None:
        raw = bytearray(pack({"a.txt": b"a" * 100_000}))
        for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
            place = raw.index(mark) + at
            raw[place : place + 4] = (10).to_bytes(4, "little")
        path = tmp_path / "a.zip"
        path.write_bytes(bytes(raw))
        with pytest.raises(InputError, match="damaged"):
            read_member(path, ("a.txt",), "a.zip/a.txt", SIZE)

    def test_encrypted_members_fail_alone(self, tmp_path: Path, pipeline: Pipeline) -> None:
        folder = tmp_path / "in"
        folder.mkdir()
        raw = bytearray(pack({"a.txt": "secret", "b.txt": "A party cell."}))
        for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            raw[raw.index(mark) + at] |= 1
        (folder / "a.zip").write_bytes(bytes(raw))
        summary = convert_folder(folder, tmp_path / "out", pipeline=pipeline)
        assert summary.converted == 1
        ((name, problem, remedy),) = summary.failed
        assert (name, problem) == ("a.zip/a.txt", "it is encrypted")
        assert "password" in remedy

    def test_too_many_and_too_deep(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        raw = pack({"a.txt": "x"})
        for _ in range(4):
            raw = pack({"n.zip": raw})
        path = tmp_path / "deep.zip"
        path.write_bytes(raw)
        (member,) = listed(path).values()
        assert "more than 3 archives" in str(member.error)
        monkeypatch.setattr(archives, "MOST_MEMBERS", 5)
        pack({f"{n}.txt": "x" for n in range(6)}, tmp_path / "many.zip")
        with pytest.raises(InputError, match="more than 5 files"):
            listed(tmp_path / "many.zip")
        monkeypatch.setattr(archives, "MOST_BYTES", 100)
        pack({f"{n}.txt": "x" * 50 for n in range(3)}, tmp_path / "large.zip")
        with pytest.raises(InputError, match="GB unpacked"):
            listed(tmp_path / "large.zip")

    def test_a_directory_too_long_to_read(self, tmp_path: Path) -> None:
        raw = bytearray(pack({"a.txt": "x"}))
        at = raw.rindex(b"PK\x05\x06") + 12
        raw[at : at + 4] = (0x7FFFFFFF).to_bytes(4, "little")
        (tmp_path / "a.zip").write_bytes(bytes(raw))
        with pytest.raises(InputError, match="more than 10000 files"):
            listed(tmp_path / "a.zip")

    @pytest.mark.parametrize("raw", [b"", b"PK\x03\x04", b"PK\x05\x06", b"hello" * 100, pack({"a.txt": "x"})[:-30]])
    def test_damaged_archives(self, raw: bytes, tmp_path: Path, pipeline: Pipeline) -> None:
        folder = tmp_path / "in"
        folder.mkdir()
        (folder / "a.zip").write_bytes(raw)
        (folder / "b.txt").write_text("A party cell.")
        summary = convert_folder(folder, tmp_path / "out", pipeline=pipeline)
        assert summary.converted == 1
        assert [name for name, _, _ in summary.failed] == ["a.zip"]

    def test_a_document_that_would_take_the_place_of_another(
        self, tmp_path: Path, pipeline: Pipeline
    ) -> None:
        folder = tmp_path / "in"
        folder.mkdir()
        pack({"a": "x", "a/b.txt": "A party cell.", "c.txt": "A party cell."}, folder / "a.zip")
        summary = convert_folder(folder, tmp_path / "out", pipeline=pipeline, reading=Reading())
        assert summary.converted == 2


VALID = pack({"a.txt": "A party cell met.", "b/c.txt": "x" * 50})


@given(st.data())
def test_damage_ends_in_an_error_or_a_result(tmp_path_factory: Any, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(VALID)))
    raw = VALID[:at] + data.draw(st.binary(max_size=6)) + VALID[at + data.draw(st.integers(0, 6)) :]
    path = tmp_path_factory.mktemp("a") / "a.zip"
    path.write_bytes(raw)
    try:
        members = list(list_members(path, "a.zip", SIZE))
        for member in members:
            if member.names and not member.error and not member.skipped:
                read_member(path, member.names, "a.zip", SIZE)
    except InputError:
        pass
