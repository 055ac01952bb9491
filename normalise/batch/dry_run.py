"""What a run would do, and why, without doing it: nothing is written into the output folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from normalise.batch.earlier import Earlier, place_taken
from normalise.batch.listing.choose import Choice
from normalise.batch.listing.plan import Job, Listed, PassedOver, Plan, Refused, show
from normalise.batch.records.prune import is_gone
from normalise.batch.records.saved import SavedRecords, open_saved
from normalise.batch.window import Reading
from normalise.pipeline import build_pipeline

if TYPE_CHECKING:
    from normalise.settings import Settings

Action = Literal["convert", "up to date", "keep", "skip", "leave out", "fail", "prune"]


@dataclass(frozen=True, slots=True)
class Step:
    """What would happen to a file, and why."""

    name: str
    action: Action
    reason: str


def foresee(
    source: Path,
    target: Path,
    settings: Settings,
    *,
    choice: Choice,
    reading: Reading,
    limit: int = 0,
    anew: bool = False,
    overwrite_edited: bool = False,
    prune: bool = False,
) -> Iterator[Step]:
    """The steps of ``convert_folder`` with the same arguments, in order.

    A document that cannot be read or translated shows only when it is converted.

    Raises:
        InputError: Source and target conflict, or another run is writing into the target.
        NormaliseError: The pipeline cannot be built.
    """
    plan = Plan(source, target, choice)
    plan.survey()
    pipeline = build_pipeline(settings)
    with open_saved(target, must_exist=False) as records:
        earlier = Earlier(
            records, pipeline, reading, anew=anew, overwrite_edited=overwrite_edited
        )
        yield from _documents(plan, earlier, records, limit)
        if prune:
            for record in records:
                if is_gone(record, plan.root):
                    yield Step(show(record.key), "prune", "its document is gone")


def _documents(
    plan: Plan, earlier: Earlier, records: SavedRecords, limit: int
) -> Iterator[Step]:
    places: dict[bytes, bytes] = {}
    handed_out = 0
    for entry in plan:
        if isinstance(entry, Listed):
            continue
        name = show(entry.key)
        if isinstance(entry, Refused):
            yield Step(name, "fail", entry.error.problem)
        elif isinstance(entry, PassedOver):
            yield Step(name, "leave out", entry.reason)
        elif not isinstance(entry, Job):
            yield Step(name, "skip", entry.reason)
        elif plan.choice.flat and (taken := place_taken(entry, places, records.find_owner)):
            yield Step(name, "fail", taken.problem)
        else:
            finding = earlier.look(entry)
            if finding.outcome is not None:
                action: Action = "keep" if finding.outcome.edited else "up to date"
                yield Step(name, action, finding.reason)
            elif limit and handed_out >= limit:
                yield Step(name, "leave out", "beyond --limit")
            else:
                handed_out += 1
                yield Step(name, "convert", finding.reason)
