from __future__ import annotations

import pytest

from normalise.translate.checks import find_loop, find_problem, looks_untranslated
from normalise.translate.figures import (
    compare_figures,
    find_figures,
    lost_months,
    part_figures,
    write_figures,
)

SOURCE = "Den provinsielle partikomiteen holdt et møte om organiseringen av partiet i går."


@pytest.mark.parametrize(
    ("output", "rule"),
    [
        ("", "empty"),
        ("... !", "empty"),
        ("12 34", "empty"),
        ("The party \ufffd met", "garbled"),
        ("of the of the of the of the of the", "loop"),
        ("The committee of the committee of the committee of the committee met", "loop"),
        ("hahahahahahahahahahahaha the meeting", "loop"),
        (SOURCE, "untranslated"),
        ("Den provinsielle partikomiteen holdt et meeting om organiseringen av partiet i går.",
         "untranslated"),
    ],
)  # fmt: skip
def test_unusable_outputs_are_named(output: str, rule: str) -> None:
    problem = find_problem(SOURCE, output)
    assert problem is not None
    assert problem.rule == rule


@pytest.mark.parametrize(
    ("source", "output"),
    [
        (SOURCE, "The Provincial Party Committee met on the organisation of the Party yesterday."),
        ("tør å tenke, tør å gjøre, tør å ta ansvar, tør å bidra, tør å ofre",
         "dares to think, dares to act, dares to take responsibility, dares to give"),
        ("Nei, nei, nei, nei!", "No, no, no, no!"),
        ("Hanoi", "Hanoi"),
        ("Le Thi Kim Dung", "Le Thi Kim Dung"),
        ("Budsjett 2025", "Budget 2025"),
        ("2024", "2024"),
        ("ja", "yes"),
        ("Partiets kongress i Hanoi, Hue og Da Nang", "Party congress in Hanoi, Hue and Da Nang"),
        ("党的建设", "Party building"),
    ],
)  # fmt: skip
def test_sound_outputs_pass(source: str, output: str) -> None:
    assert find_problem(source, output) is None


def test_lengths_in_pieces_are_judged() -> None:
    runaway = find_problem("Møtet ble hevet.", "The meeting " + "was long ", pieces=(4, 60))
    assert runaway is not None
    assert runaway.rule == "runaway"
    dropped = find_problem(SOURCE, "The meeting.", pieces=(40, 3))
    assert dropped is not None
    assert dropped.rule == "dropped"
    cut = find_problem(SOURCE, "The meeting of the party", pieces=(12, 56), cut=True)
    assert cut is not None
    assert cut.rule == "runaway"


def test_other_scripts_left_alone_are_untranslated() -> None:
    assert looks_untranslated("党的建设工作会议", "党的建设工作会议")
    assert looks_untranslated("Партийная ячейка", "Партийная ячейка")
    assert not looks_untranslated("Møtet i Đà Nẵng", "The meeting in Đà Nẵng")


def test_loop_that_changes_a_word_is_found() -> None:
    output = " ".join(f"the work of the work and the {w} of the work" for w in "abc") + " of the"
    assert find_loop(SOURCE, output)


@pytest.mark.parametrize(
    ("text", "language", "values"),
    [
        ("1 000, 1.000 og 1.000.000", "nb", ["1000", "1000", "1000000"]),
        ("1\u00a0250,50 kr", "nb", ["1250.5"]),
        ("1,000 and 1,250.50 and 2.5", "en", ["1000", "1250.5", "2.5"]),
        ("kl. 14.30 den 13.03.2024", "nb", ["14", "30", "13", "3", "2024"]),
        ("2020-2025, 2025 300 lag", "nb", ["2020", "2025", "2025", "300"]),
        ("nr. 04-NQ/TU", "nb", ["4"]),
        ("12 345 678", "fr", ["12345678"]),
        ("punkt 3.2 og 7,5", "nb", ["3", "2", "7.5"]),
    ],
)
def test_figures_are_read_as_the_language_writes_them(
    text: str, language: str, values: list[str]
) -> None:
    assert [figure.value for figure in find_figures(text, language)] == values


@pytest.mark.parametrize(
    ("source", "output", "lost", "new"),
    [
        ("Partiet har 1 250 lag.", "The Party has 1,250 cells.", [], []),
        ("Partiet har 1 250 lag.", "The Party has 1,520 cells.", ["1 250"], ["1,520"]),
        ("Partiet har 12 lag.", "The Party has cells.", ["12"], []),
        ("Møtet var i går.", "The meeting was on 12 May.", [], ["12"]),
        ("3 lag", "three cells", [], []),
        ("tre lag", "3 cells", [], []),
        ("den 14. kongressen", "the 14th congress", [], []),
        ("den 14. kongressen", "the fourteenth congress", [], []),
        ("01.07.2025", "1 July 2025", [], []),
        ("2,5 prosent", "2.5 per cent", [], []),
        ("5 og 5 lag", "5 cells", ["5"], []),
        ("på 1800-tallet", "in the 19th century", [], []),
        ("på 1800-tallet", "in the nineteenth century", [], []),
        ("på 1800-tallet", "in the 18th century", ["1800"], []),
        ("på 60-tallet", "in the 1960s", [], []),
        ("kl. 21.30 og kl. 14.00", "at 9.30 pm and 2 pm", [], []),
        ("70 km", "seventy kilometres", [], []),
    ],
)
def test_figures_are_compared(source: str, output: str, lost: list[str], new: list[str]) -> None:
    missing, added = compare_figures(source, output, "nb")
    assert ([f.text for f in missing], [f.text for f in added]) == (lost, new)


@pytest.mark.parametrize(
    ("source", "output", "expected"),
    [
        ("2,5 % av 1.250", "2,5% of 1.250", "2.5% of 1,250"),
        ("12 500 lag", "12 500 cells", "12,500 cells"),
        ("punkt 3.2", "item 3.2", "item 3.2"),
        ("den 13.03.2024", "on 13.03.2024", "on 13.03.2024"),
        ("1,50 kr", "NOK 1,50", "NOK 1.50"),
        ("2,5 og 12,5", "2,5 and 12,5", "2.5 and 12.5"),
    ],
)
def test_copied_figures_are_written_the_english_way(
    source: str, output: str, expected: str
) -> None:
    assert write_figures(source, output, "nb") == expected


GOOD_CELL = ("4-good Party cell", "4-good Party cells")


@pytest.mark.parametrize(
    ("source", "output", "names", "expected"),
    [
        ("Byen har 61 gode particeller.", "It has 61-good cells.", (), "It has 61 good cells."),
        ("Det er tre gode lag.", "There are three-good teams.", (), "There are three good teams."),
        ("De har 4 gode skoler.", "They have 4-good schools.", (), "They have 4 good schools."),
        ("Byen har 4 gode particeller.", "It has 4-good Party cells.", GOOD_CELL, None),
        ("Fire gode particeller", "Four-good Party cells", GOOD_CELL, None),
        ("61 «3 gode» lag", "61 3-good teams", (), None),
        ("61 3 gode lag", "61 3-good teams", (), None),
        ("12 3-gode lag", "12 3-good teams", (), None),
        ("Et lag som er veldig bra", "A well-good team", (), None),
        ("61 4 gode lag", "61,4-good teams", GOOD_CELL, "61 4-good teams"),
        ("1,25 gode lag", "1,25 good teams", (), None),
    ],
)
def test_a_count_before_good_is_no_name(
    source: str, output: str, names: tuple[str, ...], expected: str | None
) -> None:
    assert part_figures(source, output, names) == (expected or output)


def test_months_are_watched() -> None:
    assert lost_months("fra 1. juli 2025", "from 1 July 2025") == []
    assert lost_months("fra 1. juli 2025", "from 1/7/2025") == []
    assert lost_months("fra 1. juli 2025", "from 1 June 2025") == [(4, 11)]
