"""Sentences in, English sentences out: memory, corrections, engine, checks and terms together."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

from normalise.data import Flag, Request, TermOutcome, Translation
from normalise.errors import PackageError
from normalise.language.codes import canonical_code
from normalise.memory.decodings import Decodings
from normalise.memory.store import Memory, StoredTranslation, memory_key
from normalise.packages.find import Package, remedy, route
from normalise.segment import continue_sentence
from normalise.translate.aligned.runs import find_run
from normalise.translate.capitals import is_capitals
from normalise.translate.checks import has_letters
from normalise.translate.engine import MAX_PIECES, Decoding, Engine, identify_engine
from normalise.translate.jobs import Chain, Mark, SentenceJob, SentenceOutcome, run_jobs
from normalise.translate.prepare import (
    cut_long,
    prepare,
    split_layout,
)
from normalise.translate.spans import Span
from normalise.translate.stored.chain import StoredChain
from normalise.translate.terms import (
    Demand,
    TermSource,
    TermStatistics,
    find_demands,
)

STAGE: Final = "translate"
DEFAULT_BEAM = 4
TERM_STEPS = frozenset({"n-best", "attention"})
_WINDOW = 2048  # sentences decoded together
_RECENT = 20_000  # sentences from this run that are remembered even without a memory


@dataclass(slots=True)
class _Sentence:
    """A distinct sentence without its layout."""

    text: str
    demands: list[Demand]
    key: bytes = b""
    parts: tuple[tuple[int, int], ...] = ()
    done: Translation | None = None


class Translator:
    """Translates into English with the packages on this machine.

    The configuration can be pickled; models are loaded on first use, once per process.

    Args:
        packages: Packages, or folders of packages, that take precedence over installed ones.
        glossary: Its source-language terms are checked; None for no checks.
        memory: Stores translations and has corrections; None for none.
        beam: Candidates kept while decoding (`DEFAULT_BEAM` if None); more is slower and slightly
            better.
        device: ``cpu`` or ``cuda``.
        threads: CPU cores to use; None for all that this process may use.
        term_steps: Ways of repairing terms (``n-best``, ``attention``); for measurements.

    >>> Translator(beam=1, device="cuda").signature()[0]
    ('engine', '3 on cuda')
    """

    def __init__(
        self,
        *,
        packages: Sequence[Path] | None = None,
        glossary: TermSource | None = None,
        memory: Memory | None = None,
        beam: int | None = None,
        device: str = "cpu",
        threads: int | None = None,
        term_steps: frozenset[str] = TERM_STEPS,
    ) -> None:
        self._packages = tuple(packages or ())
        self._glossary = glossary
        self._memory = memory
        self._decoding = Decoding(beam=beam or DEFAULT_BEAM)
        self._device = device
        self._threads = threads
        self._term_steps = term_steps
        self._routes: dict[str, tuple[Package, ...]] = {}
        self._chains: dict[tuple[Package, ...], Chain] = {}
        self._recent: dict[tuple[str, str], Translation] = {}
        self.counts: Counter[str] = Counter()
        self.terms = TermStatistics()

    def __getstate__(self) -> dict[str, Any]:
        fresh = {"_chains": {}, "_recent": {}, "counts": Counter(), "terms": TermStatistics()}
        return {**self.__dict__, **fresh}

    # -- what can be done ------------------------------------------------------------------------

    def _route(self, code: str) -> tuple[Package, ...]:
        code = canonical_code(code)
        if code not in self._routes:
            self._routes[code] = route(code, self._packages)
        return self._routes[code]

    def supports(self, code: str) -> bool:
        """Whether packages lead from this language into English.

        Raises:
            PackageError: The package for it has changed since it was installed.
        """
        return bool(self._route(code))

    def package(self, code: str) -> str:
        """The packages from this language into English, as named in translations.

        Raises:
            PackageError: The package for it has changed since it was installed.
        """
        return "+".join(f"{p.pair}-{p.version}:{p.digest[:12]}" for p in self._route(code))

    def remedy(self, code: str) -> str:
        """What a user can do if this language has no package."""
        return remedy(code)

    def signature(self) -> tuple[tuple[str, str], ...]:
        """Everything that shapes translations, except the packages, which translations name."""
        parts = [("engine", identify_engine(self._device)), ("decoding", str(self._decoding))]
        if self._term_steps != TERM_STEPS:
            parts.append(("term-steps", "+".join(sorted(self._term_steps)) or "none"))
        if self._memory is not None and (corrections := self._memory.signature()):
            parts.append(("corrections", corrections))
        return tuple(parts)

    # -- translating -----------------------------------------------------------------------------

    def translate(self, requests: Sequence[Request]) -> list[Translation]:
        """Translate sentences; the results are in the order of the requests.

        Pass as many sentences at once as possible (whole documents, many documents): repetitions
        are then translated once and batches are full. The result for a sentence never depends on
        the others.

        Raises:
            PackageError: A language has no package (ask `supports` first), or it cannot be loaded.
            TranslationMemoryError: The memory is damaged.
        """
        out: list[Translation] = []
        for start in range(0, len(requests), _WINDOW):
            out += self._translate_window(requests[start : start + _WINDOW])
        return out

    def _translate_window(self, requests: Sequence[Request]) -> list[Translation]:
        layouts = [split_layout(request.text) for request in requests]
        wanted: dict[str, dict[str, _Sentence]] = {}
        for request, (_, core, _) in zip(requests, layouts, strict=True):
            code = canonical_code(request.language)
            if has_letters(core) and code != "en":
                wanted.setdefault(code, {}).setdefault(core, _Sentence(core, []))
        for code, sentences in wanted.items():
            self._translate_sentences(code, list(sentences.values()))
        out = []
        for request, (lead, core, tail) in zip(requests, layouts, strict=True):
            sentence = wanted.get(canonical_code(request.language), {}).get(core)
            if sentence is None:
                out.append(Translation(request.text, "kept", reason="nothing to translate"))
                continue
            assert sentence.done is not None  # every sentence wanted was translated or kept
            self.terms.add(sentence.done.terms)
            out.append(_with_layout(sentence.done, lead, tail))
        self.counts["sentences"] += len(requests)
        return out

    def _translate_sentences(self, code: str, sentences: Sequence[_Sentence]) -> None:
        packages = self._route(code)
        if not packages:
            raise PackageError(f"no package translates {code} into English", remedy=remedy(code))
        name = self.package(code)
        self._take_corrections(code, sentences)
        for sentence in sentences:
            sentence.done = sentence.done or self._recent.get((code, sentence.text))
        sentences = [s for s in sentences if s.done is None]
        self.counts["distinct"] += len(sentences)
        self._find_demands(code, sentences)
        self._take_from_memory(sentences, packages, name)
        todo = [s for s in sentences if s.done is None]
        if not todo:
            return
        self._run(code, todo, self._chain(packages, name), name)
        self._store(code, todo, name)
        for sentence in todo:
            assert sentence.done is not None
            self._recent[code, sentence.text] = sentence.done
        while len(self._recent) > _RECENT:
            del self._recent[next(iter(self._recent))]

    def _chain(self, packages: tuple[Package, ...], name: str) -> Chain:
        if packages not in self._chains:
            engines = [Engine(p, device=self._device, threads=self._threads) for p in packages]
            self._chains[packages] = (
                Chain(engines)
                if self._memory is None
                else StoredChain(engines, Decodings(self._memory), name, self.counts)
            )
        return self._chains[packages]

    def align(
        self, language: str, sentence: str, translation: str, runs: Sequence[Span]
    ) -> list[Span | None]:
        """The words of a translation that say what some runs of the sentence say.

        None for a run if that is not known; so it is for all if there are two steps.
        """
        packages = self._route(language)
        attention = None
        if len(packages) == 1:
            engine = self._chain(packages, self.package(language)).engines[0]
            attention = engine.align(sentence, translation)
        if attention is None:
            return [None] * len(runs)
        return [find_run(attention, run, translation) for run in runs]

    def _take_corrections(self, code: str, sentences: Sequence[_Sentence]) -> None:
        if self._memory is None:
            return
        found = self._memory.find_corrections(code, "en", [s.text for s in sentences])
        for sentence in sentences:
            if sentence.text in found:
                sentence.done = Translation(
                    found[sentence.text], "correction", reason="corrected by a person"
                )
                self.counts["corrections"] += 1

    def _find_demands(self, code: str, sentences: Sequence[_Sentence]) -> None:
        if self._glossary is not None:
            for sentence in sentences:
                sentence.demands = find_demands(self._glossary, sentence.text, code)

    def _take_from_memory(
        self, sentences: Sequence[_Sentence], packages: tuple[Package, ...], name: str
    ) -> None:
        if self._memory is None:
            return
        models = "+".join(package.digest for package in packages)
        for sentence in sentences:
            sentence.key = memory_key(
                models, self._options(sentence), identify_engine(self._device), sentence.text
            )
        found = self._memory.find([sentence.key for sentence in sentences])
        for sentence in sentences:
            entry = found.get(sentence.key)
            if entry is not None:
                sentence.done = _recall(entry, name)
                self.counts["remembered"] += 1

    def _options(self, sentence: _Sentence) -> str:
        """All settings that shape this sentence's output; the glossary only if it has terms."""
        options = f"{self._decoding}"
        if sentence.demands or is_capitals(sentence.text):
            digest = getattr(self._glossary, "digest", "")
            asked = hashlib.sha256(repr(sentence.demands).encode()).hexdigest()
            options += f"|{digest}|{asked}|{','.join(sorted(self._term_steps))}"
        return options

    def _run(self, code: str, todo: Sequence[_Sentence], chain: Chain, name: str) -> None:
        apply = self._glossary.apply if self._glossary is not None else None
        places = self._glossary.place_names if self._glossary is not None else ()
        jobs: dict[str, SentenceJob] = {}
        for sentence in todo:
            sentence.parts = tuple(cut_long(sentence.text, chain.engines[0].count, MAX_PIECES))
            for start, end in sentence.parts:
                text = sentence.text[start:end]
                if text not in jobs:
                    inside = _inside(sentence.demands, start, end)
                    jobs[text] = SentenceJob(prepare(text, code, inside, places), apply)
        run_jobs(list(jobs.values()), chain, self._decoding, self.counts, self._term_steps)
        for sentence in todo:
            outcomes = []
            for start, end in sentence.parts:
                outcome = jobs[sentence.text[start:end]].outcome
                assert outcome is not None  # run_jobs gives every job an outcome
                outcomes.append(outcome)
            sentence.done = _join_parts(sentence, outcomes, name)
            self.counts["flagged"] += bool(sentence.done.flags)

    def _store(self, code: str, sentences: Sequence[_Sentence], name: str) -> None:
        if self._memory is None:
            return
        entries = []
        for sentence in sentences:
            done = sentence.done
            assert done is not None
            details = {
                "origin": done.origin,
                "reason": done.reason,
                "flags": [[f.start, f.end, f.rule, f.term, f.reason] for f in done.flags],
                "terms": [[t.term, t.start, t.end, t.rendering, t.step] for t in done.terms],
            }
            packed = json.dumps(details, ensure_ascii=False, separators=(",", ":"))
            entries.append(
                StoredTranslation(
                    sentence.key, code, "en", name, sentence.text, done.text, packed
                )
            )
        self._memory.store(entries)


def _inside(demands: Sequence[Demand], start: int, end: int) -> list[Demand]:
    return [
        replace(demand, start=demand.start - start, end=demand.end - start)
        for demand in demands
        if start <= demand.start and demand.end <= end
    ]


def _join_parts(sentence: _Sentence, outcomes: Sequence[SentenceOutcome], name: str) -> Translation:
    """Join the parts of a sentence, with flags at their places in it."""
    pieces: list[str] = []
    flags: list[Flag] = []
    terms: list[TermOutcome] = []
    cursor = 0
    for (start, end), outcome in zip(sentence.parts, outcomes, strict=True):
        pieces.append(sentence.text[cursor:start])
        source = sentence.text[start:end]
        pieces.append(continue_sentence(source, outcome.text) if start else outcome.text)
        flags += (_flag(mark, start, sentence.text) for mark in outcome.marks)
        terms += (
            TermOutcome(t.term, t.start + start, t.end + start, t.rendering, t.step)
            for t in outcome.terms
        )
        cursor = end
    text = "".join(pieces) + sentence.text[cursor:]
    kept = [outcome.kept for outcome in outcomes if outcome.kept]
    if text == sentence.text:
        reason = f"left untranslated: {kept[0]}" if kept else "nothing to translate"
        return Translation(text, "kept", name, tuple(flags), reason, tuple(terms))
    return Translation(text, "engine", name, tuple(flags), "", tuple(terms))


def _flag(mark: Mark, offset: int, text: str) -> Flag:
    start, end = mark.start + offset, mark.end + offset
    return Flag(STAGE, start, end, text[start:end], mark.rule, mark.term, mark.reason)


def _recall(entry: StoredTranslation, name: str) -> Translation:
    details = json.loads(entry.details)
    flags = tuple(
        Flag(STAGE, start, end, entry.source[start:end], rule, term, reason)
        for start, end, rule, term, reason in details["flags"]
    )
    terms = tuple(TermOutcome(*term) for term in details["terms"])
    origin: Literal["memory", "kept"] = "kept" if details["origin"] == "kept" else "memory"
    return Translation(entry.target, origin, name, flags, details["reason"], terms)


def _with_layout(done: Translation, lead: str, tail: str) -> Translation:
    """The translation with its layout restored, and flags moved accordingly."""
    if not lead and not tail:
        return done
    shift = len(lead)
    return replace(
        done,
        text=lead + done.text + tail,
        flags=tuple(replace(f, start=f.start + shift, end=f.end + shift) for f in done.flags),
        terms=tuple(replace(t, start=t.start + shift, end=t.end + shift) for t in done.terms),
    )
