"""Where packages are: Argos's own folders, this installation's share, and the bundled one.

Argos Translate reads the same variables when it is imported and creates the folders it names.
Here nothing is read before a function is called, and nothing is ever created.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

# Read in this order, as Argos does: the environment first, then settings.json.
PACKAGES_VARIABLE = "ARGOS_PACKAGES_DIR"
LEGACY_PACKAGES_VARIABLE = "ARGOS_TRANSLATE_PACKAGE_DIR"  # Argos before 1.2
INDEX_VARIABLE = "ARGOS_PACKAGE_INDEX"


def _home(environment: Mapping[str, str]) -> Path:
    if "SNAP" in environment and environment.get("SNAP_USER_DATA"):
        return Path(environment["SNAP_USER_DATA"])
    try:
        return Path.home()
    except RuntimeError:  # a container whose user has no home: nothing can be found or saved there
        return Path(os.sep, "nonexistent")


def _xdg(environment: Mapping[str, str], variable: str, *default: str) -> Path:
    value = environment.get(variable)  # an empty value counts as unset, as the standard says
    return Path(value) if value else _home(environment).joinpath(*default)


def find_argos_data(environment: Mapping[str, str] | None = None) -> Path:
    """Argos's data folder, ``$XDG_DATA_HOME/argos-translate``.

    >>> find_argos_data({"XDG_DATA_HOME": "/data"}).as_posix()
    '/data/argos-translate'
    """
    environment = os.environ if environment is None else environment
    return _xdg(environment, "XDG_DATA_HOME", ".local", "share") / "argos-translate"


def find_cache(environment: Mapping[str, str] | None = None) -> Path:
    """Our own cache folder, for unfinished downloads and remembered checksums."""
    environment = os.environ if environment is None else environment
    return _xdg(environment, "XDG_CACHE_HOME", ".cache") / "normalise"


def read_argos_setting(name: str, environment: Mapping[str, str] | None = None) -> str:
    """One of Argos's settings, from the environment or its ``settings.json``; ``""`` if unset."""
    environment = os.environ if environment is None else environment
    if environment.get(name):
        return environment[name]
    folder = _xdg(environment, "XDG_CONFIG_HOME", ".config") / "argos-translate"
    try:
        settings = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    value = settings.get(name) if isinstance(settings, dict) else None
    return value if isinstance(value, str) else ""


def find_install_folder(environment: Mapping[str, str] | None = None) -> Path:
    """The folder packages are installed into: Argos's, so that both programs see them.

    >>> find_install_folder({"ARGOS_PACKAGES_DIR": "/models"}).as_posix()
    '/models'
    """
    environment = os.environ if environment is None else environment
    chosen = read_argos_setting(PACKAGES_VARIABLE, environment)
    return Path(chosen).expanduser() if chosen else find_argos_data(environment) / "packages"


def find_share_folder() -> Path:
    """The packages of this installation only, put there by an offline bundle."""
    return Path(sys.prefix) / "share" / "normalise" / "packages"


def find_bundled_folder() -> Path:
    """The packages that come with the project."""
    return Path(__file__).resolve().parent.parent / "bundled"


def list_package_folders(
    environment: Mapping[str, str] | None = None,
) -> list[tuple[Path, str]]:
    """All folders that may contain packages, each with its origin, without repeats.

    The origin is ``"user"`` (this installation's share), ``"argos"`` or ``"bundled"``.
    """
    environment = os.environ if environment is None else environment
    folders = [(find_share_folder(), "user"), (find_install_folder(environment), "argos")]
    if environment.get(LEGACY_PACKAGES_VARIABLE):
        folders.append((Path(environment[LEGACY_PACKAGES_VARIABLE]).expanduser(), "argos"))
    if environment.get("SNAP"):
        custom = Path(environment["SNAP"]) / "snap_custom"
        folders.append((custom / "packages", "argos"))
        content = custom / "content_snap_packages"
        if content.is_dir():
            folders += [(path, "argos") for path in sorted(content.iterdir()) if path.is_dir()]
    folders.append((find_bundled_folder(), "bundled"))
    seen: set[Path] = set()
    unique = []
    for folder, origin in folders:
        resolved = folder.resolve()
        if resolved not in seen:
            seen.add(resolved)
            unique.append((folder, origin))
    return unique
