"""Applying decisions: to the document, to the translation memory, to the glossary.

Each decision is judged alone. What does not fit any more is reported and nothing else is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from msgspec import structs

from normalise.batch.records import lock
from normalise.data import Exemption
from normalise.errors import NormaliseError
from normalise.files import write_atomically
from normalise.glossary.source.load import read_files
from normalise.glossary.source.schema import Term, TermFile, Variant
from normalise.maintain.files.merge import merge_terms
from normalise.memory.reviews import CheckedFlag, Review, read_reviews, write_reviews
from normalise.memory.store import Correction, Memory, same_sentence
from normalise.report.decisions import Accept, Check, Correct, Decision, Reject, describe
from normalise.report.folder import open_folder


@dataclass(slots=True)
class Applied:
    """What became of the decisions, in words.

    ``done`` were carried out now, ``already`` had been before, ``failed`` do not fit or could not
    be carried out: the decision, and why. ``files`` were written.
    """

    done: list[str] = field(default_factory=list)
    already: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    files: list[Path] = field(default_factory=list)


def apply_decisions(
    decisions: Iterable[Decision],
    target: Path,
    *,
    memory: Memory,
    glossary: Path | None,
    author: str = "",
    wait: bool = False,
    tell: Callable[[str], object] = lambda message: None,
) -> Applied:
    """Carry out the decisions of a review.

    Args:
        decisions: The decisions, of one or several files.
        target: The output folder that was reviewed.
        memory: Gets the corrections.
        glossary: The working folder of glossaries, for proposals and variants; None if there is
            none, and then these are reported as not carried out.
        author: Who has decided.
        wait: If a run is writing into ``target``, wait for it to finish.
        tell: Called with each message for the user.

    Raises:
        NormaliseError: The output folder, its ``review.json`` or the glossary cannot be read, or
            another run is writing there.
    """
    wanted = list(dict.fromkeys(decisions))
    applied = Applied()
    if wait:
        with lock.hold(target, wait=True, tell=tell):
            pass  # a run that was at work has finished
    with open_folder(target) as folder:
        records = {found.record["path"]: found.record for found in folder.records()}
    with lock.hold(target, wait=wait, tell=tell):
        _decide_documents(wanted, target, records, applied)
    _correct(wanted, memory, author, applied)
    _edit_glossary(wanted, glossary, applied)
    return applied


def _decide_documents(
    decisions: Sequence[Decision],
    target: Path,
    records: Mapping[str, Mapping[str, Any]],
    applied: Applied,
) -> None:
    """Rejected changes and flags that were looked at: into ``review.json``."""
    reviews = read_reviews(target)
    before = dict(reviews)
    for decision in decisions:
        if not isinstance(decision, (Reject, Check)):
            continue
        review = reviews.get(decision.path, Review())
        if isinstance(decision, Reject):
            exemption = Exemption(
                decision.stage, decision.before, decision.context, decision.at, decision.term
            )
            if exemption in review.exemptions:
                applied.already.append(f"{describe(decision)} in this document")
                continue
            problem = _misfit(decision, records.get(decision.path))
            changed = structs.replace(review, exemptions=(*review.exemptions, exemption))
        else:
            flag = CheckedFlag(decision.stage, decision.rule, decision.text, decision.number)
            if flag in review.checked:
                applied.already.append(describe(decision))
                continue
            problem = _misfit(decision, records.get(decision.path))
            changed = structs.replace(review, checked=(*review.checked, flag))
        if problem:
            applied.failed.append((describe(decision), problem))
            continue
        reviews[decision.path] = changed
        where = " in this document" if isinstance(decision, Reject) else ""
        applied.done.append(f"{describe(decision)}{where}")
    if reviews != before:
        applied.files.append(write_reviews(target, reviews))


def _misfit(decision: Reject | Check, record: Mapping[str, Any] | None) -> str:
    """Why a decision does not fit a document any more; empty if it does."""
    if record is None:
        return "there is no such document in this folder now"
    if isinstance(decision, Reject):
        start = decision.at
        if not decision.before or decision.context[start:].find(decision.before) != 0:
            return "the words are not in their sentence: the decision is damaged"
        same = (
            change["stage"] == decision.stage
            and change["before"] == decision.before
            and change["after"] == decision.after
            for change in record.get("changes", ())
        )
        return "" if any(same) else "the change is not made any more"
    alike = sum(
        (flag["stage"], flag["rule"], flag["text"])
        == (decision.stage, decision.rule, decision.text)
        for flag in record.get("flags", ())
    )
    return "" if alike > decision.number >= 0 else "the flag is not raised any more"


def _correct(
    decisions: Sequence[Decision], memory: Memory, author: str, applied: Applied
) -> None:
    """Corrected sentences: into the translation memory."""
    for decision in decisions:
        if not isinstance(decision, Correct):
            continue
        told = describe(decision)
        source, text = decision.source, decision.correction.strip()
        if not same_sentence(source) or not text:
            applied.failed.append((told, "neither the sentence nor its correction may be empty"))
            continue
        try:
            known = memory.find_corrections(decision.language, "en", [source])
            if known.get(source) == text:
                applied.already.append(told)
                continue
            memory.correct([Correction(decision.language, "en", source, text, author)])
        except NormaliseError as error:
            applied.failed.append((told, str(error)))
            continue
        applied.done.append(f"{told} in the translation memory")
        if memory.path not in applied.files:
            applied.files.append(memory.path)


def _edit_glossary(
    decisions: Sequence[Decision], folder: Path | None, applied: Applied
) -> None:
    """Accepted suggestions and proposals: into the files of a working glossary."""
    edits = [d for d in decisions if isinstance(d, Accept) or (isinstance(d, Reject) and d.propose)]
    if not edits:
        return
    if folder is None:
        why = (
            "there is no working folder of glossaries here: run this where the folder glossaries "
            "is, or name it with --glossary"
        )
        applied.failed += ((_glossary_words(decision), why) for decision in edits)
        return
    for decision in edits:
        told = _glossary_words(decision)
        try:
            term = _find_term(folder, decision.term)
            if term is None:
                applied.failed.append((told, f"the glossary has no term {decision.term!r}"))
                continue
            changed = _edit_term(term, decision)
            if changed == term:
                applied.already.append(told)
                continue
            for path, text in merge_terms([changed], folder, None, update=True).texts.items():
                write_atomically(path, text.encode())
                told += f" ({path.name})"
                if path not in applied.files:
                    applied.files.append(path)
        except NormaliseError as error:
            applied.failed.append((told, str(error)))
            continue
        applied.done.append(told)


def _find_term(folder: Path, name: str) -> Term | None:
    for file in read_files([folder]):
        if isinstance(file.value, TermFile):
            for term in file.value.terms:
                if term.id == name:
                    return term
    return None


def _edit_term(term: Term, decision: Accept | Reject) -> Term:
    if isinstance(decision, Accept):
        written = {v.text if isinstance(v, Variant) else v for v in term.variants}
        if decision.form in written:
            return term
        return structs.replace(term, variants=(*term.variants, decision.form))
    sentence = decision.sentence or " ".join(decision.context.split())
    if sentence in {keep if isinstance(keep, str) else keep.text for keep in term.keeps}:
        return term
    return structs.replace(term, keeps=(*term.keeps, sentence))


def _glossary_words(decision: Accept | Reject) -> str:
    if isinstance(decision, Accept):
        return f"glossary: {describe(decision)}"
    return f"glossary: {decision.term} keeps a sentence with '{decision.before}'"
