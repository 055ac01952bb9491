"""Which packages exist: the table shipped with the project, and Argos's index on the network.

The table is for advice, known checksums and the documentation; it decides nothing. What can be
installed depends on the index at the time.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import NamedTuple

from normalise.errors import PackageError
from normalise.language.codes import READ_BY, name_language

# Characters allowed in a file name made from it.
CODE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+_-]{0,31}")

# Argos's packages into English: language and the newest version seen in the index or on Argos's
# server when this table was made. The index changes without notice.
INTO_ENGLISH = {
    "ar": "1.0", "az": "1.5", "bg": "1.9", "bn": "1.9", "ca": "1.7", "cs": "1.9", "da": "1.9",
    "de": "1.3", "el": "1.9", "eo": "1.5", "es": "1.9", "et": "1.9", "fa": "1.5", "fi": "1.5",
    "fr": "1.9", "ga": "1.1", "he": "1.5", "hi": "1.1", "hu": "1.5", "id": "1.2", "it": "1.0",
    "ja": "1.1", "ko": "1.1", "lt": "1.9", "lv": "1.9", "ms": "1.9", "nb": "1.9", "nl": "1.8",
    "pb": "1.9", "pl": "1.9", "pt": "1.9", "ro": "1.9", "ru": "1.9", "sk": "1.5", "sl": "1.9",
    "sq": "1.9", "sv": "1.5", "th": "1.9", "tl": "1.9", "tr": "1.5", "uk": "1.4", "ur": "1.9",
    "vi": "1.9", "zh": "1.9", "zt": "1.9",
}  # fmt: skip

# Packages missing from the index: found on Argos's server, absent from the index in June 2025.
NOT_ALWAYS_LISTED = frozenset({"vi"})


class KnownArchive(NamedTuple):
    """The SHA-256 and the size in bytes (0 = unknown) of an archive."""

    sha256: str
    size: int = 0


# Argos publishes no SHA-256 sums. These were published independently by two or more projects that
# pin the archives.
KNOWN_ARCHIVES = {
    ("de", "en", "1.3"): KnownArchive(
        "becc2b0011f8249fcb89be9ecb75ba0d876b1fab93c28ee6ff0420936897d637", 150_512_831
    ),
    ("es", "en", "1.0"): KnownArchive(
        "1b963aa0e0cb6e5ce874f0aa1a1949a19bc4d762e833532239a8834340f6b378", 87_381_097
    ),
    ("es", "en", "1.9"): KnownArchive(
        "c54df2b62fceaf54a3ce5d97db6bf56efd7940063329f6778f4212d2acb370d4"
    ),
    ("fr", "en", "1.9"): KnownArchive(
        "3b3052fee6bb1e8e8e632a26a723eb2a2c7710dfe73ba61ffd9b83e85d4f14c1", 66_585_033
    ),
    ("hi", "en", "1.1"): KnownArchive(
        "f99eadf297073c0f5a320df5d634ebb73e9ab0b819404edf7bd0a0daf6b1ce43", 102_381_771
    ),
    ("it", "en", "1.0"): KnownArchive(
        "d2dd23b8b702f612b8127f07c7a0391f5f2a8b93344e6ddc9dd93c81824e85cb", 87_190_224
    ),
    ("ja", "en", "1.1"): KnownArchive(
        "623e3477959a815eb0a5ef53e09079ae8f1f9d3bbcd230473baf28c03fb83335", 117_155_716
    ),
    ("nb", "en", "1.9"): KnownArchive(
        "ee2e3b3541abecb51566b095d3409d97c61b920c9e37956d211fb8b9e9e7d027"
    ),
    ("pt", "en", "1.9"): KnownArchive(
        "ae76df6f650895c16f2b582065014fab496755ca846ecb19fae81d51f332a38e", 69_447_231
    ),
    ("ru", "en", "1.9"): KnownArchive(
        "e9ba8bf722d10a4a4c39f74289d5938fd47eac08dbe4ed0afd22d89445a5c3ac", 156_239_112
    ),
    ("vi", "en", "1.9"): KnownArchive(
        "ebd51b7189b13eccb9238a5777de1d343008c4c05284a8b89610242364433953", 65_895_840
    ),
    ("zh", "en", "1.9"): KnownArchive(
        "62e7af5a3a48b530e47b7b3e5c78c2de79073ecd815750d2bf3ab35b4a67da2d", 74_481_402
    ),
}


def clean_text(value: object) -> str:
    r"""A name from others' metadata, made safe for a table cell on a terminal.

    >>> clean_text("Norwegian\x1b[31m\n Bokmål"), clean_text(None)
    ('Norwegian[31m Bokmål', '')
    """
    if not isinstance(value, str):
        return ""
    kept = "".join(char if char.isprintable() else " " * char.isspace() for char in value[:200])
    return " ".join(kept.split())[:60]


def describe_remedy(code: str) -> str:
    """What to do when no package leads from a language into English (canonical code)."""
    build = (
        f"build one from an OPUS-MT model: normalise models build --from-marian DIR --from {code}"
    )
    if code in INTO_ENGLISH:
        advice = (
            f"normalise models install {code} (needs the network; without it, fetch "
            f"translate-{code}_en elsewhere and run normalise models install FILE.argosmodel)"
        )
        if code in NOT_ALWAYS_LISTED:
            return f"{advice}; Argos's index does not always list it, so otherwise {build}"
        return advice
    if code in READ_BY:
        return describe_remedy(READ_BY[code])
    return f"Argos has no package for {name_language(code)}; {build}"


@dataclass(frozen=True)
class Available:
    """A package that Argos's index offers."""

    from_code: str
    to_code: str
    from_name: str
    to_name: str
    version: str
    links: tuple[str, ...]

    @property
    def pair(self) -> str:
        """The language pair as Argos writes it, ``nb_en``."""
        return f"{self.from_code}_{self.to_code}"

    @property
    def known(self) -> KnownArchive | None:
        """The archive's checksum, if the table has it."""
        return KNOWN_ARCHIVES.get((self.from_code, self.to_code, self.version))


def parse_index(text: str) -> list[Available]:
    """Read Argos's ``index.json``; entries that are not usable translation packages are left out.

    Raises:
        PackageError: The text is not a JSON list.
    """
    try:
        entries = json.loads(text)
    except ValueError:
        entries = None
    if not isinstance(entries, list):
        raise PackageError(
            "Argos's index is not a JSON list",
            remedy="check the address in ARGOS_PACKAGE_INDEX, or a proxy's error page",
        )
    available = []
    for entry in entries:
        if not isinstance(entry, dict) or entry.get("type", "translate") != "translate":
            continue
        from_code, to_code, version = (
            str(entry.get(key)) for key in ("from_code", "to_code", "package_version")
        )
        if not (CODE.fullmatch(from_code) and CODE.fullmatch(to_code)):
            continue
        links = entry.get("links")
        if not (VERSION.fullmatch(version) and isinstance(links, list)):
            continue
        usable = tuple(
            link for link in links
            if isinstance(link, str) and link.startswith(("https://", "http://"))
        )  # fmt: skip
        if not usable:
            continue
        from_name, to_name = (clean_text(entry.get(key)) for key in ("from_name", "to_name"))
        available.append(Available(from_code, to_code, from_name, to_name, version, usable))
    return available
