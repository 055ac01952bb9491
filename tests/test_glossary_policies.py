"""Every way a term may ask to be written: apply, explain and measure tell the same story."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from normalise.edits import replay
from normalise.formats import txt
from normalise.glossary import Glossary
from normalise.glossary.source.schema import Policy
from normalise.maintain.measure import measure

GLOSSARY = """\
schema: 1
topic: policies
terms:
  - id: grassroots
    preferred: grassroots Party organisation
    admitted: [basic Party organisation]
    abbreviations: [{{text: TCCSĐ, language: vi}}, {{text: GPO}}]
    variants: [party base organization, primary party unit]
    flags: [{{text: party basis, reason: several readings}}]
    forbidden: [party base organization chart]
    policy: {{case: {case}, number: {number}, quotes: {quotes}, abbreviation: {abbreviation}}}
"""
TEXTS = (
    "A party base organization met; two primary party units and an GPO did not.",
    "The TCCSĐ of the city and other TCCSĐ wrote to the GPOs.",
    'He spoke of the "primary party unit" and the “basic party organisation”.',
    "PRIMARY PARTY UNITS OF THE DISTRICT",
    "Primary Party Units, grassroots party organizations (GPOs) and the GPO.",
    "The party base organization chart shows the party basis.",
    "Basic party organisations of the commune.",
)
OPTIONS = {name: get_args(hint) for name, hint in get_type_hints(Policy).items()}
POLICIES = [dict(zip(OPTIONS, values, strict=True)) for values in product(*OPTIONS.values())]


def test_every_option_is_tried() -> None:
    assert set(OPTIONS) == set(Policy.__struct_fields__)
    assert all(len(values) > 1 for values in OPTIONS.values())


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: "-".join(policy.values()))
def test_one_story(policy: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "terms.yaml").write_text(GLOSSARY.format(**policy), encoding="utf-8")
    glossary = Glossary.load([tmp_path], cache=False)
    for text in TEXTS:
        result = glossary.apply(text)
        assert replay(text, result.changes) == result.text
        assert result.settled
        again = glossary.apply(result.text)
        assert (again.text, again.changes) == (result.text, ())

        # What is explained as rewritten is what changed, and nothing else did.
        rows = [row for row in glossary.explain(text) if row.verdict not in ("lost",)]
        rewritten = [row for row in rows if row.verdict == "rewritten"]
        changed = [change for change in result.changes if change.term and change.rule != "gloss"]
        assert [(row.before, row.after) for row in rewritten] == [
            (change.before, change.after) for change in changed
        ]
        flagged = [row for row in rows if row.verdict == "flagged"]
        assert len(flagged) == len(result.flags)

        # And what is measured: all mentions are consistent afterwards but those left on purpose.
        measured = measure(glossary, [txt.parse(text)])
        before, after = measured.total("before"), measured.total("after")
        kept = [row for row in rows if row.verdict == "kept"]
        assert before.mentions - before.consistent == len(rewritten) + len(flagged) + len(kept)
        assert after.mentions - after.consistent == len(flagged) + len(kept)


def test_abbreviations_that_are_kept_count_as_consistent(tmp_path: Path) -> None:
    policy = {**POLICIES[0], "abbreviation": "keep"}
    (tmp_path / "terms.yaml").write_text(GLOSSARY.format(**policy), encoding="utf-8")
    glossary = Glossary.load([tmp_path], cache=False)
    text = "The TCCSĐ met."
    assert glossary.apply(text).text == text
    assert [row.verdict for row in glossary.explain(text)] == ["preferred"]
    assert measure(glossary, [txt.parse(text)]).total("before").consistency == 1.0
