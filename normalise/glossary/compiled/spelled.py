"""House names in another English spelling: written once, rendered in the one that is chosen."""

from __future__ import annotations

import msgspec

from normalise.glossary.compiled.tables import Compiled, Name
from normalise.language.spelling.variants import respell


def spell_names(compiled: Compiled, spelling: str) -> Compiled:
    """The tables with the names to write in a spelling.

    What is matched stays the same (forms are compiled in both spellings), and so do the names that
    translations are checked for: the spelling stage comes after translation.
    """
    names = tuple(_respell(name, spelling) for name in compiled.names)
    return msgspec.structs.replace(compiled, names=names) if names != compiled.names else compiled


def _respell(name: Name, spelling: str) -> Name:
    singular, plural, both = (respell(form, spelling) for form in name.forms)
    return Name((singular, plural, both), name.articles)
