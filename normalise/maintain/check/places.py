"""Places and terms that ended: what became of them, and when."""

from __future__ import annotations

from normalise.glossary.source.schema import PlaceFile
from normalise.maintain.check.ground import Finding, Ground


def check_periods(ground: Ground) -> None:
    """Report terms whose successor is missing or came too early, and dates that cannot be."""
    known = {term.id: term for term in ground.active}
    for term in ground.active:
        if term.since and term.until and term.until <= term.since:
            ground.report(
                "error", "period", term.id,
                f"it ended on {term.until}, before it began on {term.since}: correct one of them",
                "until",
            )  # fmt: skip
        if term.successor is None:
            continue
        after = known.get(term.successor)
        problem = (
            "there is no such term: correct the id" if after is None
            else "the term has no `until:`: add the day it ended" if term.until is None
            else f"that began on {after.since}, before this ended: correct a date"
            if after.since and after.since < term.until
            else ""
        )  # fmt: skip
        if problem:
            ground.report(
                "error", "period", term.id, f"successor {term.successor!r}: {problem}", "successor"
            )


def check_places(ground: Ground) -> None:
    """Report successors that are not in the glossary, and dates that cannot be."""
    known = {place.name for place in ground.glossary.places}
    for file in ground.files:
        if not isinstance(file.value, PlaceFile):
            continue
        for place, line in zip(file.value.places, file.lines("places"), strict=True):
            for problem in (
                place.now and place.now not in known and f"its successor {place.now!r} is missing",
                place.now and not place.until and "it has a successor, but no date in `until:`",
                place.until and place.since and place.until <= place.since
                and f"it ended on {place.until}, before it began on {place.since}",
            ):  # fmt: skip
                if problem:
                    message = f"{place.name}: {problem}"
                    finding = Finding("error", "place", str(file.path), line, "", message)
                    ground.findings.append(finding)
