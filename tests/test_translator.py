from __future__ import annotations

import pickle
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_terms import SmallGlossary
from tiny_package import make_package

from normalise.data import Request, Translation
from normalise.errors import PackageError
from normalise.memory.store import Correction, Memory
from normalise.translate import translator as module
from normalise.translate.engine import Decoding, Hypothesis, identify_engine
from normalise.translate.jobs import SentenceJob, SentenceOutcome, run_jobs
from normalise.translate.prepare import prepare
from normalise.translate.spans import Span
from normalise.translate.terms import find_demands
from normalise.translate.translator import Translator

LEXICON = {
    "partiet": "Party", "leder": "leads", "møtet": "meeting", "og": "and", "styrker": "builds",
    "particellen": "section", "Se": "See",
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packages")
    make_package(folder, lexicon=LEXICON)
    return folder


@pytest.fixture(autouse=True)
def only_these(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No package of this machine but those a test names."""
    empty = str(tmp_path_factory.mktemp("home"))
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, empty)
    monkeypatch.setattr("normalise.packages.find.list_package_folders", list)


def make(folder: Path, **options: object) -> Translator:
    return Translator(packages=[folder], threads=1, **options)  # type: ignore[arg-type]


def run(translator: Translator, *texts: str) -> list[Translation]:
    return translator.translate([Request(text, "nb") for text in texts])


def test_layout_slots_and_capitals_come_through(folder: Path) -> None:
    texts = [
        "  - Se https://a.vn/x_y og partiet ",
        "PARTIET LEDER MØTET",
        "Se ![bilde](a.png) og `kode` nr. 04-NQ/TU",
        "partiet 2,5 % og 1.250",
    ]
    assert [t.text for t in run(make(folder), *texts)] == [
        "  - See https://a.vn/x_y and Party ",
        "PARTIET LEADS MEETING",
        "See ![bilde](a.png) and `kode` nr. 04-NQ/TU",
        "Party 2.5 % and 1,250",
    ]


@pytest.mark.parametrize("text", ["", "  ", "* * *", "12.03.2024", "https://a.vn", "Le Thi Dung"])
def test_nothing_to_translate_is_kept_without_a_flag(folder: Path, text: str) -> None:
    (done,) = run(make(folder), text)
    assert (done.text, done.origin, done.flags) == (text, "kept", ())


PIECES = [
    "partiet ", "MØTET ", "Ü ", "Se https://a.vn/x ", "`x` ", "- ", "1 000,5 ", "04-NQ/TU ", "\n",
    "Đặng Hữu Trí ", "党的 ", "* ", "\u200b", "\U0001f600 ", "(", "«", "12.03.2024 ", "\t", "§1 ",
]  # fmt: skip


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(parts=st.lists(st.sampled_from(PIECES), max_size=14))
def test_any_text_comes_through(folder: Path, parts: list[str]) -> None:
    text = "".join(parts)
    shared = SHARED.setdefault(folder, make(folder))
    (done,) = run(shared, text)
    lead, tail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    assert done.text.startswith(lead)
    assert done.text.endswith(tail)
    assert all(text[flag.start : flag.end] == flag.text for flag in done.flags)
    for kept in ("https://a.vn/x", "`x`", "04-NQ/TU"):
        assert done.text.count(kept) == text.count(kept)


SHARED: dict[Path, Translator] = {}


def test_english_is_kept(folder: Path) -> None:
    (done,) = make(folder).translate([Request("The Party leads.", "en")])
    assert (done.text, done.origin) == ("The Party leads.", "kept")


def test_repetitions_are_decoded_once(folder: Path) -> None:
    translator = make(folder)
    done = run(translator, *["partiet leder"] * 50, "  partiet leder")
    assert len({t.text.strip() for t in done}) == 1
    assert translator.counts["decoded"] == 1
    assert translator.counts["sentences"] == 51


def test_repetitions_in_later_windows_are_not_decoded_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_RECENT", 2)
    translator = make(folder)
    run(translator, "partiet 1")
    run(translator, "partiet 2", "partiet 1")
    assert translator.counts["decoded"] == 2
    run(translator, "partiet 3", "partiet 4")
    run(translator, "partiet 1")
    assert translator.counts["decoded"] == 5  # no longer among the last two


def test_neither_order_nor_company_changes_a_result(folder: Path) -> None:
    dice = random.Random(3)
    texts = [" ".join(dice.choices([*LEXICON, "12", "Tran Van An", "å"], k=k)) for k in
             (dice.randint(1, 20) for _ in range(80))]  # fmt: skip
    together = dict(zip(texts, run(make(folder), *texts), strict=True))
    dice.shuffle(texts)
    translator = make(folder)
    apart = [done for i in range(0, 80, 7) for done in run(translator, *texts[i : i + 7])]
    assert [together[text] for text in texts] == apart


def test_windows_join_seamlessly(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"partiet leder {n} møtet" for n in range(25)]
    whole = run(make(folder), *texts)
    monkeypatch.setattr(module, "_WINDOW", 4)
    assert run(make(folder), *texts) == whole


def test_very_long_sentence_is_cut_and_rejoined(folder: Path) -> None:
    text = "; ".join(f"partiet nummer {n} leder møtet" for n in range(120)) + "."
    (done,) = run(make(folder), text)
    expected = text.replace("partiet", "Party").replace("leder", "leads")
    assert done.text == expected.replace("møtet", "meeting")
    assert done.flags == ()


def test_second_run_translates_nothing(folder: Path, tmp_path: Path) -> None:
    texts = ["partiet leder", "* * *", "Se Le Thi Kim Dung", "- partiet https://a.vn"]
    glossary = SmallGlossary()
    first = make(folder, memory=Memory(tmp_path / "m.sqlite"), glossary=glossary)
    before = run(first, *texts, "particellen leder")
    second = pickle.loads(pickle.dumps(first))
    after = run(second, *texts, "particellen leder")
    assert second.counts["decoded"] == 0
    assert second._chains == {}
    assert [t.text for t in before] == [t.text for t in after]
    assert [t.flags for t in before] == [t.flags for t in after]
    assert [t.terms for t in before] == [t.terms for t in after]
    assert [t.origin for t in after] == ["memory", "kept", "memory", "memory", "memory"]


def test_memory_knows_beam_glossary_and_package_apart(folder: Path, tmp_path: Path) -> None:
    memory = Memory(tmp_path / "m.sqlite")
    run(make(folder, memory=memory, glossary=SmallGlossary()), "particellen", "partiet")
    other = make(folder, memory=memory, beam=2)
    run(other, "partiet")
    assert other.counts["decoded"] == 1
    changed = SmallGlossary()
    changed.digest = "d2"
    third = make(folder, memory=memory, glossary=changed)
    run(third, "particellen", "partiet")
    assert third.counts["decoded"] == 1  # only the sentence that holds a term
    newer = tmp_path / "newer"
    newer.mkdir()
    make_package(newer, lexicon={"partiet": "Movement"})
    (done,) = Translator(packages=[newer], memory=memory, threads=1).translate(
        [Request("partiet", "nb")]
    )
    assert done.text == "Movement"


def test_corrections_win_and_are_marked(folder: Path, tmp_path: Path) -> None:
    memory = Memory(tmp_path / "m.sqlite")
    translator = make(folder, memory=memory)
    assert run(translator, "- partiet leder")[0].origin == "engine"
    plain = translator.signature()
    memory.correct([Correction("nb", "en", "partiet  leder", "The Party is in the lead")])
    (done,) = run(translator, "- partiet leder")
    assert (done.text, done.origin) == ("- The Party is in the lead", "correction")
    assert translator.signature() != plain


def test_language_without_a_package(folder: Path) -> None:
    translator = make(folder)
    assert translator.supports("nb")
    assert translator.supports("no")
    assert not translator.supports("vi")
    assert "vi" in translator.remedy("vi")
    with pytest.raises(PackageError) as caught:
        translator.translate([Request("Chi bộ họp", "vi")])
    assert caught.value.remedy


def test_two_steps_where_only_they_exist(tmp_path: Path) -> None:
    make_package(tmp_path, from_code="nn", to_code="nb", lexicon={"partiet": "leder"})
    make_package(tmp_path, lexicon={"leder": "leads"})
    (done,) = Translator(packages=[tmp_path], threads=1).translate([Request("partiet 12", "nn")])
    assert done.text == "leads 12"
    assert done.package.count("+") == 1


def test_making_one_touches_neither_disk_nor_models(tmp_path: Path) -> None:
    translator = Translator(memory=Memory(tmp_path / "sub" / "m.sqlite"))
    assert pickle.loads(pickle.dumps(translator)).signature()[0] == ("engine", identify_engine())
    assert not (tmp_path / "sub").exists()


# -- rounds, with a scripted model ---------------------------------------------------------------


@dataclass
class Script:
    """A model that answers from a table: usual settings, several candidates, against loops."""

    usual: dict[str, str]
    several: dict[str, list[str]]
    against: dict[str, str]

    @property
    def engines(self) -> Sequence[Script]:
        return (self,)

    def count(self, text: str) -> int:
        return len(text.split())

    def spans(self, text: str) -> list[Span]:
        spans, cursor = [], 0
        for word in text.split(" "):
            spans.append((cursor, cursor + len(word)))
            cursor += len(word) + 1
        return spans

    def decode(
        self, sentences: Sequence[str], how: Decoding, avoid: Sequence[Sequence[Sequence[str]]] = ()
    ) -> list[list[Hypothesis]]:
        return [self._answer(sentence, how) for sentence in sentences]

    def _answer(self, sentence: str, how: Decoding) -> list[Hypothesis]:
        if how.hypotheses > 1:
            texts = self.several.get(sentence, [])
            return [self._with_attention(sentence, text) for text in texts]
        table = self.against if how.no_repeat else self.usual
        return [Hypothesis(table.get(sentence, "bla " * 30))]

    def _with_attention(self, source: str, text: str) -> Hypothesis:
        """Word for word: the n-th word attends to the n-th source word."""
        width = len(source.split())
        rows = tuple(
            tuple(float(c == min(r, width - 1)) for c in range(width))
            for r in range(len(text.split()))
        )
        return Hypothesis(text, 0.0, len(rows), tuple(self.spans(text)), rows)


def settle(
    script: Script, text: str, steps: str = "n-best attention"
) -> tuple[SentenceOutcome, Counter[str]]:
    glossary = SmallGlossary()
    job = SentenceJob(prepare(text, "nb", find_demands(glossary, text, "nb")), glossary.apply)
    counts: Counter[str] = Counter()
    run_jobs([job], script, Decoding(), counts, frozenset(steps.split()))  # type: ignore[arg-type]
    assert job.outcome is not None
    return job.outcome, counts


@dataclass
class Speller(Script):
    """A model whose answer is the first of a list that spells none of the pieces to avoid."""

    answers: tuple[tuple[str, ...], ...] = ()

    def decode(
        self, sentences: Sequence[str], how: Decoding, avoid: Sequence[Sequence[Sequence[str]]] = ()
    ) -> list[list[Hypothesis]]:
        without = {tuple(pieces) for pieces in (avoid[0] if avoid else ())}
        for tokens in self.answers:
            if not any(tokens[i:j] in without for i in range(len(tokens)) for j in range(i, 9)):
                text = "".join(tokens).replace("\u2581", " ").strip()
                return [[Hypothesis(text, 0.0, len(tokens), tokens=tokens)]] * len(sentences)
        return [[Hypothesis("all unclears")]] * len(sentences)


@pytest.mark.parametrize(
    ("answers", "text", "rounds", "doubtful"),
    [
        (["▁The ▁state ▁was ▁right"], "The state was right", 0, []),
        (["▁The ▁extreme ists ▁left", "▁The ▁extrem ists ▁left"], "The extremists left", 1, []),
        (["▁A ▁hyper sky ▁fell", "▁A ▁hyp ersky ▁fell", "▁A ▁high ▁sky ▁fell"],
         "A high sky fell", 2, []),
        # The second attempt is no better, so the first stays and is flagged.
        (["▁A ▁rel ievance", "▁The ▁relievanc es ▁un clears"], "A relievance", 2, ["relievance"]),
        # What the source has is not doubtful, with an English possessive or a Norwegian genitive.
        (["▁The ▁styrker ▁of ▁Gik k 's ▁xoe ▁USSRX"], "The styrker of Gikk's xoe USSRX", 0, []),
        (["▁The ▁Guidance line", "▁The ▁Guideline"], "The Guideline", 1, []),
    ],
)  # fmt: skip
def test_words_that_are_not_english_are_avoided(
    answers: list[str], text: str, rounds: int, doubtful: list[str]
) -> None:
    speller = Speller({}, {}, {}, tuple(tuple(answer.split()) for answer in answers))
    outcome, counts = settle(speller, "Styrker gikks xoe")
    assert outcome.text == text
    assert counts["reworded"] == rounds
    reasons = [mark.reason for mark in outcome.marks if mark.rule == "word"]
    assert reasons == [f"“{word}” is not a known English word" for word in doubtful]


TERM = "Lederen av particellen talte"


@pytest.mark.parametrize(
    ("usual", "several", "text", "step"),
    [
        ("The head of the Party cell spoke", [], "The head of the Party cell spoke", "decoded"),
        ("The head of the Party branch spoke", [], "The head of the Party branch spoke", "decoded"),
        ("The head of the particle spoke", ["The particle spoke", "A Party cell spoke"],
         "A Party cell spoke", "n-best"),
        ("The head of particle spoke", ["Head of partisel spoke"],
         "Head of the Party cell spoke", "attention"),
        ("The head of particle spoke", ["of the of the"], "The head of particle spoke",
         "missing"),
    ],
)  # fmt: skip
def test_terms_step_by_step(usual: str, several: list[str], text: str, step: str) -> None:
    outcome, _ = settle(Script({TERM: usual}, {TERM: several}, {}), TERM)
    assert outcome.text == text
    assert [term.step for term in outcome.terms] == [step]
    assert [mark.rule for mark in outcome.marks] == (["term"] if step == "missing" else [])
    if step == "missing":
        (mark,) = outcome.marks
        assert TERM[mark.start : mark.end] == "particellen"
        assert mark.term == "cell"


def test_steps_can_be_switched_off() -> None:
    script = Script({TERM: "The particle spoke"}, {TERM: ["The Party cell spoke"]}, {})
    assert settle(script, TERM, "")[0].text == "The particle spoke"
    assert settle(script, TERM, "n-best")[0].text == "The Party cell spoke"


SLOT = "Se https://a.vn for møtet"
MASKED = "Se §1 for møtet"


def test_lost_slot_is_found_among_candidates() -> None:
    script = Script({MASKED: "See 1 for it"}, {MASKED: ["See it", "See §1 for it"]}, {})
    assert settle(script, SLOT)[0].text == "See https://a.vn for it"


def test_lost_slot_is_put_back_piece_by_piece() -> None:
    parts = {"Se": "See", "for møtet": "For the meeting"}
    script = Script({MASKED: "See it", **parts}, {MASKED: ["It", "See"]}, {})
    outcome, counts = settle(script, SLOT)
    assert outcome.text == "See https://a.vn for the meeting"
    assert counts["piecewise"] == 1
    assert outcome.marks == ()


def test_sentence_that_cannot_be_translated_is_kept_and_flagged() -> None:
    outcome, counts = settle(Script({}, {}, {}), "Partiet styrker arbeidet sitt, og det er bra.")
    assert outcome.text == "Partiet styrker arbeidet sitt, og det er bra."
    assert outcome.kept == "loop"
    assert [mark.rule for mark in outcome.marks] == ["loop"]
    assert counts["against-loops"] == counts["piecewise"] == 1


def test_loop_is_broken_by_other_settings() -> None:
    text = "Partiet styrker arbeidet"
    outcome, _ = settle(Script({}, {}, {text: "The Party steps up its work"}), text)
    assert outcome.text == "The Party steps up its work"
    assert outcome.marks == ()


def test_loop_is_broken_at_clause_marks() -> None:
    text = "Partiet styrker arbeidet; det er bra"
    parts = {
        "Partiet styrker arbeidet;": "The Party steps up its work;",
        "det er bra": "It is good",
    }
    outcome, _ = settle(Script(parts, {}, {}), text)
    assert outcome.text == "The Party steps up its work; it is good"


def test_figures_that_do_not_agree_are_flagged() -> None:
    text = "Partiet har 61 lag og 5 kontorer"
    wrong = "The Party has 16 cells and 5 offices"
    outcome, _ = settle(Script({text: wrong}, {text: [wrong]}, {}), text)
    assert outcome.text == wrong
    assert [(m.rule, text[m.start : m.end]) for m in outcome.marks] == [
        ("number", "61"),
        ("number", text),
    ]


def test_right_figures_are_found_among_candidates() -> None:
    text = "Partiet har 61 lag"
    script = Script({text: "The Party has 16 cells"}, {text: ["A", "The Party has 61 cells"]}, {})
    assert settle(script, text)[0].text == "The Party has 61 cells"


def test_damaged_name_is_mended_or_flagged() -> None:
    text = "Kamerat Tran Quang Minh talte"
    script = Script({text: "Comrade Tran Quang fertiliser spoke"},
                    {text: ["Comrade Tran Quang fertiliser spoke"]}, {})  # fmt: skip
    assert settle(script, text)[0].text == "Comrade Tran Quang Minh spoke"
    script = Script({text: "The comrade spoke"}, {text: []}, {})
    outcome, _ = settle(script, text)
    assert [(m.rule, text[m.start : m.end]) for m in outcome.marks] == [("name", "Tran Quang Minh")]


def test_languages_in_the_documentation_are_those_of_the_catalogue() -> None:
    from normalise.packages.catalogue import INTO_ENGLISH
    from normalise.translate.figures import DECIMAL_COMMA

    page = Path(__file__).resolve().parent.parent / "docs" / "translation.md"
    rows = [line.strip("| ").split(" | ") for line in page.read_text("utf-8").splitlines()
            if line.count("|") == 6 and "`" not in line]  # fmt: skip
    table = {row[0]: row for row in rows if len(row[0]) == 2}
    assert {code: row[2] for code, row in table.items() if row[2] != "none"} == INTO_ENGLISH
    assert {c for c, row in table.items() if row[3].startswith("1.250")} == DECIMAL_COMMA & {*table}
