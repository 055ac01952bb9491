"""What differs between two signatures, in words."""

from __future__ import annotations

_NAMES = {
    "normalise": "the program",
    "glossary": "the glossaries",
    "package": "the translation packages",
    "engine": "the translation engine",
    "exemptions": "the exemptions of this document",
    "corrections": "the corrections in the translation memory",
}


def read_signature(signature: str) -> dict[str, str]:
    """The parts of a signature; what occurs several times is joined.

    >>> read_signature("normalise:0.1|package:a|package:b")
    {'normalise': '0.1', 'package': 'a + b'}
    """
    parts: dict[str, str] = {}
    for part in filter(None, signature.split("|")):
        name, _, value = part.partition(":")
        parts[name] = f"{parts[name]} + {value}" if name in parts else value
    return parts


def changed_parts(old: str, new: str) -> dict[str, tuple[str, str]]:
    """The parts in which two signatures differ: old and new value, empty for none.

    >>> changed_parts("normalise:0.1|glossary:1:ab", "normalise:0.1|glossary:2:cd")
    {'glossary': ('1:ab', '2:cd')}
    """
    before, after = read_signature(old), read_signature(new)
    return {
        name: (before.get(name, ""), after.get(name, ""))
        for name in {**before, **after}
        if before.get(name, "") != after.get(name, "")
    }


def what_changed(old: str, new: str) -> str:
    """What differs, for people; empty if nothing does.

    >>> what_changed("normalise:0.1|glossary:1:ab", "normalise:0.2|glossary:2:cd")
    'the program and the glossaries have changed'
    >>> what_changed("furniture:on", "")
    'the options (furniture) have changed'
    """
    names = changed_parts(old, new)
    known = [_NAMES[name] for name in names if name in _NAMES]
    others = [name for name in names if name not in _NAMES]
    if others:
        known.append(f"the options ({', '.join(others)})")
    if not known:
        return ""
    verb = "has" if known in (["the program"], ["the translation engine"]) else "have"
    return f"{' and '.join(known)} {verb} changed"
