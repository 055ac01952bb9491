"""Hostile, broken and wrong archives are refused before they leave a trace."""

from __future__ import annotations

import json
import stat
import struct
import zipfile
from pathlib import Path

import pytest
from tiny_package import make_package, pack

from normalise.errors import PackageError
from normalise.packages import archive, folders, install
from normalise.packages.archive import check_entries, check_name, pack_folder, unpack_archive
from normalise.packages.find import route


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One sound archive."""
    folder = tmp_path_factory.mktemp("made")
    return pack(make_package(folder, version="1.9"), folder / "sound.argosmodel")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty package folder of Argos."""
    folder = tmp_path / "data" / "packages"
    monkeypatch.setenv("ARGOS_PACKAGES_DIR", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(folders, "find_bundled_folder", lambda: tmp_path / "bundled")
    return folder


def entry(name: str, *, mode: int = 0, size: int = 1, packed: int = 1) -> zipfile.ZipInfo:
    """An archive entry as a directory of an archive would announce it."""
    info = zipfile.ZipInfo("x")
    info.filename = info.orig_filename = name
    info.external_attr = mode << 16
    info.file_size, info.compress_size = size, packed
    return info


def rewrite(sound: Path, target: Path, extra: dict[str, bytes], drop: str = "") -> Path:
    """A copy of an archive with further entries, and without those that contain ``drop``."""
    with zipfile.ZipFile(sound) as old, zipfile.ZipFile(target, "w") as new:
        for info in old.infolist():
            if not drop or drop not in info.filename:
                new.writestr(info.filename, old.read(info))
        for name, data in extra.items():
            new.writestr(name, data)
    return target


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd", "../x", "a/../../x", "a//b", "./a", "C:/x", "a\\..\\b", "\\\\host\\x",
        "a/\x00b", "a\nb", "", "/", "a/ b", "a/b ", "con|x", "..", "a/./b",
    ],
)  # fmt: skip
def test_paths_that_could_lead_elsewhere_are_refused(name: str) -> None:
    with pytest.raises(PackageError, match="lead elsewhere"):
        check_name(name, "x")


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([entry("a/x", mode=stat.S_IFLNK | 0o777)], "link"),
        ([entry("a/x", mode=stat.S_IFIFO)], "special file"),
        ([entry("a/x"), entry("a/x")], "twice"),
        ([entry("a/x"), entry("A/X")], "twice"),
        ([entry("a/é"), entry("a/e\u0301")], "twice"),
        ([entry("a/x"), entry("a/x/y")], "inside a file"),
        ([entry("a/x"), entry("a/x/")], "twice"),
        ([entry("a/x", size=5 << 30, packed=1 << 30)], "more than"),
        ([entry("a/x", size=1 << 30, packed=1 << 10)], "zip bombs"),
        ([entry(f"a/{i}") for i in range(archive.MAX_ENTRIES + 1)], "entries"),
    ],
)  # fmt: skip
def test_hostile_listings_are_refused(entries: list[zipfile.ZipInfo], message: str) -> None:
    with pytest.raises(PackageError, match=message):
        check_entries(entries, "x")


def test_encrypted_entries_are_refused() -> None:
    info = entry("a/x")
    info.flag_bits |= 1
    with pytest.raises(PackageError, match="encrypted"):
        check_entries([info], "x")


def test_ordinary_listings_pass_and_mac_litter_is_left_out() -> None:
    names = ["a/", "a/metadata.json", "a/model/model.bin", "__MACOSX/a/._x", "a/.DS_Store"]
    kept = check_entries([entry(name) for name in names], "x")
    assert list(kept) == ["a", "a/metadata.json", "a/model/model.bin"]


def test_a_sound_archive_is_unpacked_byte_for_byte(made: Path, tmp_path: Path) -> None:
    path = unpack_archive(made, tmp_path / "out")
    with zipfile.ZipFile(made) as opened:
        for name in opened.namelist():
            assert (path.parent / name).read_bytes() == opened.read(name)


def test_a_real_bomb_is_refused_unread(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.argosmodel"
    with (
        zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as out,
        out.open("a/metadata.json", "w") as file,
    ):
        for _ in range(80):
            file.write(bytes(1 << 20))
    with pytest.raises(PackageError, match="zip bombs"):
        unpack_archive(bomb, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_entry_larger_than_announced_is_not_written(tmp_path: Path) -> None:
    lying = tmp_path / "lying.argosmodel"
    with zipfile.ZipFile(lying, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("a/metadata.json", b"x" * 100_000)
    data = lying.read_bytes()
    # Both headers announce 10 bytes; the packed stream still holds 100,000.
    lying.write_bytes(data.replace(struct.pack("<L", 100_000), struct.pack("<L", 10)))
    with pytest.raises(PackageError, match="damaged"):
        unpack_archive(lying, tmp_path / "out")
    written = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in written) <= 10


def test_a_directory_that_points_before_the_archive_is_refused(made: Path, tmp_path: Path) -> None:
    content = bytearray(made.read_bytes())
    where = content.rindex(b"PK\x05\x06") + 16  # the directory's offset
    content[where : where + 4] = struct.pack("<I", 0x7FFFFFF0)
    damaged = tmp_path / "damaged.argosmodel"
    damaged.write_bytes(content)
    (tmp_path / "in").mkdir()
    with pytest.raises(PackageError, match="cannot be unpacked"):
        unpack_archive(damaged, tmp_path / "in")


@pytest.mark.parametrize("cut", [10, 5000, -30])
def test_truncated_archives_are_refused(made: Path, tmp_path: Path, home: Path, cut: int) -> None:
    broken = tmp_path / "broken.argosmodel"
    broken.write_bytes(made.read_bytes()[:cut])
    with pytest.raises(PackageError, match="not a zip archive or is damaged"):
        install.install_archive(broken)
    assert list(home.iterdir()) == []


def test_a_flipped_bit_is_noticed(made: Path, tmp_path: Path, home: Path) -> None:
    data = bytearray(made.read_bytes())
    data[len(data) // 2] ^= 1
    broken = tmp_path / "broken.argosmodel"
    broken.write_bytes(data)
    with pytest.raises(PackageError, match="damaged"):
        install.install_archive(broken)
    assert list(home.iterdir()) == []


@pytest.mark.parametrize(
    ("extra", "drop", "message"),
    [
        ({"../evil.txt": b"x"}, "", "lead elsewhere"),
        ({"/tmp/evil.txt": b"x"}, "", "lead elsewhere"),
        ({"other/metadata.json": b"{}"}, "", "one folder"),
        ({}, "metadata.json", "one folder"),
        ({}, "model.bin", "model.bin is missing"),
        ({}, "sentencepiece", "no sentencepiece.model"),
    ],
)  # fmt: skip
def test_nothing_is_installed_from_a_wrong_archive(
    made: Path, tmp_path: Path, home: Path, extra: dict[str, bytes], drop: str, message: str
) -> None:
    wrong = rewrite(made, tmp_path / "wrong.argosmodel", extra, drop)
    with pytest.raises(PackageError, match=message):
        install.install_archive(wrong)
    assert list(home.iterdir()) == []
    assert [path.name for path in home.parent.iterdir()] == ["packages"]
    assert not list(tmp_path.rglob("evil.txt"))


def test_metadata_cannot_name_another_place(tmp_path: Path, home: Path) -> None:
    path = make_package(tmp_path / "made")
    metadata = json.loads((path / "metadata.json").read_text("utf-8"))
    for wrong in ({"from_code": "../../x"}, {"package_version": "../1"}, {"to_code": "en/x"}):
        (path / "metadata.json").write_text(json.dumps({**metadata, **wrong}), "utf-8")
        target = tmp_path / f"{next(iter(wrong))}.argosmodel"
        with pytest.raises(PackageError, match="no usable"):
            install.install_archive(pack(path, target))
    assert list(home.iterdir()) == []


def test_packing_gives_the_same_bytes_again(made: Path, tmp_path: Path) -> None:
    path = unpack_archive(made, tmp_path / "out")
    pack_folder(path, tmp_path / "one.argosmodel", "p")
    (path / "README.md").touch()
    pack_folder(path, tmp_path / "two.argosmodel", "p")
    assert (tmp_path / "one.argosmodel").read_bytes() == (tmp_path / "two.argosmodel").read_bytes()
    with pytest.raises(PackageError, match="already exists"):
        pack_folder(path, tmp_path / "two.argosmodel", "p")
    again = unpack_archive(tmp_path / "one.argosmodel", tmp_path / "again")
    assert (again / "model/model.bin").read_bytes() == (path / "model/model.bin").read_bytes()


# --- what is installed works -----------------------------------------------------------------


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound archive of a pair whose hash no table knows."""
    folder = tmp_path_factory.mktemp("other")
    return pack(make_package(folder, from_code="xx"), folder / "xx.argosmodel")


def refused(archive: Path, home: Path) -> str:
    """The message of an archive that is refused, which leaves nothing and names the archive."""
    with pytest.raises(PackageError) as caught:
        install.install_archive(archive)
    assert not home.exists() or list(home.iterdir()) == []
    assert list(home.parent.glob(".normalise-*")) == []
    message = str(caught.value)
    assert message.startswith(str(archive))
    assert ".normalise-" not in message  # the temporary folder is gone by then
    assert "install the package again" not in message
    return message


def replace_file(sound: Path, target: Path, name: str, data: bytes) -> Path:
    """A copy of an archive with other bytes in one of its files, compressed as others are."""
    with (
        zipfile.ZipFile(sound) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for info in old.infolist():
            same = info.filename.split("/", 1)[1] != name
            new.writestr(info.filename, old.read(info) if same else data)
    return target


def read_entry(sound: Path, name: str) -> bytes:
    with zipfile.ZipFile(sound) as opened:
        (found,) = [one for one in opened.namelist() if one.split("/", 1)[1] == name]
        return opened.read(found)


@pytest.mark.parametrize("garbage", [b"", b"no model", bytes(range(256)) * 50, b"\0" * 5_000])
def test_pieces_that_cannot_be_loaded_are_refused(
    other: Path, home: Path, tmp_path: Path, garbage: bytes
) -> None:
    wrong = replace_file(other, tmp_path / "w.argosmodel", "sentencepiece.model", garbage)
    assert "SentencePiece model cannot be loaded" in refused(wrong, home)


def test_what_trails_a_model_is_refused(other: Path, home: Path, tmp_path: Path) -> None:
    model = read_entry(other, "model/model.bin")
    for tail in (b"\0", b"\0" * 200_000_000):
        wrong = replace_file(other, tmp_path / "w.argosmodel", "model/model.bin", model + tail)
        message = refused(wrong, home)
        assert f"has {len(tail)} bytes after its end" in message or "zip bombs" in message
    cut = replace_file(other, tmp_path / "w.argosmodel", "model/model.bin", model[:-1])
    assert "model.bin is cut short" in refused(cut, home)


def test_zeros_beside_an_honest_model_are_refused() -> None:
    weights = entry("p/model/model.bin", size=60 << 20, packed=40 << 20)
    zeros = entry("p/zeros", size=200 << 20, packed=200 << 10)
    with pytest.raises(PackageError, match="zip bombs"):
        check_entries([weights, zeros], "x")


def test_a_long_tail_that_compresses_well_enough_is_seen(
    other: Path, home: Path, tmp_path: Path
) -> None:
    # Behind a large model that compresses badly the ratio says nothing: the length must.
    import random

    model = read_entry(other, "model/model.bin")
    tail = random.Random(1).randbytes(1 << 20) + b"\0" * (80 << 20)
    wrong = replace_file(other, tmp_path / "w.argosmodel", "model/model.bin", model + tail)
    assert f"has {len(tail)} bytes after its end" in refused(wrong, home)


def test_a_broken_part_is_named_inside_its_archive(
    other: Path, home: Path, tmp_path: Path
) -> None:
    wrong = replace_file(other, tmp_path / "w.argosmodel", "model/model.bin", b"x" * 100)
    assert refused(wrong, home).startswith(f"{wrong} (translate-xx_en-1_0/model): ")
    wrong = replace_file(other, tmp_path / "w.argosmodel", "metadata.json", b"[]")
    assert "metadata.json): metadata.json is not an object" in refused(wrong, home)
    model = read_entry(other, "model/model.bin")
    scrambled = model[:5_000] + model[5_000:].replace(b"encoder/", b"ebcoder/")
    wrong = replace_file(other, tmp_path / "w.argosmodel", "model/model.bin", scrambled)
    assert "CTranslate2 cannot run the model" in refused(wrong, home)


@pytest.mark.parametrize(
    ("pair", "problem"),
    [
        (("en", "en"), "translates en_en, but English is the only target"),
        (("en", "vi"), "translates en_vi, but English is the only target"),
        (("vi", "vi"), "translates vi_vi, but English is the only target"),
        (("vi", "fr"), "no installed package leads from fr into English"),
    ],
)
def test_what_leads_away_from_english_is_refused(
    home: Path, tmp_path: Path, pair: tuple[str, str], problem: str
) -> None:
    made = make_package(tmp_path, from_code=pair[0], to_code=pair[1])
    assert problem in refused(pack(made, tmp_path / "away.argosmodel"), home)


def test_the_first_step_of_two_is_installed_after_the_second(home: Path, tmp_path: Path) -> None:
    steps = [
        pack(make_package(tmp_path, from_code=a, to_code=b), tmp_path / f"{a}_{b}.argosmodel")
        for a, b in (("fr", "en"), ("vi", "fr"))
    ]
    with pytest.raises(PackageError, match="install one first: normalise models install fr"):
        install.install_archive(steps[1])
    for step in steps:
        install.install_archive(step)
    assert [package.pair for package in route("vi")] == ["vi_fr", "fr_en"]
