"""What a change to a glossary changes in documents.

Both versions run over the same documents; sentences that come out differently or are flagged
differently are reported under the terms responsible.
"""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from normalise.data import Change, Document, Flag
from normalise.edits import Alignment
from normalise.errors import GlossaryError
from normalise.maintain.corpus import line_number, one_line, sentence_spans

if TYPE_CHECKING:
    from normalise.glossary.glossary import Glossary
    from normalise.glossary.rewrite.standardise import Standardised

_FOLDER = "glossaries"


@dataclass(frozen=True, slots=True)
class Difference:
    """One sentence that two versions of a glossary leave differently.

    ``flags`` are lines such as ``+ flag: 4 good unit (may be a cell …)``.
    """

    document: str
    line: int
    terms: tuple[str, ...]
    source: str
    old: str
    new: str
    flags: tuple[str, ...]


@dataclass(slots=True)
class Comparison:
    """All differences, by the terms responsible."""

    documents: int = 0
    sentences: int = 0
    differences: list[Difference] = field(default_factory=list)

    def by_term(self) -> list[tuple[str, list[Difference]]]:
        """Terms with their differences, those with the most first."""
        groups: dict[str, list[Difference]] = defaultdict(list)
        for difference in self.differences:
            for term in difference.terms:
                groups[term].append(difference)
        return sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))


@contextmanager
def open_version(version: str) -> Iterator[Path]:
    """The folder (or file) of a version: a path, a git revision, or ``revision:path``.

    Raises:
        GlossaryError: It is neither, or the revision has no such folder.
    """
    if Path(version).exists():
        yield Path(version)
        return
    revision, _, path = version.partition(":")
    archive = _git("archive", "--format=tar", f"{revision}:{path or _FOLDER}", version=version)
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
            for member in tar.getmembers():
                # Only glossary files, and nothing outside the folder.
                if member.isfile() and member.name == Path(member.name).name:
                    content = tar.extractfile(member)
                    assert content is not None
                    Path(folder, member.name).write_bytes(content.read())
        yield Path(folder)


def _git(*arguments: str, version: str) -> bytes:
    try:
        top = subprocess.run(
            ["git", "rev-parse", "--show-toplevel"], capture_output=True, check=True, text=True
        ).stdout.strip()
        # --end-of-options: a version must not be taken for an option of git.
        command = ["git", "-C", top, *arguments[:-1], "--end-of-options", arguments[-1]]
        return subprocess.run(command, capture_output=True, check=True).stdout
    except FileNotFoundError:
        problem = "there is no such folder, and git is not installed"
    except subprocess.CalledProcessError as error:
        said = error.stderr if isinstance(error.stderr, str) else error.stderr.decode()
        problem = "neither a folder nor a git revision: " + one_line(said)
    raise GlossaryError(
        problem, where=version,
        remedy="give a folder, a revision (HEAD~1), or revision:folder (v1.0:glossaries)",
    )  # fmt: skip


def compare(old: Glossary, new: Glossary, documents: Iterable[Document]) -> Comparison:
    """Run both glossaries over the documents and collect the sentences that differ."""
    comparison = Comparison()
    for document in documents:
        comparison.documents += 1
        sentences = sentence_spans(document)
        comparison.sentences += len(sentences)
        results = [
            glossary.apply(
                document.text,
                blocks=document.blocks,
                protected=document.protected,
                date=document.date,
            )
            for glossary in (old, new)
        ]
        comparison.differences += _differences(document, sentences, *results)
    return comparison


def _differences(
    document: Document, sentences: list[tuple[int, int]], old: Standardised, new: Standardised
) -> Iterator[Difference]:
    starts = [start for start, _ in sentences]
    changed: dict[int, set[str]] = defaultdict(set)
    flags: dict[int, list[str]] = defaultdict(list)

    def index_of(position: int) -> int:
        return max(0, bisect_right(starts, position) - 1)

    edits = [{_edit(change): change for change in result.changes} for result in (old, new)]
    for key in edits[0].keys() ^ edits[1].keys():
        change = edits[0].get(key) or edits[1][key]
        changed[index_of(change.start)].add(change.term or change.rule)
    raised = [{_raised(flag): flag for flag in result.flags} for result in (old, new)]
    for sign, mine, theirs in (("-", raised[0], raised[1]), ("+", raised[1], raised[0])):
        for mark, flag in mine.items():
            if mark not in theirs:
                changed[index_of(flag.start)].add(flag.term or flag.rule)
                reason = f" ({flag.reason})" if flag.reason else ""
                flags[index_of(flag.start)].append(f"{sign} flag: {one_line(flag.text)}{reason}")
    alignments = Alignment(old.changes), Alignment(new.changes)
    for index in sorted(changed) if sentences else ():
        start, end = sentences[index]
        low, high = (alignment.forward_span(start, end) for alignment in alignments)
        before, after = one_line(old.text[slice(*low)]), one_line(new.text[slice(*high)])
        if before == after and not flags[index]:
            continue
        yield Difference(
            document.name,
            line_number(document.text, start),
            tuple(sorted(changed[index])),
            one_line(document.text[start:end]),
            before,
            after,
            tuple(flags[index]),
        )


def _edit(change: Change) -> tuple[int, int, str]:
    return change.start, change.end, change.after


def _raised(flag: Flag) -> tuple[int, int, str, str]:
    return flag.start, flag.end, flag.rule, flag.term


def marked(old: str, new: str) -> list[tuple[str, str, str]]:
    """The two sentences word by word: ``("=", both, both)``, ``("~", old words, new words)``.

    >>> marked("a party cell met", "a Party cell met")
    [('=', 'a', 'a'), ('~', 'party', 'Party'), ('=', 'cell met', 'cell met')]
    """
    from difflib import SequenceMatcher

    left, right = old.split(), new.split()
    matcher = SequenceMatcher(None, left, right, autojunk=False)
    return [
        ("=" if tag == "equal" else "~", " ".join(left[a:b]), " ".join(right[c:d]))
        for tag, a, b, c, d in matcher.get_opcodes()
    ]


def show_text(comparison: Comparison) -> str:
    """The differences for a terminal, removed words in red, new ones in green."""
    import click

    lines = [_headline(comparison)]
    for term, differences in comparison.by_term():
        lines.append("")
        lines.append(click.style(f"{term}: {_plural(len(differences), 'sentence')}", bold=True))
        for one in differences:
            lines.append(f"  {one.document}:{one.line}")
            if one.old != one.new:
                pieces = marked(one.old, one.new)
                removed = ((tag, before, "[-{}-]", "red") for tag, before, _ in pieces)
                added = ((tag, after, "{{+{}+}}", "green") for tag, _, after in pieces)
                for sign, words in (("-", removed), ("+", added)):
                    shown = (
                        words if tag == "=" else click.style(frame.format(words), fg=colour)
                        for tag, words, frame, colour in words
                        if words
                    )
                    lines.append(f"    {sign} " + " ".join(shown))
            else:
                lines.append("      " + one.source)
            lines += (f"    {flag}" for flag in one.flags)
    return "\n".join(lines) + "\n"


def _headline(comparison: Comparison) -> str:
    return (
        f"{_plural(len(comparison.differences), 'sentence')} of {comparison.sentences} in "
        f"{_plural(comparison.documents, 'document')} come out differently"
    )


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def show_html(comparison: Comparison, old: str, new: str) -> str:
    """The differences as one self-contained page."""
    from html import escape

    from normalise.maintain.html import page

    parts = [f"<p>From <code>{escape(old)}</code> to <code>{escape(new)}</code>: "]
    parts.append(f"{escape(_headline(comparison))}.</p>")
    for term, differences in comparison.by_term():
        parts.append(f"<section><h2>{escape(term)} <small>{len(differences)}</small></h2><ul>")
        for one in differences:
            parts.append(f"<li><p class=where>{escape(one.document)}:{one.line}</p><p>")
            for tag, before, after in marked(one.old, one.new):
                if tag == "=":
                    parts.append(escape(before) + " ")
                else:
                    parts.append(f"<del>{escape(before)}</del> " if before else "")
                    parts.append(f"<ins>{escape(after)}</ins> " if after else "")
            parts.append("</p>")
            parts += (f"<p class=flag>{escape(flag)}</p>" for flag in one.flags)
            parts.append("</li>")
        parts.append("</ul></section>")
    return page("What a glossary change does", "".join(parts))
