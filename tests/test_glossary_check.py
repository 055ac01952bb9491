"""`check` finds each kind of mistake, on its line, and finds nothing in a good glossary."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
import yaml

from normalise.errors import GlossaryError
from normalise.glossary import Glossary
from normalise.glossary.source.load import read_files
from normalise.glossary.source.mistakes import find_mistakes
from normalise.glossary.source.schema import TermFile
from normalise.glossary.source.yaml_text import compose
from normalise.maintain.check.check import Finding, check, count, show_github, show_json, show_text
from normalise.maintain.files.serialise import to_plain

SHIPPED = Path(__file__).parent.parent / "glossaries"

GOOD = """\
- id: party-cell
  preferred: Party cell
  sources: {vi: [chi bộ]}
  variants:
  - Party branch
  - text: branch
    when: {counted: true}
  definition: The smallest unit of the Party.
  provenance: [{source: house terms}]
  examples:
  - {text: The Party branch met., becomes: The Party cell met.}
  - {text: It has 12 branches., becomes: It has 12 Party cells.}
  keeps:
  - A bank branch opened.
"""
HEAD = "schema: 1\ntopic: Test\nterms:\n"
HEAD_LINES = HEAD.count("\n")

Checker = Callable[..., tuple[Finding, ...]]


@pytest.fixture
def run(tmp_path: Path) -> Checker:
    def write(terms: str, **files: str) -> tuple[Finding, ...]:
        (tmp_path / "terms.yaml").write_text(HEAD + textwrap.dedent(terms), "utf-8")
        for name, text in files.items():
            (tmp_path / f"{name}.yaml").write_text(text, "utf-8")
        return check([tmp_path])

    return write


def test_a_good_glossary_has_no_findings(run: Checker) -> None:
    assert run(GOOD) == ()


def term(name: str, preferred: str, body: str) -> str:
    """A term that is complete but for what the test is about."""
    return (
        f"- id: {name}\n  preferred: {preferred}\n  sources: {{vi: [x]}}\n  definition: D.\n"
        "  provenance: [{source: s}]\n" + textwrap.indent(textwrap.dedent(body), "  ")
    )


EXAMPLES = """\
examples:
- {text: Nothing here., becomes: Nothing here.}
- {text: Nothing there., becomes: Nothing there.}
"""

# Terms, and what must be found: severity, rule, term, the text on the line reported.
CASES = {
    "a duplicate variant": (
        term("cell", "Party cell", "variants:\n- Party (branch|unit)\n- Party unit\n" + EXAMPLES),
        ("error", "duplicate-variant", "cell", "- Party unit"),
    ),
    "conditions that never matter": (
        term(
            "cell",
            "Party cell",
            "variants:\n- Party unit\n- {text: Party unit, when: {counted: true}}\n" + EXAMPLES,
        ),
        ("error", "shadowed-variant", "cell", "- {text: Party unit, when: {counted: true}}"),
    ),
    "a variant that is the preferred name": (
        term("cell", "Party cell", "variants:\n- party-cell\n" + EXAMPLES),
        ("warning", "redundant-variant", "cell", "- party-cell"),
    ),
    "a variant in the other spelling": (
        term("hub", "Party hub", "variants:\n- center of labor\n- centre of labour\n" + EXAMPLES),
        ("warning", "repeated-spelling", "hub", "- centre of labour"),
    ),
    "a flag under a variant": (
        term("cell", "Party cell", "variants:\n- Party unit\n" + EXAMPLES)
        + term("unit", "Unit", "flags:\n- {text: Party unit, reason: r}\n" + EXAMPLES),
        ("error", "shadowed-flag", "unit", "- {text: Party unit, reason: r}"),
    ),
    "a variant inside a forbidden phrase": (
        term("cell", "Party cell", "variants:\n- cell phone\nforbidden: [cell phone]\n" + EXAMPLES),
        ("error", "shadowed-variant", "cell", "- cell phone"),
    ),
    "a tie of two terms": (
        term("cell", "Party cell", "variants:\n- Party unit\n" + EXAMPLES)
        + term("group", "Party group", "variants:\n- party units\n" + EXAMPLES),
        ("error", "tie", "group", "- party units"),
    ),
    "a tie of conditions that can hold together": (
        term(
            "cell", "Party cell",
            "variants:\n- {text: unit, when: {near: {any: [Party]}}}\n" + EXAMPLES,
        )
        + term("men", "men", "variants:\n- {text: unit, when: {plural: true}}\n" + EXAMPLES),
        ("error", "tie", "men", "- {text: unit, when: {plural: true}}"),
    ),
    "two terms with one preferred name": (
        term("cell", "Party cell", EXAMPLES) + term("cell-2", "Party Cell", EXAMPLES),
        ("error", "tie", "cell-2", "preferred: Party Cell"),
    ),
    "an abbreviation of two terms": (
        term("cpv", "Party of Vietnam", "abbreviations: [{text: TCCS}]\n" + EXAMPLES)
        + term("org", "grassroots organisation", "abbreviations: [{text: TCCS}]\n" + EXAMPLES),
        ("error", "tie", "org", "abbreviations: [{text: TCCS}]"),
    ),
    "a variant that is another's preferred name": (
        term("cell", "Party cell", "variants:\n- Party group\n" + EXAMPLES)
        + term("group", "Party group", EXAMPLES),
        ("error", "rewrites-preferred", "cell", "- Party group"),
    ),
    "a chain": (
        term("cell", "Party cell", "variants:\n- Party branch\n" + EXAMPLES)
        + term("cells", "cell of members", "variants:\n- Party cell\n" + EXAMPLES),
        ("error", "chain", "cell", "preferred: Party cell"),
    ),
    "a special target that another term rewrites": (
        term("board", "Standing Board",
             "variants:\n- {text: old board, becomes: board of the Committee}\n" + EXAMPLES)
        + term("committee", "Party Committee", "variants:\n- the Committee\n" + EXAMPLES),
        ("error", "chain", "board", "- {text: old board, becomes: board of the Committee}"),
    ),
    "a slot whose value gets lost": (
        term("board", "Standing Board", "variants:\n- '{place} Standing Committee'\n" + EXAMPLES),
        ("error", "slot-lost", "board", "- '{place} Standing Committee'"),
    ),
    "a slot that nothing fills": (
        term("congress", "'{ordinal} Congress'", "variants:\n- Party assembly\n" + EXAMPLES),
        ("error", "slot-missing", "congress", "- Party assembly"),
    ),
    "an unknown list of cues": (
        term("cell", "Party cell",
             "variants:\n- {text: unit, when: {cues-absent: [moon]}}\n" + EXAMPLES),
        ("error", "unknown-cues", "cell", "- {text: unit, when: {cues-absent: [moon]}}"),
    ),
    "a failing example": (
        term("cell", "Party cell",
             "examples:\n- {text: a unit, becomes: a Party cell}\n- {text: a, becomes: a}\n"),
        ("error", "example", "cell", "- {text: a unit, becomes: a Party cell}"),
    ),
    "a sentence that does not stay": (
        term("cell", "Party cell", "variants:\n- unit\n" + EXAMPLES + "keeps:\n- Units met.\n"),
        ("error", "keep", "cell", "- Units met."),
    ),
    "a flag that is not raised": (
        term("cell", "Party cell", EXAMPLES + "keeps:\n- {text: A unit., flagged: true}\n"),
        ("error", "not-flagged", "cell", "- {text: A unit., flagged: true}"),
    ),
    "a known failure that is none": (
        term("cell", "Party cell",
             "variants:\n- unit\n" + EXAMPLES
             + "known-failures:\n- {text: a unit, becomes: a Party cell, why: w}\n"),
        ("warning", "known-failure-passes", "cell",
         "- {text: a unit, becomes: a Party cell, why: w}"),
    ),
    "a variant no example shows": (
        term("cell", "Party cell", "variants:\n- unit\n" + EXAMPLES),
        ("warning", "untested", "cell", "- unit"),
    ),
    "a term without Vietnamese and the rest": (
        "- id: cell\n  preferred: Party cell\n",
        ("warning", "incomplete", "cell", "- id: cell"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_each_mistake_is_found_on_its_line(run: Checker, name: str) -> None:
    terms, wanted = CASES[name]
    lines = (HEAD + textwrap.dedent(terms)).splitlines()
    found = {(f.severity, f.rule, f.term, lines[f.line - 1].strip()) for f in run(terms)}
    assert wanted in found


def test_what_conditions_tell_apart_is_no_tie(run: Checker) -> None:
    terms = term(
        "cell", "Party cell", "variants:\n- {text: unit, when: {near: {any: [Party]}}}\n" + EXAMPLES
    ) + term(
        "army", "military unit",
        "variants:\n- {text: unit, when: {not-near: {any: [Party, cell]}}}\n" + EXAMPLES,
    )  # fmt: skip
    assert "tie" not in {finding.rule for finding in run(terms)}


def test_deprecated_terms_take_no_part(run: Checker) -> None:
    old = GOOD.replace("party-cell", "old-cell") + "  status: deprecated\n"
    assert run(GOOD + old) == ()


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (HEAD + "- id: a\n  preferred: A\n  varaints: [b]\n", 6, "did you mean 'variants'?"),
        (HEAD + "- id: a\n  preferred: A\n  status: aproved\n", 6, "did you mean approved?"),
        (HEAD + "- id: a\n  preferred: [\n", 6, "not valid YAML"),
        (HEAD + "- id: a\n\tpreferred: A\n", 5, "remedy: indent with spaces"),
        (HEAD + "- id: a\n  preferred: A\n  definition:\tB\n\ttabs\n", 7, "a tab where"),
        ("nothing: 1\n", 1, "not a glossary file"),
        (HEAD + "- id: a\n  notes: " + "[" * 99_999 + "]" * 99_999, 5, "nested too deeply"),
    ],
)
def test_mistakes_in_the_files_themselves_have_lines(
    run: Checker, text: str, line: int, message: str
) -> None:
    findings = run(GOOD, other=text)
    assert [(f.severity, f.rule, Path(f.file).name, f.line) for f in findings] == [
        ("error", "schema", "other.yaml", line)
    ]
    assert message in findings[0].message


MANY = (
    HEAD
    + """\
- id: Party Cell
  prefered: Party cell
  status: aproved
  countable: yes please
  plural: no
  variants: Party unit
  forbidden: [4, '']
  flags:
  - text: unit
    reson: unclear
  policy: {case: hous, colour: red}
  provenance: [{source: house, date: 2025-7}]
  variants:
  - Party branch
- id: two
  preferred: {a: b}
  sources: {vi: chi bộ, nb: [celle]}
  examples: [{text: a: b, becomes: c}]
  flags: [{text: a, reason: b, when: {near: {any: [x], within: page}, plural: maybe}}]
  keeps: [[a]]
- just a sentence
"""
)


def test_all_mistakes_of_a_file_are_told_at_once(run: Checker) -> None:
    findings = run(GOOD, other=MANY.replace("[{text: a: b, becomes: c}]", "[{becomes: c}]"))
    told = [(f.line, f.message) for f in findings]
    assert told == [
        (4, "Party Cell: 'Party Cell' is not an id (remedy: use small letters, digits and hyphens, as in "
            "party-cell)"),
        (4, "Party Cell: there is no 'preferred' (remedy: add 'preferred: …')"),
        (5, "Party Cell: unknown key 'prefered' (remedy: did you mean 'preferred'?)"),
        (6, "Party Cell: 'status' cannot be 'aproved' (remedy: did you mean approved? write "
            "approved or deprecated or proposed)"),
        (7, "Party Cell: 'countable' must be true or false, not text (remedy: write "
            "true or false)"),
        (8, "Party Cell: 'plural': YAML reads no as true or false, not as text (remedy: put "
            "it in quotation marks)"),
        (9, "Party Cell: 'variants' must be a list, not text (remedy: write each item on a line "
            "of its own, after a dash)"),
        (10, "Party Cell: an item of forbidden is empty (remedy: fill it, or remove the line)"),
        (10, "Party Cell: an item of forbidden: YAML reads 4 as a whole number, not as text "
             "(remedy: put it in quotation marks)"),
        (12, "Party Cell: there is no 'reason' (remedy: add 'reason: …')"),
        (13, "Party Cell: unknown key 'reson' (remedy: did you mean 'reason'?)"),
        (14, "Party Cell: 'case' cannot be 'hous' (remedy: did you mean house? write house or "
             "text)"),
        (14, "Party Cell: unknown key 'colour' (remedy: the keys here are case, number, quotes, "
             "abbreviation)"),
        (15, "Party Cell: 'date': '2025-7' is not a date (remedy: write 2025, 2025-07 or "
             "2025-07-01)"),
        (16, "the key 'variants' is used twice: here and on line 9 (remedy: keep one, or merge the "
             "two)"),
        (19, "two: 'preferred' must be text, not keys with values (remedy: put text with ': ' "
             "in quotation marks)"),
        (20, "two: 'sources vi' must be a list, not text (remedy: write each item on a line of its "
             "own, after a dash)"),
        (21, "two: there is no 'text' (remedy: add 'text: …')"),
        (22, "two: 'plural' must be true or false, not text (remedy: write true or false)"),
        (22, "two: 'within' cannot be 'page' (remedy: write document or paragraph or sentence)"),
        (23, "two: an item of keeps must be text or keys with values, not a list (remedy: see "
             "docs/glossaries.md)"),
        (24, "an item of terms must be keys with values, not text (remedy: see docs/glossaries.md)"),
    ]  # fmt: skip


_ODD: tuple[Any, ...] = (
    None, True, 4, -1, "", "x", "2025-7", [], {}, [4], {"a": 1}, ["a", ["b"]],
)  # fmt: skip


def spoil(random: Random, value: Any) -> None:
    """Put something odd into a place somewhere in a mapping or list, or take a place away."""
    while True:
        places = list(value) if isinstance(value, dict) else list(range(len(value)))
        place = random.choice(places)
        inner = value[place]
        if not (isinstance(inner, (dict, list)) and inner and random.random() < 0.8):
            break
        value = inner
    way = random.randrange(3)
    if way == 0:
        value[place] = deepcopy(random.choice(_ODD))
    elif way == 1 or isinstance(value, list):
        del value[place]
    else:
        value[f"{place}x"] = value.pop(place)


def test_the_words_know_every_mistake_that_the_reader_knows_and_no_other() -> None:
    terms = [to_plain(term) for term in Glossary.load([SHIPPED]).terms[::60]]
    refused = 0
    for seed in range(600):
        random = Random(seed)
        raw = {"schema": 1, "topic": "x", "terms": [deepcopy(random.choice(terms))]}
        spoil(random, raw)
        try:
            msgspec.convert(raw, TermFile)
            good = True
        except msgspec.ValidationError:
            good = False
        text = yaml.safe_dump(raw, allow_unicode=True)
        assert (find_mistakes(compose(text), TermFile) == []) == good, text
        refused += not good
    assert refused > 200


def test_a_key_that_stands_twice_is_an_error(run: Checker) -> None:
    twice = "- id: b\n  preferred: B\n  forbidden: [x]\n  tags: [t]\n  forbidden: [y]\n"
    (finding,) = run(GOOD, other=HEAD + twice)
    assert (finding.severity, finding.rule, finding.line) == ("error", "schema", 8)
    assert "the key 'forbidden' is used twice: here and on line 6" in finding.message
    (top,) = run(GOOD, other=HEAD + "- id: b\n  preferred: B\ntopic: other\n")
    assert (top.line, "line 2" in top.message) == (6, True)


def test_a_run_that_needs_the_file_names_the_first_mistake_and_how_many(tmp_path: Path) -> None:
    file = tmp_path / "many.yaml"
    file.write_text(HEAD + "- {id: a}\n- {id: b}\n- {id: c}\n", "utf-8")
    with pytest.raises(GlossaryError, match=r"many.yaml:4: a: there is no 'preferred'.*; 2 more"):
        Glossary.load([file])


def test_the_shipped_files_have_no_mistake_that_only_the_words_know() -> None:
    for file in read_files([SHIPPED]):
        assert find_mistakes(file.node, type(file.value)) == []


def test_every_broken_file_is_named_in_one_run(run: Checker) -> None:
    findings = run("- id: 3\n", other="terms: []\n", third="places: 1\n")
    assert {Path(f.file).name for f in findings} == {"terms.yaml", "other.yaml", "third.yaml"}


def test_an_id_in_two_files_is_an_error(run: Checker) -> None:
    (finding,) = run(GOOD, zzz=HEAD + GOOD)
    assert (finding.severity, Path(finding.file).name) == ("error", "zzz.yaml")
    assert "party-cell" in finding.message


def test_unclosed_brackets_are_an_error_at_their_term(run: Checker) -> None:
    (finding,) = run(term("cell", "Party cell", "variants:\n- Party (branch\n" + EXAMPLES))
    assert (finding.severity, finding.line) == ("error", HEAD_LINES + 1)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(GlossaryError, match="no such"):
        check([tmp_path / "nowhere"])


def test_findings_are_written_for_people_programs_and_pull_requests() -> None:
    findings = [
        Finding("error", "tie", "a,b:c.yaml", 7, "cell", "both claim\n100 %"),
        Finding("warning", "schema", "d.yaml", 1, "", "odd"),
    ]
    assert count(findings) == (1, 1)
    assert show_text(findings).splitlines()[-1] == "d.yaml:1: warning: odd [schema]"
    assert json.loads(show_json(findings))[0]["line"] == 7
    assert show_github(findings).splitlines() == [
        "::error file=a%2Cb%3Ac.yaml,line=7,title=tie::cell: both claim%0A100 %25",
        "::warning file=d.yaml,line=1,title=schema::odd",
    ]


def test_the_term_of_the_tutorial_is_sound(run: Checker) -> None:
    tutorial = Path(__file__).parent.parent / "docs" / "glossaries.md"
    section = tutorial.read_text("utf-8").split("## Add a term in ten minutes")[1]
    yaml_block = section.split("```yaml\n")[1].split("```")[0]
    assert run(yaml_block) == ()


def test_places_that_were_merged_have_successors_and_dates(run: Checker) -> None:
    text = (
        "schema: 1\ntopic: places\nplaces:\n"
        "- {name: Old, kind: province, now: New, until: '2025-07-01'}\n"
        "- {name: New, kind: province, since: '2025-07-01'}\n"
        "- {name: Lost, kind: province, now: Nowhere, until: '2025-07-01'}\n"
        "- {name: Dateless, kind: province, now: New}\n"
        "- {name: Odd, kind: province, since: '2025-07-01', until: '2020'}\n"
    )
    findings = [f for f in run(GOOD, places=text) if f.rule == "place"]
    assert [(f.line, f.message.split(":")[0]) for f in findings] == [
        (6, "Lost"), (7, "Dateless"), (8, "Odd"),
    ]  # fmt: skip


def worth(name: str, body: str, source: str = "x") -> str:
    """A complete term but for what `check_worth` looks at."""
    return (
        f"- id: {name}\n  preferred: Party {name}\n  sources: {{vi: [{source}]}}\n  definition: D.\n"
        "  provenance: [{source: s}]\n" + textwrap.indent(textwrap.dedent(body), "  ")
    )


MEANT = """\
examples:
- {text: The party NAME elected a new secretary in May., becomes: The Party NAME elected a new secretary in May.}
- {text: Any party NAME may ask for help., becomes: Any Party NAME may ask for help.}
"""


def test_a_source_name_of_two_terms_is_reported_with_its_owner(run: Checker) -> None:
    cell, group = MEANT.replace("NAME", "cell"), MEANT.replace("NAME", "group")
    (finding,) = run(worth("cell", cell, "chi bộ") + worth("group", group, "Chi bộ"))
    assert (finding.severity, finding.rule, finding.term) == ("warning", "duplicate-source", "group")
    assert "also a name of cell" in finding.message
    assert "keep it with the term it means" in finding.message
    assert run(worth("cell", cell, "chi bộ") + worth("group", group, "nhóm")) == ()
    # Names of different times may share one; the date tells them apart.
    ended = worth("group", "until: '2024'\n" + group, "chi bộ")
    assert run(worth("cell", cell, "chi bộ") + ended) == ()


def test_examples_in_which_nothing_follows_the_name_are_frames(run: Checker) -> None:
    idle = """\
    examples:
    - {text: He joined the party cell., becomes: He joined the Party cell.}
    - {text: "In the party cell, he spoke.", becomes: "In the Party cell, he spoke."}
    """
    (finding,) = run(worth("cell", idle))
    assert (finding.rule, finding.line) == ("frame", HEAD_LINES + 7)
    assert "the name ends the clause: write one as pages have it" in finding.message


def test_the_same_sentence_around_many_names_is_a_frame(run: Checker) -> None:
    stock = """\
    examples:
    - {text: The party NAME met at noon., becomes: The Party NAME met at noon.}
    - {text: The party NAME met at noon., becomes: The Party NAME met at noon.}
    """
    names = ("cell", "group", "team")
    terms = "".join(worth(n, stock.replace("NAME", n), n) for n in names)
    findings = run(terms)
    assert [(f.rule, f.term) for f in findings] == [("frame", name) for name in names]
    assert "stock sentences, as 'The … met at noon.'" in findings[0].message
    more = worth("unit", stock.replace("NAME", "unit") + MEANT.replace("examples:\n", "    ").replace("NAME", "unit"), "u")
    assert "unit" not in {finding.term for finding in run(terms + more)}


def test_a_keep_that_shares_no_word_with_the_term_is_idle(run: Checker) -> None:
    cell = MEANT.replace("NAME", "cell")
    (finding,) = run(worth("cell", cell + "keeps: [The chess club met.]\n"))
    assert (finding.rule, finding.severity) == ("idle-keep", "warning")
    assert "write what is most easily taken for it" in finding.message
    assert run(worth("cell", cell + "keeps: [Stem cells were grown.]\n")) == ()
