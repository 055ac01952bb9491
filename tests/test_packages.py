"""Packages are found where Argos keeps them, checked on every load, and chosen predictably."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tiny_package import make_package

from normalise.errors import PackageError
from normalise.packages import find, folders
from normalise.packages.digests import compute_digest, remember_digest, write_record
from normalise.packages.pieces import load_pieces


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One tiny package, copied by the tests that change it."""
    return make_package(tmp_path_factory.mktemp("made"), version="1.9", licence="CC BY 4.0")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without packages; returns Argos's package folder in it."""
    for name in [name for name in os.environ if name.startswith(("ARGOS_", "SNAP", "XDG_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(folders, "find_bundled_folder", lambda: tmp_path / "bundled")
    monkeypatch.setattr(folders, "find_share_folder", lambda: tmp_path / "share")
    folder = tmp_path / ".local/share/argos-translate/packages"
    folder.mkdir(parents=True)
    return folder


def place(
    made: Path, folder: Path, name: str = "", *, record: bool = False, **metadata: str
) -> Path:
    """Copy the tiny package into a folder with other metadata."""
    import shutil

    merged = {**json.loads((made / "metadata.json").read_text("utf-8")), **metadata}
    path = folder / (name or "-".join(map(str, metadata.values())) or "plain")
    shutil.copytree(made, path)
    (path / "metadata.json").write_text(json.dumps(merged), "utf-8")
    if record:
        write_record(path, source="test", archive_sha256="")
    return path


def test_a_package_says_what_it_is(made: Path) -> None:
    package = find.read_package(made)
    assert (package.pair, package.version, package.licence) == ("nb_en", "1.9", "CC BY 4.0")
    assert package.name == "translate-nb_en-1_9"
    assert package.source_sentencepiece == package.target_sentencepiece == package.sentencepiece
    assert (package.model_dir / "model.bin").is_file()
    assert len(package.digest) == 64


def test_argos_folder_is_found_through_xdg(
    made: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place(made, home)
    assert [package.origin for package in find.find_packages()] == ["argos"]
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert find.find_packages() == []
    place(made, tmp_path / "data/argos-translate/packages")
    assert len(find.find_packages()) == 1


def test_argos_variable_wins_over_settings_file(
    made: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / ".config/argos-translate/settings.json"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps({"ARGOS_PACKAGES_DIR": str(tmp_path / "from-file")}))
    assert folders.find_install_folder() == tmp_path / "from-file"
    monkeypatch.setenv("ARGOS_PACKAGES_DIR", str(tmp_path / "from-environment"))
    assert folders.find_install_folder() == tmp_path / "from-environment"
    place(made, tmp_path / "from-environment")
    assert len(find.find_packages()) == 1


def test_a_broken_settings_file_is_ignored(home: Path, tmp_path: Path) -> None:
    settings = tmp_path / ".config/argos-translate/settings.json"
    settings.parent.mkdir(parents=True)
    settings.write_text("{")
    assert folders.find_install_folder() == home


def test_legacy_and_snap_folders_are_searched(tmp_path: Path) -> None:
    content = tmp_path / "snap/snap_custom/content_snap_packages/one"
    content.mkdir(parents=True)
    environment = {
        "SNAP": str(tmp_path / "snap"),
        "SNAP_USER_DATA": str(tmp_path / "user"),
        "ARGOS_TRANSLATE_PACKAGE_DIR": str(tmp_path / "old"),
    }
    listed = [folder for folder, _ in folders.list_package_folders(environment)]
    assert tmp_path / "user/.local/share/argos-translate/packages" in listed
    assert tmp_path / "old" in listed
    assert content in listed
    assert tmp_path / "snap/snap_custom/packages" in listed


def test_the_highest_version_is_best(made: Path, home: Path) -> None:
    for version in ("1.9", "1.10", "1.2"):
        place(made, home, version, package_version=version)
    best = find.best_package("nb")
    assert best is not None
    assert best.version == "1.10"
    versions = [package.version for package in find.find_packages()]
    assert versions == ["1.10", "1.9", "1.2"]


def test_installed_beats_bundled_and_given_beats_both(
    made: Path, home: Path, tmp_path: Path
) -> None:
    place(made, tmp_path / "bundled", "nb_en", package_version="9.0")
    best = find.best_package("nb")
    assert best is not None
    assert best.origin == "bundled"
    place(made, home, "old", package_version="1.0")
    best = find.best_package("nb")
    assert best is not None
    assert (best.origin, best.version) == ("argos", "1.0")
    given = place(made, tmp_path / "given", "x", package_version="0.1")
    for extra in (given, given.parent):
        best = find.best_package("nb", extra=[extra])
        assert best is not None
        assert (best.origin, best.version) == ("user", "0.1")


def test_nynorsk_is_read_by_the_package_of_bokmaal(tmp_path: Path, home: Path) -> None:
    assert find.route("nn") == ()
    make_package(home, from_code="nb")
    assert [package.from_code for package in find.route("nn")] == ["nb"]
    assert find.remedy("nn") == find.remedy("nb")


def test_a_route_is_direct_or_has_two_steps(made: Path, home: Path) -> None:
    place(made, home, "ca_es", from_code="ca", to_code="es")
    place(made, home, "ca_fr", from_code="ca", to_code="fr")
    assert find.route("ca") == ()
    place(made, home, "fr_en", from_code="fr", to_code="en")
    assert [step.pair for step in find.route("ca")] == ["ca_fr", "fr_en"]
    place(made, home, "es_en", from_code="es", to_code="en")
    assert [step.pair for step in find.route("ca")] == ["ca_es", "es_en"]
    place(made, home, "ca_en", from_code="ca", to_code="en")
    assert [step.pair for step in find.route("ca")] == ["ca_en"]
    assert find.route("en") == ()
    assert find.route("vi") == ()


def test_other_programs_codes_are_understood(made: Path, home: Path) -> None:
    place(made, home)
    assert [step.pair for step in find.route("no")] == ["nb_en"]


def test_the_remedy_names_a_command() -> None:
    assert "models install da" in find.remedy("da")
    assert "--from-marian DIR --from xx" in find.remedy("xx")
    assert "nb" in find.remedy("nn")
    vietnamese = find.remedy("vi")
    assert "models install vi" in vietnamese
    assert "--from-marian DIR --from vi" in vietnamese


def test_a_changed_package_is_refused_not_passed_over(
    made: Path, home: Path, tmp_path: Path
) -> None:
    place(made, tmp_path / "bundled", "nb_en")
    path = place(made, home, record=True)
    assert find.best_package("nb") is not None
    with (path / "model/model.bin").open("ab") as file:
        file.write(b"x")
    with pytest.raises(PackageError, match="not the ones that were installed"):
        find.best_package("nb")
    with pytest.raises(PackageError, match="models verify"):
        find.route("nb")
    assert [package.origin for package in find.find_packages()] == ["bundled"]


def test_the_digest_covers_what_shapes_the_output_only(made: Path, tmp_path: Path) -> None:
    path = place(made, tmp_path)
    before = compute_digest(path)
    (path / "README.md").write_text("other")
    (path / "stanza").mkdir()
    (path / "stanza/x.pt").write_text("x")
    write_record(path, source="s", archive_sha256="")
    assert compute_digest(path) == before
    (path / "metadata.json").write_text((path / "metadata.json").read_text() + " ")
    assert compute_digest(path) != before


def test_the_digest_is_remembered_by_size_and_time(
    made: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = place(made, home)
    digest = remember_digest(path)

    def fail(_path: Path) -> str:
        raise AssertionError("hashed again")

    with monkeypatch.context() as patch:
        patch.setattr("normalise.packages.digests.hash_file", fail)
        assert remember_digest(path) == digest
    os.utime(path / "sentencepiece.model", ns=(1, 1))
    with monkeypatch.context() as patch:
        patch.setattr("normalise.packages.digests.hash_file", fail)
        with pytest.raises(AssertionError, match="hashed again"):
            remember_digest(path)
    assert remember_digest(path) == digest


def test_a_cache_that_cannot_be_written_or_read_does_no_harm(
    made: Path, home: Path, tmp_path: Path
) -> None:
    path = place(made, home)
    cache = tmp_path / ".cache/normalise"
    cache.parent.mkdir()
    cache.write_text("a file where a folder should be")
    assert remember_digest(path) == compute_digest(path)
    cache.unlink()
    cache.mkdir()
    (cache / "digests.json").write_text("[broken")
    assert remember_digest(path) == compute_digest(path)
    assert remember_digest(path) == compute_digest(path)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda p: (p / "metadata.json").write_text("{"), "cannot be read"),
        (lambda p: (p / "metadata.json").write_text("[]"), "not an object"),
        (lambda p: (p / "metadata.json").write_text('{"type": "sbd"}'), "type 'sbd'"),
        (lambda p: (p / "metadata.json").write_text('{"from_code": "../x"}'), "from_code"),
        (lambda p: (p / "metadata.json").write_text('{"from_code": 5}'), "from_code"),
        (lambda p: (p / "model/model.bin").write_bytes(b"MZ"), "not a CTranslate2"),
        (lambda p: (p / "model/model.bin").unlink(), "model.bin is missing"),
        (lambda p: (p / "sentencepiece.model").unlink(), "no sentencepiece.model"),
    ],
)  # fmt: skip
def test_broken_packages_are_listed_with_the_problem_and_never_used(
    made: Path, home: Path, damage: object, message: str
) -> None:
    path = place(made, home)
    damage(path)  # type: ignore[operator]
    (entry,) = find.list_entries()
    assert message in entry.problem
    assert find.find_packages() == []


def test_folders_that_are_no_packages_are_passed_over(home: Path) -> None:
    (home / "notes").mkdir()
    (home / "file").write_text("x")
    assert find.list_entries() == []


def test_bpe_packages_are_recognised(made: Path, tmp_path: Path) -> None:
    path = place(made, tmp_path)
    (path / "sentencepiece.model").unlink()
    (path / "bpe.model").write_text("#version: 0.2\nh e\nhe i</w>\n", "utf-8")
    package = find.read_package(path)
    assert package.sentencepiece is None
    assert package.bpe == path / "bpe.model"
    pieces = load_pieces(package)
    assert pieces.encode("hei hest") == ["hei", "he@@", "s@@", "t"]
    assert pieces.decode(["he@@", "s@@", "t", "hei"]) == "hest hei"


def test_pieces_of_two_models_are_kept_apart(made: Path, tmp_path: Path) -> None:
    path = place(made, tmp_path)
    (path / "sentencepiece.model").rename(path / "source.spm")
    (path / "target.spm").write_bytes((path / "source.spm").read_bytes())
    package = find.read_package(path)
    assert package.sentencepiece == package.source_sentencepiece == path / "source.spm"
    assert package.target_sentencepiece == path / "target.spm"
    pieces = load_pieces(package)
    assert pieces.decode(pieces.encode("Møtet ble holdt i går.")) == "Møtet ble holdt i går."


def test_a_broken_sentencepiece_model_is_a_package_error(made: Path, tmp_path: Path) -> None:
    path = place(made, tmp_path)
    (path / "sentencepiece.model").write_bytes(b"nonsense")
    with pytest.raises(PackageError, match="cannot be loaded"):
        load_pieces(find.read_package(path))


def test_the_tiny_package_translates(made: Path, tmp_path: Path) -> None:
    import ctranslate2

    path = make_package(tmp_path, lexicon={"partiet": "party", "og": "and"})
    package = find.read_package(path)
    pieces = load_pieces(package)
    translator = ctranslate2.Translator(str(package.model_dir))
    (result,) = translator.translate_batch([pieces.encode("partiet og dagen")])
    assert pieces.decode(result.hypotheses[0]) == "party and dagen"


def test_importing_creates_no_folder_and_reads_no_setting(tmp_path: Path) -> None:
    code = (
        "import os, pathlib, builtins\n"
        "class Watch(dict):\n"
        "    def watch(self, name): assert not str(name).startswith(('ARGOS', 'XDG')), name\n"
        "    def get(self, name, *rest): self.watch(name); return dict.get(self, name, *rest)\n"
        "    def __getitem__(self, name): self.watch(name); return dict.__getitem__(self, name)\n"
        "os.environ = Watch(os.environ)\n"
        "import normalise.packages.find, normalise.packages.install\n"
        "import normalise.packages.pieces, normalise.cli.models.models\n"
        "import sys\n"
        "assert not [m for m in sys.modules if m.startswith(('argostranslate', 'ctranslate2'))]\n"
    )
    environment = {**os.environ, "HOME": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    root = Path(find.__file__).parents[2]
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, cwd=root)
    assert list(tmp_path.iterdir()) == []


def test_names_from_metadata_cannot_steer_a_terminal(made: Path, tmp_path: Path) -> None:
    path = place(
        made, tmp_path, "p", from_name="Nor\x1b[2Jwegian\n\n x", license="MIT\r\x07" + "x" * 99
    )
    package = find.read_package(path)
    assert package.from_name == "Nor[2Jwegian x"
    assert package.licence.startswith("MIT x")
    assert len(package.licence) == 60


def test_a_user_without_a_home_is_served(
    made: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", no_home)
    place(made, tmp_path / "bundled", "nb_en")
    assert [package.origin for package in find.find_packages()] == ["bundled"]
