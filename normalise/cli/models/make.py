"""Making packages and bundles: ``models build`` and ``models bundle``."""

from __future__ import annotations

from pathlib import Path

import click

from normalise.cli.options import FOLDER, explain_errors, format_size

# --- build ---------------------------------------------------------------------------------


@click.command()
@click.option(
    "--from-marian", "marian", type=FOLDER, help="An unpacked OPUS-MT or Marian model folder."
)
@click.option(
    "--from-ctranslate2", "ctranslate2", type=FOLDER, help="A CTranslate2 folder with its "
    "SentencePiece models."
)
@click.option("--from", "from_code", required=True, metavar="CODE", help="Its language, e.g. vi.")
@click.option("--to", "to_code", default="en", show_default=True, metavar="CODE")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The file to write.")
@click.option("--version", default="1.0", show_default=True, help="The package's version.")
@click.option("--licence", default="", help="The model's licence, for the metadata.")
@click.option(
    "--quantization",
    type=click.Choice(["int8", "int8_float32", "int16", "float16", "float32"]),
    default="int8",
    show_default=True,
    help="How weights are stored; does not apply to CTranslate2 folders.",
)
@explain_errors
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

    The folder must also contain the SentencePiece models: source.spm and target.spm, or
    sentencepiece.model. Uses no network. docs/models.md has an example for Vietnamese.
    """
    from normalise.packages.build import Recipe, build_package

    if (marian is None) == (ctranslate2 is None):
        raise click.UsageError("give either --from-marian or --from-ctranslate2")
    folder = marian or ctranslate2
    assert folder is not None
    recipe = Recipe(folder, from_code, to_code, version, licence, quantization)
    path = build_package(recipe, out)
    click.echo(f"wrote {path} ({format_size(path.stat().st_size)})")
    click.echo(f"install it with: normalise models install {path}")
    if not licence:
        click.echo("no --licence given: the package says only what the model's README does")


# --- bundle --------------------------------------------------------------------------------


@click.command()
@click.argument("target", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--package",
    "codes",
    multiple=True,
    metavar="CODE",
    help="A package to include, e.g. vi or vi_en (repeatable; default: all installed).",
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
    help="The pinned requirements [default: requirements.txt in the source folder].",
)
@click.option(
    "--project",
    type=click.Path(exists=True, path_type=Path),
    help="Source folder or wheel of normalise [default: the one running].",
)
@click.option("--archive", is_flag=True, help="Write DIR.zip instead of the folder DIR.")
@explain_errors
def bundle(
    target: Path,
    codes: tuple[str, ...],
    glossaries: tuple[Path, ...],
    wheels: Path | None,
    requirements: Path | None,
    project: Path | None,
    archive: bool,
) -> None:
    """Make a self-contained folder for a machine without a network.

    It contains the wheels for this Python and platform, packages, glossaries and checksums; on the
    other machine, `python3 install.py` installs everything. Uses the network for the wheels unless
    --wheels names a folder that has them.
    """
    from normalise.packages.offline import bundle as bundling

    project = project or bundling.find_project()
    if project is None:
        raise click.UsageError(
            "neither the program nor the current folder is in a clone of the project: "
            "change to one, or give --project and --requirements"
        )
    if requirements is None:
        requirements = (project if project.is_dir() else project.parent) / "requirements.txt"
    curated = bundling.find_glossaries(project)
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
