"""Places: what became of those that were merged, and when."""

from __future__ import annotations

from normalise.glossary.source.schema import PlaceFile
from normalise.maintain.check.ground import Finding, Ground


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
