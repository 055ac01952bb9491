"""A bundle holds all that is needed, notices every change, and installs without network."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from tiny_package import make_package

from normalise.errors import PackageError
from normalise.packages import folders
from normalise.packages.offline import bundle, bundle_install
from normalise.packages.offline.bundle import Contents, choose_packages, make_bundle, read_pins
from normalise.packages.offline.bundle_install import BundleError, check_machine, check_sums

# Stands in for the program in the quick tests: says which package folder it was to verify.
PROGRAM = """\
import os, pathlib, sys
folder = pathlib.Path(os.environ["ARGOS_PACKAGES_DIR"])
names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
print("verifying", *names)
sys.exit(1 if "translate-bad_en-1_0" in names else 0)
"""


def make_wheel(folder: Path, name: str, files: dict[str, str]) -> Path:
    """A minimal wheel, by hand."""
    info = f"{name}-1.0.dist-info"
    files = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [
        f"{path},sha256="
        + base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
        + f",{len(text.encode())}"
        for path, text in files.items()
    ]
    files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,"]) + "\n"
    wheel = folder / f"{name}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as out:
        for path, text in files.items():
            out.writestr(path, text)
    return wheel


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Argos's folder with one package."""
    folder = tmp_path / "argos"
    monkeypatch.setenv("ARGOS_PACKAGES_DIR", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(folders, "find_bundled_folder", lambda: tmp_path / "bundled")
    make_package(folder, from_code="xx")
    return folder


@pytest.fixture
def contents(home: Path, tmp_path: Path) -> Contents:
    """Two small wheels, one package, one glossary."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    make_wheel(wheels, "normalise", {"normalise/__init__.py": "", "normalise/__main__.py": PROGRAM})
    make_wheel(wheels, "tinydependency", {"tinydependency.py": "value = 1\n"})
    make_wheel(wheels, "notneeded", {"notneeded.py": ""})
    requirements = tmp_path / "requirements.txt"
    requirements.write_text(
        "# pinned\ntinydependency==1.0 \\\n    --hash=sha256:" + "0" * 64 + "  # a comment\n"
    )
    glossary = tmp_path / "house"
    glossary.mkdir()
    (glossary / "manifest.yaml").write_text("schema: 1\n")
    return Contents(choose_packages([]), (glossary,), requirements, tmp_path, wheels)


def run_install(
    folder: Path, *arguments: str, cut: bool = False
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", str(folder / "install.py"), *arguments]
    if cut:
        command = ["unshare", "--map-root-user", "--net", *command]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def can_cut_network() -> bool:
    if shutil.which("unshare") is None:
        return False
    command = ["unshare", "--map-root-user", "--net", "true"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_pins_lose_hashes_comments_and_options(tmp_path: Path) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text(
        "--require-hashes\n"
        "one==1.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n"
        "two[extra]==2.0 ; python_version < '3.11'  # why\n\n# nothing\n"
    )
    assert read_pins(file) == ["one==1.0", "two[extra]==2.0 ; python_version < '3.11'"]
    file.write_text("loose>=1\n")
    with pytest.raises(PackageError, match="not pinned"):
        read_pins(file)
    with pytest.raises(PackageError, match="--requirements"):
        read_pins(tmp_path / "none.txt")


def test_the_projects_own_requirements_are_pinned() -> None:
    root = bundle.find_project()
    assert root is not None
    pins = read_pins(root / "requirements.txt")
    assert any(pin.startswith("ctranslate2==") for pin in pins)
    assert not any(pin.startswith(("torch", "stanza", "spacy")) for pin in pins)


def test_packages_are_chosen_by_code(home: Path) -> None:
    assert [package.pair for package in choose_packages([])] == ["xx_en"]
    assert [package.pair for package in choose_packages(["xx", "xx_en"])] == ["xx_en"]
    with pytest.raises(PackageError, match="models install vi"):
        choose_packages(["vi"])


def test_a_bundle_holds_what_was_asked_for(contents: Contents, tmp_path: Path) -> None:
    folder = make_bundle(contents, tmp_path / "out")
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {
        "README.md", "install.py", "bundle.json", "SHA256SUMS",
        "wheels/normalise-1.0-py3-none-any.whl", "wheels/tinydependency-1.0-py3-none-any.whl",
        "packages/translate-xx_en-1_0/metadata.json", "glossaries/house/manifest.yaml",
    } <= names  # fmt: skip
    assert not any("notneeded" in name for name in names)
    assert check_sums(folder) == len(names) - 1
    assert "python3 install.py" in (folder / "README.md").read_text("utf-8")
    assert "translate-xx_en-1_0" in (folder / "README.md").read_text("utf-8")


def test_an_archive_unpacks_to_the_same_bundle(contents: Contents, tmp_path: Path) -> None:
    archive = make_bundle(contents, tmp_path / "out", archive=True)
    assert archive == tmp_path / "out.zip"
    assert not (tmp_path / "out").exists()
    command = [sys.executable, "-m", "zipfile", "-e", str(archive), str(tmp_path / "there")]
    subprocess.run(command, check=True)
    assert check_sums(tmp_path / "there/out") > 8


def test_a_bundled_package_comes_once(contents: Contents, tmp_path: Path) -> None:
    make_package(tmp_path / "bundled", from_code="yy")
    packages = choose_packages(["yy"])
    assert packages[0].origin == "bundled"
    assert contents.wheels is not None
    some = Contents(packages, (), contents.requirements, tmp_path, contents.wheels)
    assert (make_bundle(some, tmp_path / "without") / "packages").is_dir()
    files = {"normalise/__init__.py": "", "normalise/bundled/yy_en/model/model.bin": "x"}
    make_wheel(contents.wheels, "normalise", files)
    assert not (make_bundle(some, tmp_path / "with") / "packages").exists()


def test_a_folder_in_use_is_left_alone(contents: Contents, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/mine").write_text("x")
    with pytest.raises(PackageError, match="already exists"):
        make_bundle(contents, tmp_path / "out")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine"]


def test_a_missing_wheel_is_said_and_leaves_nothing(contents: Contents, tmp_path: Path) -> None:
    assert contents.wheels is not None
    (contents.wheels / "tinydependency-1.0-py3-none-any.whl").unlink()
    with pytest.raises(PackageError, match=r"tinydependency==1\.0"):
        make_bundle(contents, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert not list(tmp_path.glob(".normalise-*"))


def test_every_change_to_a_bundle_is_noticed(contents: Contents, tmp_path: Path) -> None:
    folder = make_bundle(contents, tmp_path / "out")
    model = next(folder.rglob("model.bin"))
    data = bytearray(model.read_bytes())
    data[0] ^= 1
    model.write_bytes(data)
    (folder / "wheels/extra.whl").write_text("x")
    (folder / "bundle.json").unlink()
    with pytest.raises(BundleError) as caught:
        check_sums(folder)
    for part in ("model.bin was changed", "extra.whl was added", "bundle.json is missing"):
        assert part in str(caught.value)
    done = run_install(folder, "--to", str(tmp_path / "there"))
    assert done.returncode == 1
    assert "was changed" in done.stderr
    assert not (tmp_path / "there").exists()


def test_another_python_is_refused(contents: Contents, tmp_path: Path) -> None:
    folder = make_bundle(contents, tmp_path / "out")
    check_machine(folder)
    description = json.loads((folder / "bundle.json").read_text("utf-8"))
    description["machine"]["python"] = "2.7"
    (folder / "bundle.json").write_text(json.dumps(description), "utf-8")
    with pytest.raises(BundleError, match=r"Python 2\.7"):
        check_machine(folder)


def test_the_bundle_is_not_installed_into_itself_or_over_something(
    contents: Contents, tmp_path: Path
) -> None:
    folder = make_bundle(contents, tmp_path / "out")
    done = run_install(folder, "--to", str(folder / "here"))
    assert (done.returncode, (folder / "here").exists()) == (1, False)
    done = run_install(folder, "--to", str(tmp_path / "wheels"))
    assert done.returncode == 1
    assert "not empty" in done.stderr
    assert run_install(folder, "--check").returncode == 0


@pytest.mark.skipif(not can_cut_network(), reason="unshare cannot cut the network here")
def test_one_command_installs_all_of_it_with_the_network_cut(
    contents: Contents, tmp_path: Path
) -> None:
    folder = make_bundle(contents, tmp_path / "out")
    there = tmp_path / "there"
    done = run_install(folder, "--to", str(there), cut=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "verifying translate-xx_en-1_0" in done.stdout
    python = there / "bin/python"
    code = "import tinydependency, normalise; print(tinydependency.value, normalise.__file__)"
    run = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.startswith(f"1 {there}")
    assert (there / "share/normalise/glossaries/house/manifest.yaml").is_file()
    # The installed program finds the packages there: its prefix is the environment.
    assert folders.find_share_folder().relative_to(sys.prefix) == Path("share/normalise/packages")
    assert (there / "share/normalise/packages/translate-xx_en-1_0/model/model.bin").is_file()


def test_the_installer_stands_alone() -> None:
    """It runs where normalise is not installed, so it may import the standard library only."""
    source = Path(bundle_install.__file__).read_text("utf-8")
    imported = [
        line.split()[1] for line in source.splitlines() if line.startswith(("import", "from"))
    ]
    assert set(imported) - {"__future__"} <= set(sys.stdlib_module_names)


@pytest.mark.skipif(
    not os.environ.get("NORMALISE_SLOW_TESTS"),
    reason="fetches all wheels over the network; set NORMALISE_SLOW_TESTS=1",
)
@pytest.mark.skipif(not can_cut_network(), reason="unshare cannot cut the network here")
def test_the_real_program_is_bundled_and_translates_with_the_network_cut(
    home: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "normalise", "models", "bundle", str(tmp_path / "out")]
    root = bundle.find_project()
    subprocess.run([*command, "--package", "xx"], check=True, cwd=root)
    there = tmp_path / "there"
    done = run_install(tmp_path / "out", "--to", str(there), cut=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "xx_en 1.0: as installed" in done.stdout
    code = (
        "import ctranslate2\n"
        "from normalise.packages.find import route\n"
        "from normalise.packages.pieces import load_pieces\n"
        "(package,) = route('xx')\n"
        "pieces = load_pieces(package)\n"
        "model = ctranslate2.Translator(str(package.model_dir))\n"
        "(result,) = model.translate_batch([pieces.encode('Partiet møtes.')])\n"
        "print(package.path)\n"
        "print(pieces.decode(result.hypotheses[0]))\n"
    )
    environment = {**os.environ, "ARGOS_PACKAGES_DIR": str(tmp_path / "none")}
    cut = ["unshare", "--map-root-user", "--net", str(there / "bin/python"), "-I", "-c", code]
    run = subprocess.run(cut, capture_output=True, text=True, check=True, env=environment)
    path, text = run.stdout.splitlines()
    assert path.startswith(str(there))
    assert text == "Partiet møtes."


def test_a_changed_package_is_not_bundled(home: Path) -> None:
    from normalise.packages.digests import write_record

    path = home / "translate-xx_en-1_0"
    write_record(path, source="test", archive_sha256="")
    (path / "sentencepiece.model").write_bytes(b"x")
    with pytest.raises(PackageError, match="not the ones that were installed"):
        choose_packages([])


def test_a_clone_is_found_from_the_folder_one_works_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The code runs from a copy in an environment, as after `pip install .`
    installed = tmp_path / "lib" / "site-packages" / "normalise" / "packages" / "bundle.py"
    monkeypatch.setattr(bundle, "__file__", str(installed))
    monkeypatch.chdir(tmp_path)
    assert bundle.find_project() is None
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "another"\n')
    assert bundle.find_project() is None
    clone = tmp_path / "clone"
    (clone / "docs").mkdir(parents=True)
    (clone / "pyproject.toml").write_text('[project]\nname = "normalise"\n')
    monkeypatch.chdir(clone / "docs")
    assert bundle.find_project() == clone
    (clone / "glossaries").mkdir()
    assert bundle.find_glossaries(clone) is None
    (clone / "glossaries" / "manifest.yaml").write_text("schema: 1\n")
    assert bundle.find_glossaries(clone) == clone / "glossaries"


def test_the_documented_command_works_in_a_clone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shlex

    from click.testing import CliRunner

    from normalise.cli import main

    root = Path(__file__).resolve().parent.parent
    if not (root / "normalise" / "bundled" / "nb_en" / "metadata.json").exists():
        pytest.skip("no bundled package in this checkout")
    text = (root / "docs" / "models.md").read_text("utf-8")
    (command,) = [
        line for line in text.splitlines() if line.startswith("normalise models bundle out")
    ]
    clone = tmp_path / "clone"
    clone.mkdir()
    for name in ("pyproject.toml", "requirements.txt"):
        shutil.copy(root / name, clone)
    monkeypatch.setattr(bundle, "__file__", str(tmp_path / "lib" / "a" / "b" / "bundle.py"))
    monkeypatch.chdir(clone)
    for name in ("ARGOS_PACKAGES_DIR", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    asked: list[list[str]] = []
    monkeypatch.setattr(bundle, "_run_pip", asked.append)  # pip would fetch a hundred megabytes
    result = CliRunner().invoke(main, shlex.split(command, comments=True)[1:])
    assert result.exit_code == 0, result.output
    assert asked[0][-1] == str(clone / "requirements.txt")
    assert asked[1][-1] == str(clone)
    with zipfile.ZipFile(clone / "out.zip") as made:
        assert any(name.endswith("nb_en-1_0/metadata.json") or "nb_en" in name
                   for name in made.namelist())  # fmt: skip


def test_an_environment_without_pip_borrows_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "find_spec", lambda name: None)
    monkeypatch.setattr(sys, "_base_executable", "/usr/bin/python3", raising=False)
    assert bundle._find_pip() == ["/usr/bin/python3", "-m", "pip", "--python", sys.executable]
