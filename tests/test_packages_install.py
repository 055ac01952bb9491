"""Installing, replacing, verifying and removing; and fetching over a network that breaks."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from tiny_package import make_package, pack

from normalise.errors import PackageError
from normalise.language import codes
from normalise.packages import catalogue, find, folders, install
from normalise.packages.digests import RECORD, hash_file, read_record
from normalise.packages.download import fetch_file, fetch_text


class Server(ThreadingHTTPServer):
    """Serves bytes by path and misbehaves as told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.cuts: list[int] = []  # after how many bytes the next answers break off
        self.errors: list[int] = []  # status codes of the next answers
        self.ranges = True
        self.etag = '"1"'
        self.asked: list[tuple[str, str]] = []  # path and Range header

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}{path}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        server = self.server
        wanted = self.headers.get("Range") or ""
        server.asked.append((self.path, wanted))
        if server.errors:
            self.send_error(server.errors.pop(0))
            return
        if self.path not in server.files or not self.headers.get("User-Agent"):
            self.send_error(404)
            return
        data = server.files[self.path]
        start = 0
        fits = self.headers.get("If-Range") in (None, server.etag)
        if wanted and server.ranges and fits:
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            if start >= len(data):
                self.send_error(416)
                return
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(len(data) - start))
        self.send_header("ETag", server.etag)
        self.end_headers()
        cut = server.cuts.pop(0) if server.cuts else len(data)
        self.wfile.write(data[start : start + cut])

    def log_message(self, *_: object) -> None:
        """Quiet."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        try:  # with every network cut off, the machine may not even reach itself
            socket.create_connection(running.server_address, timeout=5).close()
        except OSError as error:
            pytest.skip(f"no server can be reached on this machine: {error}")
        threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
        yield running
        running.shutdown()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    return pack(make_package(folder, from_code="xx", version="1.0"), folder / "xx.argosmodel")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "data" / "packages"
    monkeypatch.setenv("ARGOS_PACKAGES_DIR", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(folders, "find_bundled_folder", lambda: tmp_path / "bundled")
    return folder


@pytest.fixture
def pauses() -> list[float]:
    return []


def wait(pauses: list[float]) -> Callable[[float], None]:
    """A sleep that only notes how long it would have slept."""
    return pauses.append


# --- from a file ---------------------------------------------------------------------------


def test_an_archive_is_installed_with_its_record(made: Path, home: Path) -> None:
    package = install.install_archive(made)
    assert package.path == home / "translate-xx_en-1_0"
    record = read_record(package.path)
    assert record["archive_sha256"] == hash_file(made)
    assert record["digest"] == package.digest
    assert record["source"] == "xx.argosmodel"
    assert [found.pair for found in find.find_packages()] == ["xx_en"]
    assert [path.name for path in home.parent.iterdir()] == ["packages"]  # no stage left


def test_installing_again_replaces_a_damaged_package(made: Path, home: Path) -> None:
    package = install.install_archive(made)
    (package.path / "model/model.bin").write_bytes(b"TransformerSpec damaged")
    with pytest.raises(PackageError):
        find.best_package("xx")
    install.install_archive(made)
    assert find.best_package("xx") == package
    assert [path.name for path in home.iterdir()] == ["translate-xx_en-1_0"]


def test_a_wrong_hash_is_refused_and_the_old_package_stays(made: Path, home: Path) -> None:
    with pytest.raises(PackageError, match="--sha256"):
        install.install_archive(made, sha256="0" * 64)
    assert find.find_packages() == []
    package = install.install_archive(made, sha256=hash_file(made).upper())
    with pytest.raises(PackageError, match="SHA-256"):
        install.install_archive(made, sha256="0" * 64)
    assert find.best_package("xx") == package


def test_the_shipped_table_is_asked(
    made: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = catalogue.KnownArchive("0" * 64)
    monkeypatch.setitem(catalogue.KNOWN_ARCHIVES, ("xx", "en", "1.0"), known)
    with pytest.raises(PackageError, match="has SHA-256"):
        install.install_archive(made)
    install.install_archive(made, sha256=hash_file(made))


def test_the_shipped_table_holds_sound_entries() -> None:
    nb = catalogue.KNOWN_ARCHIVES["nb", "en", "1.9"]
    assert nb.sha256 == "ee2e3b3541abecb51566b095d3409d97c61b920c9e37956d211fb8b9e9e7d027"
    for (source, target, _), known in catalogue.KNOWN_ARCHIVES.items():
        assert len(bytes.fromhex(known.sha256)) == 32
        assert source in catalogue.INTO_ENGLISH
        assert target == "en"
    assert catalogue.INTO_ENGLISH.keys() <= codes.LANGUAGES.keys()
    assert set(codes.ALIASES.values()) <= codes.LANGUAGES.keys()


def test_a_failed_move_brings_the_old_package_back(
    made: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = install.install_archive(made)
    rename = Path.rename

    def fail(self: Path, target: Path) -> Path:
        if target == package.path and self.name != "replaced":
            raise OSError("disk trouble")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(OSError, match="disk trouble"):
        install.install_archive(made)
    monkeypatch.undo()
    assert find.read_package(package.path, "argos").digest == package.digest


def test_argos_sees_what_we_install_and_we_see_what_argos_installs(
    made: Path, home: Path, tmp_path: Path
) -> None:
    install.install_archive(made)
    code = (
        "from argostranslate import package\n"
        "print([p.from_code for p in package.get_installed_packages()])\n"
    )
    environment = {**os.environ, "HOME": str(tmp_path)}
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True
    )
    assert run.stdout.strip() == "['xx']"
    other = pack(make_package(tmp_path / "o", from_code="yy"), tmp_path / "yy.argosmodel")
    code = f"import zipfile; zipfile.ZipFile({str(other)!r}).extractall({str(home)!r})"
    subprocess.run([sys.executable, "-c", code], check=True)  # all that Argos does
    assert sorted(found.pair for found in find.find_packages()) == ["xx_en", "yy_en"]


def test_verify_tells_missing_added_and_changed_files(made: Path, home: Path) -> None:
    path = install.install_archive(made).path
    assert [verdict.problems for verdict in install.verify_packages()] == [()]
    (path / "README.md").unlink()
    (path / "extra.txt").write_text("x")
    model = path / "model/model.bin"
    stamp = model.stat()
    data = bytearray(model.read_bytes())
    data[-1] ^= 1
    model.write_bytes(data)
    os.utime(model, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))  # hidden from the quick check
    (verdict,) = install.verify_packages()
    assert set(verdict.problems) >= {
        "README.md is missing", "extra.txt was added", "model/model.bin was changed",
    }  # fmt: skip


def test_a_package_without_record_is_verified_as_far_as_possible(made: Path, home: Path) -> None:
    path = install.install_archive(made).path
    (path / RECORD).unlink()
    (verdict,) = install.verify_packages()
    assert not verdict.recorded
    assert verdict.problems == ()


def test_remove_takes_all_versions_or_the_one_named(home: Path, tmp_path: Path) -> None:
    for version in ("1.0", "1.1"):
        path = make_package(tmp_path / "made", from_code="xx", version=version)
        install.install_archive(pack(path, tmp_path / f"{version}.argosmodel"))
    assert len(install.remove_package("translate-xx_en-1_0")) == 1
    assert [package.version for package in find.find_packages()] == ["1.1"]
    assert len(install.remove_package("xx")) == 1
    assert list(home.iterdir()) == []
    with pytest.raises(PackageError, match="no installed package"):
        install.remove_package("xx")


def test_a_folder_that_cannot_be_written_is_named(
    made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("ARGOS_PACKAGES_DIR", str(tmp_path / "file" / "packages"))
    with pytest.raises(PackageError, match="ARGOS_PACKAGES_DIR"):
        install.install_archive(made)


# --- over the network ----------------------------------------------------------------------


def test_a_file_is_fetched_with_progress(
    server: Server, tmp_path: Path, pauses: list[float]
) -> None:
    server.files["/f"] = os.urandom(300_000)
    seen: list[tuple[int, int]] = []
    digest = fetch_file(
        [server.url("/f")], tmp_path / "f",
        progress=lambda done, total: seen.append((done, total)), sleep=wait(pauses),
    )  # fmt: skip
    assert (tmp_path / "f").read_bytes() == server.files["/f"]
    assert digest == hashlib.sha256(server.files["/f"]).hexdigest()
    assert seen[-1] == (300_000, 300_000)
    assert [path.name for path in tmp_path.iterdir()] == ["f"]
    assert pauses == []


def test_a_broken_connection_is_resumed(
    server: Server, tmp_path: Path, pauses: list[float]
) -> None:
    server.files["/f"] = os.urandom(300_000)
    server.cuts = [100_000, 50_000]
    fetch_file([server.url("/f")], tmp_path / "f", sleep=wait(pauses))
    assert (tmp_path / "f").read_bytes() == server.files["/f"]
    assert [wanted for _, wanted in server.asked] == ["", "bytes=100000-", "bytes=150000-"]
    assert len(pauses) == 2


def test_a_later_run_resumes_and_a_changed_file_starts_anew(
    server: Server, tmp_path: Path, pauses: list[float]
) -> None:
    server.files["/f"] = os.urandom(300_000)
    server.cuts = [100_000]

    def stop(_seconds: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch_file([server.url("/f")], tmp_path / "f", sleep=stop)
    server.files["/f"] = os.urandom(200_000)
    server.etag = '"2"'
    fetch_file([server.url("/f")], tmp_path / "f", sleep=wait(pauses))
    assert server.asked[-1][1] == "bytes=100000-"
    assert (tmp_path / "f").read_bytes() == server.files["/f"]


def test_a_server_without_ranges_starts_anew(
    server: Server, tmp_path: Path, pauses: list[float]
) -> None:
    server.files["/f"] = os.urandom(300_000)
    server.ranges = False
    server.cuts = [100_000]
    fetch_file([server.url("/f")], tmp_path / "f", sleep=wait(pauses))
    assert (tmp_path / "f").read_bytes() == server.files["/f"]


def test_a_leftover_larger_than_the_file_is_dropped(
    server: Server, tmp_path: Path, pauses: list[float]
) -> None:
    server.files["/f"] = b"new"
    tag = hashlib.sha256(server.url("/f").encode()).hexdigest()[:12]
    (tmp_path / f"f.{tag}.part").write_bytes(b"older and longer")
    fetch_file([server.url("/f")], tmp_path / "f", sleep=wait(pauses))
    assert (tmp_path / "f").read_bytes() == b"new"


def test_errors_are_retried_with_growing_pauses(server: Server, pauses: list[float]) -> None:
    server.files["/i"] = b"[]"
    server.errors = [503, 500, 429]
    assert fetch_text(server.url("/i"), sleep=wait(pauses)) == "[]"
    assert pauses == [1.0, 2.0, 4.0]


def test_a_missing_file_is_not_retried_but_the_next_address_is_tried(
    server: Server, tmp_path: Path, pauses: list[float]
) -> None:
    server.files["/b"] = b"data"
    fetch_file([server.url("/a"), server.url("/b")], tmp_path / "f", sleep=wait(pauses))
    assert (tmp_path / "f").read_bytes() == b"data"
    assert pauses == []
    with pytest.raises(PackageError, match="Not Found"):
        fetch_file([server.url("/a")], tmp_path / "g", sleep=wait(pauses))


def test_a_dead_server_is_given_up_after_some_attempts(tmp_path: Path, pauses: list[float]) -> None:
    with Server() as gone:
        address = gone.url("/f")
    with pytest.raises(PackageError, match="check the network"):
        fetch_file([address], tmp_path / "f", sleep=wait(pauses))
    assert pauses == [1, 2, 4, 8, 16]


def serve_index(server: Server, monkeypatch: pytest.MonkeyPatch, *links: str) -> None:
    entry = {
        "package_version": "1.0", "from_code": "xx", "from_name": "Exish", "to_code": "en",
        "to_name": "English", "links": ["ipfs://Qm", *links],
    }  # fmt: skip
    index = [
        entry,
        {**entry, "package_version": "0.9", "links": [server.url("/old")]},
        {"type": "sbd"},
        7,
        {**entry, "from_code": None},
        {**entry, "links": ["file:///etc/passwd"], "package_version": "9"},
        {**entry, "package_version": "../../../9"},
        {**entry, "from_code": "../xx"},
    ]
    server.files["/index.json"] = json.dumps(index).encode()
    monkeypatch.setenv("ARGOS_PACKAGE_INDEX", server.url(""))


def test_the_index_leads_to_an_installed_package(
    server: Server, made: Path, home: Path, monkeypatch: pytest.MonkeyPatch, pauses: list[float]
) -> None:
    server.files["/xx.argosmodel"] = made.read_bytes()
    serve_index(server, monkeypatch, server.url("/xx.argosmodel"))
    server.cuts = [10_000_000, 1000]  # the index in one piece, the package in two
    index = install.fetch_index(sleep=wait(pauses))
    assert [(entry.pair, entry.version) for entry in index] == [("xx_en", "1.0"), ("xx_en", "0.9")]
    for code in ("xx", "xx_en", "translate-xx_en"):
        assert install.choose_available(index, code).version == "1.0"
    chosen = install.choose_available(index, "xx")
    package = install.install_available(chosen, sleep=wait(pauses))
    assert package.pair == "xx_en"
    assert read_record(package.path)["source"] == server.url("/xx.argosmodel")
    assert any(wanted == "bytes=1000-" for _, wanted in server.asked)
    downloads = folders.find_cache() / "downloads"
    assert list(downloads.iterdir()) == []


def test_an_index_that_names_another_package_is_caught(
    server: Server, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pauses: list[float]
) -> None:
    other = pack(make_package(tmp_path / "o", from_code="yy"), tmp_path / "yy.argosmodel")
    server.files["/xx.argosmodel"] = other.read_bytes()
    serve_index(server, monkeypatch, server.url("/xx.argosmodel"))
    chosen = install.choose_available(install.fetch_index(), "xx")
    with pytest.raises(PackageError, match="contains yy_en"):
        install.install_available(chosen, sleep=wait(pauses))
    assert list(home.iterdir()) == []


def test_what_the_index_lacks_is_said_with_a_remedy(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve_index(server, monkeypatch, server.url("/x"))
    index = install.fetch_index()
    with pytest.raises(PackageError, match="--from-marian DIR --from vi"):
        install.choose_available(index, "vi")
    with pytest.raises(PackageError, match="it has xx_en"):
        install.choose_available(index, "xx_de")


def test_a_page_that_is_no_index_is_said(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.files["/index.json"] = b"<html>login</html>"
    monkeypatch.setenv("ARGOS_PACKAGE_INDEX", server.url("/"))
    with pytest.raises(PackageError, match="not a JSON list"):
        install.fetch_index()


def test_the_default_index_is_argos_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("ARGOS_PACKAGE_INDEX", raising=False)
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    address = install.find_index_address()
    assert address.startswith("https://")
    assert address.endswith("argospm-index/main/index.json")
