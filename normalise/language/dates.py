"""The names of the months, in English and in common source languages."""

from __future__ import annotations

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip

ENGLISH_MONTHS = {month.lower(): number for number, month in enumerate(MONTHS, 1)}
ENGLISH_MONTHS |= {month[:3].lower(): number for number, month in enumerate(MONTHS, 1)}
ENGLISH_MONTHS["sept"] = 9
"""English names and abbreviations, in lower case, to the number of the month."""

_NAMES = (
    "januar januari janvier jänner enero", "februar februari février febrero",
    "mars marts märz maart marzo", "avril abril", "mai maj mei mayo", "juni juin junio",
    "juli juillet julio", "august augusti augustus août agosto", "septembre septiembre",
    "oktober octobre octubre", "novembre noviembre", "desember dezember décembre diciembre",
)  # fmt: skip
MONTH_NAMES = {name: number for number, names in enumerate(_NAMES, 1) for name in names.split()}
MONTH_NAMES |= {name[:3]: number for name, number in MONTH_NAMES.items()}
MONTH_NAMES |= ENGLISH_MONTHS
"""The same for English, the Nordic languages, German, Dutch, French and Spanish."""
