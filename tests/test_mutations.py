"""Replay and the fixed point, on damaged sentences: random letters never meet the rules."""

from __future__ import annotations

import pytest
from mutations import SENTENCES, mutations
from stand_ins import check_replay

from normalise.data import Change
from normalise.edits import Edit, apply_edits, compose, replay
from normalise.formats import txt
from normalise.glossary import Glossary
from normalise.pipeline import Pipeline
from normalise.stages.cleanup import clean, punctuate

SEVERAL_ROUNDS = "The Party cell met , and （ in Hanoi ） elected a secretary ."


def test_a_second_round_keeps_what_the_first_deleted() -> None:
    page = txt.parse(SEVERAL_ROUNDS)
    stage = punctuate(page, page.blocks)
    assert stage.text == "The Party cell met, and (in Hanoi) elected a secretary."
    assert replay(SEVERAL_ROUNDS, stage.changes) == stage.text


def test_cleanup_replays_and_is_settled() -> None:
    for text in mutations(4_000):
        for mend in (clean, lambda page: punctuate(page, page.blocks)):
            stage = mend(txt.parse(text))
            assert replay(text, stage.changes) == stage.text, text
            assert mend(txt.parse(stage.text)).text == stage.text, text


def test_the_glossary_replays_and_is_settled() -> None:
    glossary = Glossary.load()
    for text in mutations(1_500):
        page = txt.parse(text)
        result = glossary.apply(text, blocks=page.blocks)
        assert replay(text, result.changes) == result.text, text
        page = txt.parse(result.text)
        assert glossary.apply(result.text, blocks=page.blocks).text == result.text, text


def test_a_mark_on_the_last_letter_makes_another_word() -> None:
    # No letter of Unicode is a d with an acute accent, so the mark stands by itself.
    glossary = Glossary.load()
    text = "The provincial Party committee's standing board\u0301 agreed."
    assert glossary.apply(text).text == text.replace("provincial Party c", "Provincial Party C")


def test_the_whole_way_replays_and_is_settled() -> None:
    house = Pipeline(language="en")
    for text in mutations(600, start=50_000):
        result = house.run(text)
        check_replay(result)
        assert house.run(result.text).text == result.text, text


def random_edits(seed: int, text: str) -> list[Edit]:
    """Insertions, deletions and replacements, many of them side by side."""
    from random import Random

    random = Random(seed)
    edits: list[Edit] = []
    at = 0
    while at <= len(text) and len(edits) < 8:
        at += random.choice((0, 0, 1, 2, 5))
        end = at + random.choice((0, 1, 1, 3))
        if end > len(text):
            break
        after = random.choice(("", "", "x", " ", "yz"))
        if end > at or (after and not (edits and edits[-1].end == at)):
            edits.append(Edit(at, end, after, f"r{seed}"))
        at = end
    return edits


@pytest.mark.parametrize("sentence", SENTENCES[:8])
def test_composed_changes_do_what_two_lists_do(sentence: str) -> None:
    for seed in range(200):
        middle, first = apply_edits("s", sentence[:30], random_edits(seed, sentence[:30]))
        final, second = apply_edits("s", middle, random_edits(seed + 1_000, middle))
        both = compose(sentence[:30], first, second)
        assert replay(sentence[:30], both) == final
        assert apply_edits("s", sentence[:30], map(as_edit, both)) == (final, both)


def as_edit(change: Change) -> Edit:
    return Edit(change.start, change.end, change.after, change.rule)
