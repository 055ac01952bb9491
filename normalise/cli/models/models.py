"""``normalise models``: list, install, remove, verify, bundle and build translation packages."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from normalise.cli.models.make import build, bundle
from normalise.cli.options import FOLDER, format_size, friendly

if TYPE_CHECKING:
    from normalise.packages.catalogue import Available
    from normalise.packages.find import FoundPackage


def format_table(rows: list[list[str]]) -> str:
    """Columns as wide as their widest cell; the last one is not padded."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )
    return "\n".join(lines)


def show_progress(name: str) -> Callable[[int, int], None] | None:
    """A line on the terminal that counts up; None if standard error is not a terminal."""
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
    """Manage translation packages in Argos's format.

    Packages are looked for in Argos's own folders (ARGOS_PACKAGES_DIR, XDG_DATA_HOME) and in this
    installation, which includes the bundled one. Only `install CODE` and `list --available` use the
    network, and `bundle` unless it is given the wheels.

    Exit codes: 0 done, 1 something failed or is wrong, 2 wrong usage.
    """


# --- list ----------------------------------------------------------------------------------


@models.command("list")
@click.option("--available", is_flag=True, help="Show what Argos's index offers. Uses the network.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.option(
    "--packages", "extra", type=FOLDER, multiple=True, help="Also look in this folder (repeatable)."
)
def list_models(available: bool, as_json: bool, extra: tuple[Path, ...]) -> None:
    """List installed packages, or those Argos offers."""
    from normalise.packages.find import list_entries

    with friendly():
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
        click.echo("no package is installed; get one with normalise models install CODE")
        return
    head = ["PAIR", "VERSION", "SIZE", "LICENCE", "SOURCE", "SHA-256", "LANGUAGES"]
    rows = [head]
    for one in described:
        about = one["problem"] or f"{one['from_name']} to {one['to_name']}"
        rows.append(
            [
                one["pair"], one["version"], format_size(one["size"]), one["licence"] or "unknown",
                one["origin"], (one["archive_sha256"] or one["digest"])[:12],
                f"BROKEN: {about}" if one["problem"] else about,
            ]
        )  # fmt: skip
    click.echo(format_table(rows))


def _describe_entry(entry: FoundPackage) -> dict[str, Any]:
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


def _print_available(index: list[Available], entries: list[FoundPackage], as_json: bool) -> None:
    """Packages into English, directly or in a second step."""
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
    click.echo("\nThe index gives neither sizes nor licences; `list` shows them once installed.")


# --- install, remove, verify ---------------------------------------------------------------


@models.command()
@click.argument("what", nargs=-1, required=True, metavar="CODE|FILE...")
@click.option("--sha256", default="", help="The hash the archive must have (one package only).")
def install(what: tuple[str, ...], sha256: str) -> None:
    """Install packages from Argos's index (nb, nb_en) or from .argosmodel files.

    A CODE uses the network: it reads the index, then downloads the archive, resuming a broken
    download, and checks it. A FILE does not.
    """
    from normalise.packages import install as installing

    if sha256 and (len(what) > 1 or not re.fullmatch(r"[0-9a-fA-F]{64}", sha256)):
        raise click.UsageError("--sha256 takes 64 hexadecimal digits and only one package")
    index: list[Available] | None = None
    failed = False
    for one in what:
        try:
            with friendly():
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
    """Remove installed packages: all versions (nb_en), or one (translate-nb_en-1_9).

    The bundled package cannot be removed.
    """
    from normalise.packages.install import remove_package

    for code in codes:
        with friendly():
            for path in remove_package(code):
                click.echo(f"removed {path}")


@models.command()
@click.argument("codes", nargs=-1, metavar="[CODE...]")
@click.option(
    "--packages", "extra", type=FOLDER, multiple=True, help="Also look in this folder (repeatable)."
)
def verify(codes: tuple[str, ...], extra: tuple[Path, ...]) -> None:
    """Hash every file of the packages again and compare; exit code 1 if something is wrong."""
    from normalise.language.codes import canonical_code
    from normalise.packages.install import verify_packages

    with friendly():
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
            what = "as installed" if verdict.recorded else "usable; no record to compare it with"
            click.echo(f"{name}: {what} ({entry.origin})")
        wrong += bool(verdict.problems)
    for source, target in sorted(wanted - found):
        click.echo(f"{source}_{target}: not installed")
        wrong += 1
    if wrong:
        click.echo(f"{wrong} wrong; remove and install again", err=True)
        raise click.exceptions.Exit(1)


models.add_command(build)
models.add_command(bundle)
