"""Codes and names of languages, as Argos Translate spells them."""

from __future__ import annotations

# Languages without their own package that a close relative's package can read.
READ_BY = {"nn": "nb", "da": "nb"}

# Other programs' codes for languages for which Argos has its own code.
ALIASES = {
    "no": "nb", "nob": "nb", "nor": "nb", "zh-cn": "zh", "zh-hans": "zh", "zh-tw": "zt",
    "zh-hant": "zt", "pt-br": "pb", "vie": "vi", "eng": "en", "fil": "tl", "iw": "he",
}  # fmt: skip

LANGUAGES = {
    "ar": "Arabic", "az": "Azerbaijani", "bg": "Bulgarian", "bn": "Bengali", "ca": "Catalan",
    "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek", "en": "English",
    "eo": "Esperanto", "es": "Spanish", "et": "Estonian", "eu": "Basque", "fa": "Persian",
    "fi": "Finnish", "fr": "French", "ga": "Irish", "gl": "Galician", "he": "Hebrew",
    "hi": "Hindi", "hu": "Hungarian", "id": "Indonesian", "it": "Italian", "ja": "Japanese",
    "ko": "Korean", "ky": "Kyrgyz", "lt": "Lithuanian", "lv": "Latvian", "ms": "Malay",
    "nb": "Norwegian Bokmål", "nl": "Dutch", "nn": "Norwegian Nynorsk", "pb": "Portuguese (Brazil)",
    "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sk": "Slovak",
    "sl": "Slovenian", "sq": "Albanian", "sv": "Swedish", "th": "Thai", "tl": "Tagalog",
    "tr": "Turkish", "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese", "zh": "Chinese",
    "zt": "Chinese (traditional)",
}  # fmt: skip


def canonical_code(code: str) -> str:
    """Argos's code for a language that other programs spell differently.

    >>> canonical_code("no"), canonical_code("zh-TW"), canonical_code("vi")
    ('nb', 'zt', 'vi')
    """
    lower = code.strip().lower().replace("_", "-")
    return ALIASES.get(lower, lower)


def name_language(code: str) -> str:
    """The English name of a language, or its code if it is not in the table."""
    return LANGUAGES.get(code, code)
