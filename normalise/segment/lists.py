"""The abbreviation lists: one data file per language, read once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

# Languages that use another's list besides their own.
SHARED = {"nn": "nb", "no": "nb", "gl": "es", "ca": "es", "pb": "pt", "sk": "cs", "uk": "ru",
          "bg": "ru"}  # fmt: skip
# Languages that write an ordinal as figures and a full stop ("14. kongress").
_ORDINAL_STOP = "nb nn no da de fi is fo et lv lt cs sk pl hu sl hr sr bs tr eu sq az"
ORDINAL_STOP = frozenset(_ORDINAL_STOP.split())
SECTIONS = ("never", "number", "rarely", "starters", "months")


@dataclass(frozen=True, slots=True)
class Lists:
    """A language's data file; all words in lower case, without the final full stop."""

    never: frozenset[str]
    number: frozenset[str]
    rarely: frozenset[str]
    starters: frozenset[str]
    months: frozenset[str]
    ordinal_stop: bool


@lru_cache(maxsize=64)
def load_lists(language: str) -> Lists:
    """The lists for a language; one without its own file gets those for any language.

    >>> "f.eks" in load_lists("nb").never, "kl" in load_lists("en").never
    (True, False)
    """
    collected: dict[str, set[str]] = {section: set() for section in SECTIONS}
    for name in ("any", SHARED.get(language, ""), language):
        for section, words in _read(name).items():
            collected[section] |= words
    never = collected["never"] - collected["rarely"] - collected["number"]
    return Lists(
        frozenset(never),
        frozenset(collected["number"]),
        frozenset(collected["rarely"]),
        frozenset(collected["starters"]),
        frozenset(collected["months"]),
        language in ORDINAL_STOP,
    )


def _read(name: str) -> dict[str, set[str]]:
    file = resources.files(__package__).joinpath("abbreviations").joinpath(f"{name}.txt")
    if not name.isalpha() or not file.is_file():
        return {}
    found: dict[str, set[str]] = {}
    section = ""
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[] ")
            found.setdefault(section, set())
        elif line and not line.startswith("#"):
            found[section].update(line.lower().split())
    return found
