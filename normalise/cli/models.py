"""``normalise models``: list, install, remove, verify, bundle and build translation packages."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from normalise.errors import NormaliseError

if TYPE_CHECKING:
    from normalise.packages.catalogue import Available
    from normalise.packages.find import Entry

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@contextmanager
def _friendly() -> Iterator[None]:
    """What a user can mend is told in one sentence, with exit code 1."""
    try:
        yield
    except NormaliseError as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        raise click.ClickException(f"{place}{error.strerror or error}") from None


def format_size(size: int) -> str:
    """Bytes in the unit people read.

    >>> format_size(65_895_840), format_size(900), format_size(0)
    ('65.9 MB', '1 kB', '')
    """
    if size >= 1_000_000_000:
        return f"{size / 1e9:.1f} GB"
    if size >= 1_000_000:
        return f"{size / 1e6:.1f} MB"
    return f"{max(1, round(size / 1e3))} kB" if size else ""


def format_table(rows: list[list[str]]) -> str:
    """Columns as wide as their widest cell; the last one is not padded."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
    return "\n".join(lines)


def show_progress(name: str) -> Callable[[int, int], None] | None:
    """A line on the terminal that counts up; nothing where standard error is no terminal."""
    if not sys.stderr.isatty():
        return None
    last = -1

    def show(done: int, total: int) -> None:
        nonlocal last
        percent = done * 100 // total if total else done >> 20
        if percent == last:
            return
        last = percent
        whole = f" of {format_size(total)}" if total else ""
        end = "\n" if done == total else ""
        click.echo(f"\r{name}: {format_size(done)}{whole}   {end}", nl=False, err=True)

    return show


@click.group()
def models() -> None:
    """Translation packages in Argos's format.

    Packages are found in Argos's own folders (ARGOS_PACKAGES_DIR, XDG_DATA_HOME), in this
    installation, and in the one that comes with the project. Only `install CODE` and
    `list --available` use the network, and `bundle` where it is given no wheels.

    Exit codes: 0 done, 1 something is wrong or failed, 2 wrong usage.
    """


# --- list ----------------------------------------------------------------------------------


@models.command("list")
@click.option("--available", is_flag=True, help="Show what Argos's index offers. Uses the network.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.option(
    "--packages", "extra", type=FOLDER, multiple=True, help="Look in this folder, too (repeatable)."
)
def list_models(available: bool, as_json: bool, extra: tuple[Path, ...]) -> None:
    """List the packages that are installed, or those Argos offers."""
    from normalise.packages.find import list_entries

    with _friendly():
        entries = list_entries(extra)
        if available:
            from normalise.packages.install import fetch_index

            _print_available(fetch_index(), entries, as_json)
            return
    described = [_describe_entry(entry) for entry in entries]
    if as_json:
        click.echo(json.dumps(described, ensure_ascii=False, indent=2))
        return
    if not described:
        click.echo("no package is installed; normalise models install CODE fetches one")
        return
    head = ["PAIR", "VERSION", "SIZE", "LICENCE", "SOURCE", "SHA-256", "LANGUAGES"]
    rows = [head]
    for one in described:
        about = one["problem"] or f"{one['from_name']} to {one['to_name']}"
        rows.append(
            [
                one["pair"], one["version"], format_size(one["size"]), one["licence"] or "not said",
                one["origin"], (one["archive_sha256"] or one["digest"])[:12],
                f"BROKEN: {about}" if one["problem"] else about,
            ]
        )  # fmt: skip
    click.echo(format_table(rows))


def _describe_entry(entry: Entry) -> dict[str, Any]:
    from normalise.packages.digests import list_files, read_record

    package = entry.package
    record = read_record(entry.path)
    return {
        "pair": f"{entry.from_code}_{entry.to_code}" if entry.from_code else "?",
        "from": entry.from_code,
        "to": entry.to_code,
        "from_name": package.from_name if package else "",
        "to_name": package.to_name if package else "",
        "version": entry.version,
        "size": sum(path.stat().st_size for path in list_files(entry.path)),
        "licence": package.licence if package else "",
        "origin": entry.origin,
        "source": str(record.get("source") or ""),
        "digest": package.digest if package else "",
        "archive_sha256": str(record.get("archive_sha256") or ""),
        "path": str(entry.path),
        "problem": entry.problem,
    }


def _print_available(index: list[Available], entries: list[Entry], as_json: bool) -> None:
    """What leads into English, directly or by a second step."""
    installed = {(entry.from_code, entry.to_code, entry.version) for entry in entries}
    described: list[dict[str, Any]] = [
        {
            "pair": one.pair,
            "from_name": one.from_name,
            "to_name": one.to_name,
            "version": one.version,
            "size": one.known.size if one.known else 0,
            "sha256": one.known.sha256 if one.known else "",
            "links": list(one.links),
            "installed": (one.from_code, one.to_code, one.version) in installed,
        }
        for one in sorted(index, key=lambda one: (one.from_name, one.to_name, one.version))
        if one.from_code != "en"
    ]
    if as_json:
        click.echo(json.dumps(described, ensure_ascii=False, indent=2))
        return
    rows = [["PAIR", "VERSION", "SIZE", "SHA-256", "INSTALLED", "LANGUAGES"]]
    for item in described:
        rows.append(
            [
                item["pair"], item["version"], format_size(item["size"]), item["sha256"][:12],
                "yes" if item["installed"] else "", f"{item['from_name']} to {item['to_name']}",
            ]
        )  # fmt: skip
    click.echo(format_table(rows))
    click.echo("\nThe index tells neither sizes nor licences; both are known once installed.")


# --- install, remove, verify ---------------------------------------------------------------


@models.command()
@click.argument("what", nargs=-1, required=True, metavar="CODE|FILE...")
@click.option("--sha256", default="", help="The hash the archive must have (one package only).")
def install(what: tuple[str, ...], sha256: str) -> None:
    """Install packages from Argos's index (nb, nb_en) or from .argosmodel files.

    A CODE uses the network: the index is read, the archive fetched, resumed where a download
    broke off, and checked. A FILE uses none.
    """
    from normalise.packages import install as installing

    if sha256 and (len(what) > 1 or not re.fullmatch(r"[0-9a-fA-F]{64}", sha256)):
        raise click.UsageError("--sha256 takes 64 hexadecimal digits and goes with one package")
    index: list[Available] | None = None
    failed = False
    for one in what:
        try:
            with _friendly():
                if _is_file(one):
                    package = installing.install_archive(Path(one), sha256=sha256)
                else:
                    index = installing.fetch_index() if index is None else index
                    chosen = installing.choose_available(index, one)
                    package = installing.install_available(
                        chosen, sha256=sha256, progress=show_progress(chosen.pair)
                    )
        except click.ClickException as error:
            error.show()
            failed = True
            continue
        click.echo(f"installed {package.pair} {package.version} in {package.path}")
    if failed:
        raise click.exceptions.Exit(1)


def _is_file(text: str) -> bool:
    return text.endswith(".argosmodel") or "/" in text or "\\" in text or Path(text).is_file()


@models.command()
@click.argument("codes", nargs=-1, required=True, metavar="CODE...")
def remove(codes: tuple[str, ...]) -> None:
    """Remove installed packages: all versions of nb_en, or one as translate-nb_en-1_9.

    The bundled package stays.
    """
    from normalise.packages.install import remove_package

    for code in codes:
        with _friendly():
            for path in remove_package(code):
                click.echo(f"removed {path}")


@models.command()
@click.argument("codes", nargs=-1, metavar="[CODE...]")
@click.option(
    "--packages", "extra", type=FOLDER, multiple=True, help="Look in this folder, too (repeatable)."
)
def verify(codes: tuple[str, ...], extra: tuple[Path, ...]) -> None:
    """Hash every file of the packages again and compare; exit code 1 when something is wrong."""
    from normalise.packages.catalogue import canonical_code
    from normalise.packages.install import verify_packages

    with _friendly():
        verdicts = verify_packages(extra)
    wanted = set()
    for code in codes:
        source, _, target = code.removeprefix("translate-").partition("_")
        wanted.add((canonical_code(source), canonical_code(target or "en")))
    found = set()
    wrong = 0
    for verdict in verdicts:
        entry = verdict.entry
        pair = (canonical_code(entry.from_code), canonical_code(entry.to_code))
        if wanted and pair not in wanted:
            continue
        found.add(pair)
        name = f"{entry.from_code}_{entry.to_code} {entry.version}" if entry.from_code else "?"
        for problem in verdict.problems:
            click.echo(f"{name}: {problem} ({entry.path})")
        if not verdict.problems:
            what = "as installed" if verdict.recorded else "sound; nothing recorded to compare with"
            click.echo(f"{name}: {what} ({entry.origin})")
        wrong += bool(verdict.problems)
    for source, target in sorted(wanted - found):
        click.echo(f"{source}_{target}: not installed")
        wrong += 1
    if wrong:
        click.echo(f"{wrong} wrong; remove and install again", err=True)
        raise click.exceptions.Exit(1)


# --- build ---------------------------------------------------------------------------------


@models.command()
@click.option(
    "--from-marian", "marian", type=FOLDER, help="An unpacked OPUS-MT or Marian model folder."
)
@click.option(
    "--from-ctranslate2", "ctranslate2", type=FOLDER, help="A CTranslate2 folder with its pieces."
)
@click.option("--from", "from_code", required=True, metavar="CODE", help="Its language, as vi.")
@click.option("--to", "to_code", default="en", show_default=True, metavar="CODE")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The file to write.")
@click.option("--version", default="1.0", show_default=True, help="The package's version.")
@click.option("--licence", default="", help="The model's licence, for the metadata.")
@click.option(
    "--quantization",
    type=click.Choice(["int8", "int8_float32", "int16", "float16", "float32"]),
    default="int8",
    show_default=True,
    help="How weights are stored; CTranslate2 folders stay as they are.",
)
def build(
    marian: Path | None,
    ctranslate2: Path | None,
    from_code: str,
    to_code: str,
    out: Path | None,
    version: str,
    licence: str,
    quantization: str,
) -> None:
    """Make an Argos package from an OPUS-MT/Marian model or a CTranslate2 folder.

    The folder must hold the SentencePiece models, too: source.spm and target.spm, or
    sentencepiece.model. Uses no network. docs/models.md shows it for Vietnamese.
    """
    from normalise.packages.build import Recipe, build_package

    if (marian is None) == (ctranslate2 is None):
        raise click.UsageError("give either --from-marian or --from-ctranslate2")
    folder = marian or ctranslate2
    assert folder is not None
    recipe = Recipe(folder, from_code, to_code, version, licence, quantization)
    with _friendly():
        path = build_package(recipe, out)
    click.echo(f"wrote {path} ({format_size(path.stat().st_size)})")
    click.echo(f"install it with: normalise models install {path}")
    if not licence:
        click.echo("no --licence given: the package tells only what the model's README says")


# --- bundle --------------------------------------------------------------------------------


@models.command()
@click.argument("target", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--package",
    "codes",
    multiple=True,
    metavar="CODE",
    help="A package to include, as vi or vi_en (repeatable; default: all that are installed).",
)
@click.option(
    "--glossaries",
    type=FOLDER,
    multiple=True,
    help="A glossary folder to add to the curated ones (repeatable).",
)
@click.option("--wheels", type=FOLDER, help="Take wheels from this folder instead of the network.")
@click.option(
    "--requirements",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The pinned requirements [default: requirements.txt of the source folder].",
)
@click.option(
    "--project",
    type=click.Path(exists=True, path_type=Path),
    help="Source folder or wheel of normalise [default: where it runs from].",
)
@click.option("--archive", is_flag=True, help="Write DIR.zip instead of the folder DIR.")
def bundle(
    target: Path,
    codes: tuple[str, ...],
    glossaries: tuple[Path, ...],
    wheels: Path | None,
    requirements: Path | None,
    project: Path | None,
    archive: bool,
) -> None:
    """Make a self-contained folder for a machine without network.

    It holds the wheels for this Python and platform, packages, glossaries and checksums; there,
    `python3 install.py` installs all of it. Uses the network for the wheels unless --wheels
    names a folder that has them.
    """
    from normalise.packages import bundle as bundling

    project = project or bundling.find_project()
    if project is None:
        raise click.UsageError(
            "neither the program nor the current folder lies in a clone of the project: "
            "change to one, or give --project and --requirements"
        )
    if requirements is None:
        requirements = (project if project.is_dir() else project.parent) / "requirements.txt"
    curated = bundling.find_glossaries(project)
    with _friendly():
        contents = bundling.Contents(
            packages=bundling.choose_packages(codes),
            glossaries=(*([curated] if curated else []), *glossaries),
            requirements=requirements,
            project=project,
            wheels=wheels,
        )
        where = "the network" if wheels is None else str(wheels)
        click.echo(f"getting wheels from {where} ...", err=True)
        path = bundling.make_bundle(contents, target, archive=archive)
    click.echo(f"wrote {path}")
    unpack = f"python3 -m zipfile -e {path.name} . && cd {target.name} && " if archive else ""
    click.echo(f"on the other machine: {unpack}python3 install.py")
