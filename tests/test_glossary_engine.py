"""The engine on its own small glossary: what matches, what wins, what is written."""

from __future__ import annotations

import pickle
import shutil
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normalise.edits import Edit, apply_edits, replay
from normalise.errors import GlossaryError
from normalise.glossary import Glossary
from normalise.glossary.compiled.cache import KEPT_FORMS
from normalise.glossary.compiled.compile import compile_files
from normalise.glossary.match.fold import fold
from normalise.glossary.rewrite.standardise import MAX_ROUNDS, compose
from normalise.glossary.source.load import read_file
from normalise.glossary.source.phrase import PhraseError, expand

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="module")
def glossary(tmp_path_factory: pytest.TempPathFactory) -> Glossary:
    folder = tmp_path_factory.mktemp("glossary")
    (folder / "engine.yaml").write_text((DATA / "engine.yaml").read_text("utf-8"), "utf-8")
    (folder / "manifest.yaml").write_text(
        "schema: 1\nname: test\nversion: '1'\ncues: {laos: [Vientiane]}\n"
        "not-in-places: [The, Secretary]\n",
        "utf-8",
    )
    (folder / "places.yaml").write_text(
        "schema: 1\ntopic: places\nplaces:\n- {name: Lào Cai, kind: province}\n"
        "- {name: Hà Giang, kind: province}\n",
        "utf-8",
    )
    return Glossary.load([folder], cache=False)


CASES = [
    # folding
    ("The party cells met.", "The Party cells met."),
    ("Party  branches and party-unit", "Party cells and Party cell"),
    ("a PARTY CELL in lower text", "a PARTY CELL in lower text"),
    ("The party\ncell met.", "The Party cell met."),
    ("The party cell’s plan", "The Party cell’s plan"),
    ("Party branch’s plan", "Party cell’s plan"),
    # plural, possessive, quotes
    ('The "4 good" party cells', "The 4-good Party cells"),
    ("the “four-good Party units”", "the 4-good Party cells"),
    ("model of '4 good' Party cell", "model of 4-good Party cell"),
    ("the « 4 good » Party units", "the 4-good Party cells"),
    ('the "party branch" here', 'the "Party cell" here'),
    # slots
    (
        "Standing Committee of Lao Cai Provincial Party Committee",
        "Standing Board of the Lao Cai Provincial Party Committee",
    ),
    (
        "Recently Hà Giang Provincial Party Committee's Standing Committee met.",
        "Recently Standing Board of the Hà Giang Provincial Party Committee met.",
    ),
    (
        "led by Hà Giang Provincial Party Standing Committee",
        "led by the Standing Board of the Hà Giang Provincial Party Committee",
    ),
    (
        "Hà Giang Provincial Party Standing Committee met.",
        "The Standing Board of the Hà Giang Provincial Party Committee met.",
    ),
    (
        "Hà Giang Provincial Party Standing Committee Nguyen met.",
        "Standing Board of the Hà Giang Provincial Party Committee Nguyen met.",
    ),
    (
        "Secretary Xyz Abc Provincial Party Standing Committee",
        "Secretary Standing Board of the Xyz Abc Provincial Party Committee",
    ),
    ("the XIV Congress of the Party", "the 14th National Party Congress"),
    ("in the tenure 2020 – 2025 and", "in the 2020-2025 term and"),
    # conditions
    ("There are 442 Party Central Committees.", "There are 442 grassroots Party organisations."),
    ("The Party Central Committee met.", "The Party Central Committee met."),
    ("the Central Party Committee", "the Party Central Committee"),
    (
        "Grassroots work: the Party Central Committees grow.",
        "Grassroots work: the grassroots Party organisations grow.",
    ),
    ("The Fatherland Front and the Front met.", "The Fatherland Front and the Vietnam Fatherland Front met."),
    ("The Fatherland Front is in front.", "The Fatherland Front is in front."),
    ("The Propaganda Commission met.", "The Propaganda Commission met."),
    ("The Lao Homeland Front met.", "The Lao Homeland Front met."),
    ("Vientiane: the Lao Homeland Front met.", "Vientiane: the Lao Front met."),
    ("The Party unit price rose.", "The Party unit price rose."),
    # articles and capitals
    ("A Department of Organization met.", "An Organisation Commission met."),
    ("Digital Conversion and digital conversion", "Digital Transformation and digital transformation"),
    ("Digital Transformation in Title Case", "Digital Transformation in Title Case"),
    ("GRASSROOTS PARTY ORGANIZATIONS", "GRASSROOTS PARTY ORGANISATIONS"),
    ("Grassroots party organization met.", "Grassroots Party organisation met."),
    # admitted names stay inside quotation marks
    ('the Organization Department and "Organisation Department"',
     'the Organisation Commission and "Organisation Department"'),
    # abbreviations
    ("In 2023, 435 TCCSĐ were rated.", "In 2023, 435 grassroots Party organisations were rated."),
    ("The TCCSĐ of the commune", "The grassroots Party organisation of the commune"),
    ("The CPV and the Communist Party of Vietnam (CPV)", "The CPV and the Communist Party of Vietnam (CPV)"),
    (
        "Grassroots party organizations (GPUs) and party members (GPUs) grow; GPU development goes "
        "on, clean GPUs too.",
        "Grassroots Party organisations and Party members grow; Party member development goes "
        "on, clean grassroots Party organisations too.",
    ),
    ("The GPU servers of the data centre", "The GPU servers of the data centre"),
    ("Gross Party Cost (GPC) and GPC", "Gross Party Cost (GPC) and GPC"),
    # names with quotation marks of their own
    ("Signs of self-evolution in the Party.", 'Signs of "self-evolution" in the Party.'),
    ("The Party prevents “self evolution”.", "The Party prevents “self-evolution”."),
    ("The self-evolution of galaxies", "The self-evolution of galaxies"),
    ('Prevent "self-evolution and self-transformation".',
     'Prevent "self-evolution" and "self-transformation".'),
    ('“self-evolution” and “self-transformation”', '“self-evolution” and “self-transformation”'),
    ('"self-evolution" and self-transformation', '"self-evolution" and "self-transformation"'),
    # protected
    ("https://party-branch.vn/party-cell and a@party-cell.vn", "https://party-branch.vn/party-cell and a@party-cell.vn"),
    ("`party cell` in code", "`party cell` in code"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_cases(glossary: Glossary, text: str, expected: str) -> None:
    result = glossary.apply(text)
    assert result.text == expected
    assert replay(text, result.changes) == expected
    assert glossary.apply(result.text).text == expected


def test_dated_condition(glossary: Glossary) -> None:
    text = "The Propaganda Commission met."
    assert glossary.apply(text, date="2025-06-01").text.startswith("The Commission for Information")
    assert glossary.apply(text, date="2024-06-01").text == text


def test_undecided_plural_is_flagged(glossary: Glossary) -> None:
    result = glossary.apply("The Party Central Committees met.")
    assert result.changes == ()
    assert [(flag.text, flag.term) for flag in result.flags] == [
        ("Party Central Committees", "grassroots-organisation")
    ]


def test_ambiguous_abbreviation_is_flagged_and_its_glosses_stay(glossary: Glossary) -> None:
    text = "Party cells (PPP) and party members (PPP): each PPP counts."
    result = glossary.apply(text)
    assert result.text == "Party cells (PPP) and Party members (PPP): each PPP counts."
    assert [flag.rule for flag in result.flags] == ["ambiguous-abbreviation"]


def test_rounds_compose_where_edits_touch(glossary: Glossary) -> None:
    # The first round drops a bracket right after a rewritten hit; the second joins other words.
    text = "Party branches (PBS) met. Department of Organization: four good Party branch."
    result = glossary.apply(text)
    assert result.text == "Party cells met. Organisation Commission: 4-good Party cell."
    assert replay(text, result.changes) == result.text


def test_composition_merges_what_overlaps() -> None:
    source = "ab cd ef"
    middle, first = apply_edits("s", source, [Edit(0, 2, "xx", "r"), Edit(2, 3, "", "r")])
    final, second = apply_edits("s", middle, [Edit(1, 3, "-", "r"), Edit(5, 6, "!", "r")])
    merged = compose(source, first, second)
    assert replay(source, merged) == final == "x-d !f"


def test_blocks_and_protected_spans_hold(glossary: Glossary) -> None:
    from normalise.data import Block

    text = "party cell\nparty\ncell and party cell"
    blocks = [Block(0, 10), Block(11, 16), Block(17, len(text))]
    result = glossary.apply(text, blocks=blocks, protected=[(26, 36)])
    assert result.text == "Party cell\nparty\ncell and party cell"


def test_explain_names_winner_and_failed_condition(glossary: Glossary) -> None:
    rows = glossary.explain("The Party Central Committees met.")
    verdicts = {(row.hit.rule, row.verdict) for row in rows}
    assert ("variant", "condition failed") in verdicts
    assert ("flag", "flagged") in verdicts
    failed = next(row for row in rows if row.verdict == "condition failed")
    assert ("counted: true", False) in failed.conditions


def test_source_hits_meet_inflected_forms(glossary: Glossary) -> None:
    text = "Particellene og den provinsielle partikomiteens stående komite møttes i partilagene."
    hits = glossary.source_hits(text, "nb")
    assert [(text[h.start : h.end], h.term, h.plural) for h in hits] == [
        ("Particellene", "party-cell", True),
        ("den provinsielle partikomiteens stående komite", "standing-board", False),
        ("partilagene", "party-cell", True),
    ]
    assert glossary.source_hits("Các chi bộ và chi bộ", "vi")[1].start == 14
    assert glossary.names("party-cell", plural=True) == ("Party cells",)


def test_picklable_and_same_after(glossary: Glossary) -> None:
    again = pickle.loads(pickle.dumps(glossary))
    assert again.apply("party branches").text == "Party cells"
    assert again.digest == glossary.digest


def test_cache_gives_the_same_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    first = Glossary.load([DATA / "engine.yaml"])
    assert list((tmp_path / "normalise").iterdir())
    second = Glossary.load([DATA / "engine.yaml"])
    assert second.apply("party branches").text == first.apply("party branches").text == "Party cells"


def test_the_cache_does_not_grow_with_every_edit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    file = tmp_path / "cells.yaml"
    for edit in range(KEPT_FORMS + 3):
        file.write_text(f"schema: 1\ntopic: x\nterms:\n- id: a{edit}\n  preferred: b\n", "utf-8")
        Glossary.load([file])
    forms = list((tmp_path / "cache" / "normalise").iterdir())
    assert len(forms) == KEPT_FORMS
    newest = max(forms, key=lambda form: form.stat().st_mtime_ns)
    assert f"a{KEPT_FORMS + 2}".encode() in newest.read_bytes()


def test_a_moved_glossary_tells_its_new_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    shutil.copy(DATA / "engine.yaml", old)
    glossary = Glossary.load([old])
    first = glossary.terms[0].id
    line = int(glossary.where(first).removeprefix(f"{old / 'engine.yaml'}:"))
    assert (old / "engine.yaml").read_text("utf-8").splitlines()[line - 1].endswith(f"id: {first}")
    old.rename(new)
    moved = Glossary.load([new])
    assert len(list((tmp_path / "cache" / "normalise").iterdir())) == 1  # the same compiled form
    assert moved.where(first) == f"{new / 'engine.yaml'}:{line}"
    assert pickle.loads(pickle.dumps(moved)).where(first) == moved.where(first)


@pytest.mark.parametrize(
    ("content", "line", "word"),
    [
        ("schema: 1\ntopic: x\nterms:\n- id: a\n  preferred: b\n  wariants: [c]\n", 6, "wariants"),
        ("schema: 1\ntopic: x\nterms:\n- id: a\n  preferred: b: c\n", 5, "YAML"),
        ("schema: 1\ntopic: x\nterms:\n- id: a\n  preferred: b\n- id: a\n  preferred: c\n", 6, "id"),
        ("schema: 1\ntopic: x\nterms:\n- id: a\n  preferred: b\n  variants: ['(x']\n", 4, "bracket"),
    ],
)  # fmt: skip
def test_errors_name_file_and_line(tmp_path: Path, content: str, line: int, word: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(content, "utf-8")
    with pytest.raises(GlossaryError) as caught:
        compile_files([read_file(path)])
    assert f"bad.yaml:{line}" in str(caught.value)
    assert word in str(caught.value)


@pytest.mark.parametrize("written", ["(a", "a)", "a|b", "{town} x", "{place", "(a|b)(c|d)" * 6])
def test_bad_phrases_are_refused(written: str) -> None:
    with pytest.raises(PhraseError):
        expand(written)


WORDS = st.sampled_from(
    ["party", "Party", "cells", "cell", "branch", "Central", "Committees", "Committee", "442", "the",
     "grassroots", "organizations", "(GPUs)", "GPU", "development", "Standing", "Provincial", "of",
     "Lào", "Cai", "4", "good", '"', "”", "-", "’s", ".", "\n", "\n\n", "XIV", "Congress", "2020 - 2025",
     "term", "Digital", "conversion", "self-evolution", "and self-transformation", "TCCSĐ", "a", "an", "Department", "Organization", "hoà", "(", ")"]
)  # fmt: skip
TEXTS = st.lists(WORDS, max_size=30).map(" ".join)


@settings(max_examples=300)
@given(TEXTS | st.text(max_size=60))
def test_properties(glossary: Glossary, text: str) -> None:
    result = glossary.apply(text)
    assert replay(text, result.changes) == result.text
    for change in result.changes:
        assert text[change.start : change.end] == change.before
        assert result.text[change.out_start : change.out_end] == change.after
    for flag in result.flags:
        assert text[flag.start : flag.end] == flag.text
    assert glossary.apply(result.text).text == result.text


@settings(max_examples=200)
@given(st.lists(TEXTS, max_size=4).map("\n\n".join))
def test_what_rounds_hand_on_changes_nothing(glossary: Glossary, text: str) -> None:
    result = glossary.apply(text)
    one_by_one = text
    for _ in range(MAX_ROUNDS):
        one_by_one = glossary.apply(one_by_one, rounds=1).text
    assert one_by_one == result.text


@settings(max_examples=200)
@given(TEXTS)
def test_composition_and_wrapping_do_not_change_what_hits(glossary: Glossary, text: str) -> None:
    terms = [(hit.term, hit.rule) for hit in glossary.hits(text)]
    decomposed = unicodedata.normalize("NFD", text)
    assert [(hit.term, hit.rule) for hit in glossary.hits(decomposed)] == terms
    if "\n" not in text:
        wrapped = text.replace(" ", "\n", 5)
        assert [(h.term, h.rule) for h in glossary.hits(wrapped)] == terms


@given(st.text(max_size=80))
def test_folding_keeps_every_offset(text: str) -> None:
    folded = fold(text)
    last = 0
    for index in range(len(folded.text)):
        start, end = folded.span(index, index + 1)
        assert 0 <= start < end <= len(text)
        assert start >= last
        last = start
