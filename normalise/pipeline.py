"""The order of the stages, defined only here: clean, detect, translate, spell, standardise.

A ``Pipeline`` takes texts or documents and returns results that can be retraced: each stage's
changes, replayed on the text before it, give the text after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Final

from normalise.data import (
    Document,
    Failure,
    Flag,
    Language,
    Request,
    Result,
    Segment,
    Signature,
    Stage,
)
from normalise.edits import move_blocks
from normalise.formats import read_text
from normalise.language.spelling.variants import HOUSE, check_spelling
from normalise.parts import (
    Detecting,
    Standardising,
    Translating,
    default_furniture,
    default_translator,
    in_spelling,
    load_parts,
)
from normalise.software import identify
from normalise.stages.advance import UNDETERMINED, advance, choose, code_of, is_english
from normalise.stages.cleanup import clean, punctuate
from normalise.stages.exemptions import sign_document, spare
from normalise.stages.runs import align_runs
from normalise.stages.sentences import TRANSLATE, find_cuts, put_in, take_sentences
from normalise.stages.spelling import spell
from normalise.stream import Windows

if TYPE_CHECKING:
    from normalise.data import Translation
    from normalise.glossary.rewrite.standardise import Standardised
    from normalise.settings import Settings
    from normalise.stages.furniture import FurnitureRemover

STANDARDISE: Final = "standardise"

# Characters of documents whose sentences are translated in one call: enough to fill any engine's
# batches, few enough to keep memory use the same for any folder.
WINDOW = 400_000
MOST_DOCUMENTS = 4_096
# Sentences in one call, so that a huge document is bounded as well.
MOST_SENTENCES = 20_000


@dataclass(slots=True)
class _Work:
    """One document on its way through the stages."""

    source: Document
    document: Document
    language: Language
    stages: list[Stage] = field(default_factory=list)
    sentences: list[Segment] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    flags: list[Flag] = field(default_factory=list)
    untranslated: bool = False


class Pipeline:
    """Turns documents into clean, consistent English.

    Args:
        glossary: The terminology to apply; the shipped glossaries by default.
        translator: Translates other languages; by default with the packages on this machine.
        detector: Recognises languages.
        strip_furniture: Also remove lines of page furniture.
        furniture: Recognises page furniture; by default from the shipped list.
        language: The language of every document that does not give its own; detected if empty.
        languages: The languages to detect; all known ones if empty.
        spelling: That of English words and of the house names: ``en-GB``, ``en-GB-oxendict``,
            ``en-US``, or ``keep`` for words as they are.

    The defaults are built on first use, so that making a pipeline costs nothing. They have no
    translation memory; ``build_pipeline`` makes pipelines that do.
    """

    def __init__(
        self,
        *,
        glossary: Standardising | None = None,
        translator: Translating | None = None,
        detector: Detecting | None = None,
        strip_furniture: bool = False,
        furniture: FurnitureRemover | None = None,
        language: str = "",
        languages: Sequence[str] = (),
        spelling: str = HOUSE,
    ) -> None:
        self._spelling = check_spelling(spelling)
        self._glossary = glossary and in_spelling(glossary, spelling)
        self._translator = translator
        self._detector = detector
        self._strip_furniture = strip_furniture
        self._furniture = furniture
        self._language = language
        self._languages = tuple(languages)

    @property
    def glossary(self) -> Standardising:
        """The terminology to apply."""
        if self._glossary is None:
            from normalise.glossary import Glossary

            self._glossary = Glossary.load().in_spelling(self._spelling)
        return self._glossary

    @property
    def translator(self) -> Translating:
        """What translates languages other than English."""
        if self._translator is None:
            self._translator = default_translator(self.glossary)
        return self._translator

    @property
    def detector(self) -> Detecting:
        """What recognises languages."""
        if self._detector is None:
            from normalise.stages.detect import Detector

            self._detector = Detector(self._languages)
        return self._detector

    @property
    def furniture(self) -> FurnitureRemover:
        """What counts as page furniture."""
        if self._furniture is None:
            self._furniture = default_furniture()
        return self._furniture

    def signature(self) -> Signature:
        """Versions and hashes of everything that shapes the output, except packages."""
        parts = [
            ("normalise", identify()),
            ("glossary", f"{self.glossary.version}:{self.glossary.digest[:12]}"),
            *self.translator.signature(),
            ("spelling", self._spelling),
        ]
        if self._strip_furniture:
            parts.append(("furniture", "stripped"))
        if self._language:
            parts.append(("language", self._language))
        if self._languages:
            parts.append(("languages", "+".join(self._languages)))
        return Signature(tuple(parts))

    @classmethod
    def load(
        cls,
        *,
        glossaries: Sequence[Path | str] = (),
        memory: Path | str | None = None,
        language: str = "",
        languages: Sequence[str] = (),
        strip_furniture: bool = False,
        spelling: str = HOUSE,
    ) -> Pipeline:
        """A pipeline with its parts loaded, so that anything missing or wrong is reported now.

        Args:
            glossaries: Files or folders; the shipped glossaries if empty.
            memory: The file of a translation memory; None for no memory.
            language: The language of every document; detected if empty.
            languages: The languages documents may be in; any if empty.
            strip_furniture: Also remove lines of page furniture.
            spelling: ``en-GB``, ``en-GB-oxendict``, ``en-US`` or ``keep``.

        Raises:
            NormaliseError: A glossary, package or memory cannot be used.
        """
        from normalise.settings import Settings

        return build_pipeline(
            Settings(
                glossaries=tuple(map(Path, glossaries)),
                strip_furniture=strip_furniture,
                use_memory=memory is not None,
                memory=Path(memory) if memory is not None else None,
                language=language,
                languages=tuple(languages),
                spelling=spelling,
            )
        )

    def run(self, document: str | Document) -> Result:
        """Convert one text or document.

        >>> Pipeline().run("The 4 good party cells met.").text     # doctest: +SKIP
        'The 4-good Party cells met.'
        """
        return next(self.stream([document]))

    def stream(
        self,
        documents: Iterable[str | Document],
        *,
        most_characters: int = WINDOW,
        most_documents: int = MOST_DOCUMENTS,
    ) -> Iterator[Result]:
        """Convert many documents, in order, with bounded memory; see ``attempt`` for the bounds.

        Raises:
            Exception: Whatever a document raised, after the results of those before it.
        """
        for outcome in self.attempt(
            documents, most_characters=most_characters, most_documents=most_documents
        ):
            if isinstance(outcome, Failure):
                raise outcome.error
            yield outcome

    def attempt(
        self,
        documents: Iterable[str | Document],
        *,
        most_characters: int = WINDOW,
        most_documents: int = MOST_DOCUMENTS,
    ) -> Iterator[Result | Failure]:
        """Convert many documents, in order; one that cannot be converted fails alone.

        Sentences of all documents in a window go to the engine in one call, which fills its
        batches; the results are the same as those of one document at a time.

        Args:
            documents: Texts or documents, read as they are needed.
            most_characters: Read no further ahead than this many characters (and one document).
            most_documents: Nor further than this many documents; with 1 each is converted at once.

        Yields:
            The result of each document, or a ``Failure`` with the document and the exception.
        """
        return Windows(
            self._prepare,
            self._translate,
            partial(self._finish, signature=self.signature()),
            most_characters=most_characters,
            most_documents=most_documents,
        ).run(documents)

    def _translate(self, works: Sequence[_Work]) -> list[list[Translation]]:
        requests = [request for work in works for request in work.requests]
        translations: list[Translation] = []
        for start in range(0, len(requests), MOST_SENTENCES):
            translations += self.translator.translate(requests[start : start + MOST_SENTENCES])
        ends = list(accumulate(len(work.requests) for work in works))
        return [translations[a:b] for a, b in zip([0, *ends], ends, strict=False)]

    def _prepare(self, given: str | Document) -> _Work:
        """Everything before translation: clean, strip, detect, segment."""
        source = read_text(given) if isinstance(given, str) else given
        work = _Work(source, source, Language(UNDETERMINED, 0.0))
        stage = clean(source)
        work.stages.append(stage)
        work.document = advance(source, stage)
        if self._strip_furniture:
            stage, work.document = self.furniture.remove(work.document)
            work.stages.append(stage)
        self._detect(work)
        self._segment(work)
        return work

    def _detect(self, work: _Work) -> None:
        document = work.document
        given = document.language or self._language
        if given:
            work.language = Language(given, 1.0)
            blocks = tuple(replace(block, language=work.language) for block in document.blocks)
            work.document = replace(document, blocks=blocks)
            return
        prose = "\n".join(document.text[b.start : b.end] for b in document.blocks)
        work.language = self.detector.detect_document(prose)
        work.document = replace(
            document,
            blocks=tuple(
                replace(
                    block,
                    language=self.detector.detect_block(
                        document.text[block.start : block.end], work.language
                    ),
                )
                for block in document.blocks
            ),
        )

    def _segment(self, work: _Work) -> None:
        main = work.language.code
        work.untranslated = not (is_english(main) or self.translator.supports(main))
        document = work.document
        cuts = find_cuts(document)
        for block in document.blocks:
            code = code_of(block)
            if is_english(code):
                continue
            if self.translator.supports(code):
                sentences = take_sentences(document, block, code, cuts)
                work.sentences += sentences
                work.requests += [Request(s.text, code, block.kind) for s in sentences]
                continue
            prose = document.text[block.start : block.end]
            if _LETTER.search(prose):
                reason = f"no package from {code} into English"
                if code != main:  # the document's own remedy is given once, with its status
                    reason += f"; {self.translator.remedy(code)}"
                flag = Flag(TRANSLATE, block.start, block.end, prose, "no-package", "", reason)
                work.flags.append(flag)

    def _finish(
        self, work: _Work, translations: Sequence[Translation], *, signature: Signature
    ) -> Result:
        """Everything after translation: put the sentences in, punctuate, spell, standardise."""
        woven = put_in(work.document, work.sentences, translations)
        flags = sorted([*work.flags, *woven.flags], key=lambda flag: (flag.start, flag.end))
        stage = Stage(TRANSLATE, woven.text, woven.changes, tuple(flags))
        work.stages.append(stage)
        blocks = work.document.blocks
        english = [is_english(code_of(b)) or self.translator.supports(code_of(b)) for b in blocks]
        # What the engine could not translate is not English: English punctuation is not for it.
        document = replace(work.document, protected=(*work.document.protected, *woven.kept))
        document = advance(document, stage)

        spared, lost = spare(document, "punctuation")
        stage = punctuate(spared, choose(document.blocks, english))
        work.stages.append(replace(stage, flags=(*stage.flags, *lost)))
        document = advance(document, stage)

        def standardise(document: Document) -> Standardised:
            return self.glossary.apply(
                document.text,
                blocks=choose(document.blocks, english),
                protected=spare(document, STANDARDISE)[0].protected,
                language=work.language.code,
                date=document.date,
            )

        _, lost = spare(document, "spelling")
        stage, document, standardised = spell(self._spelling, document, english, standardise)
        work.stages.append(replace(stage, flags=(*stage.flags, *lost)))
        _, lost = spare(document, STANDARDISE)
        stage = Stage(
            STANDARDISE,
            standardised.text,
            tuple(standardised.changes),
            (*standardised.flags, *lost),
        )
        work.stages.append(stage)
        return Result(
            document=work.source,
            text=stage.text,
            stages=tuple(work.stages),
            language=work.language,
            blocks=move_blocks(document.blocks, stage.changes),
            citations=tuple(standardised.citations),
            terms=woven.terms,
            packages=woven.packages,
            runs=align_runs(self.translator, work.document, work.sentences, translations, woven),
            status="untranslated" if work.untranslated else "done",
            signature=sign_document(signature, work.source.exemptions, woven.packages),
            statistics=_count(work, stage.text),
        )


def build_pipeline(settings: Settings) -> Pipeline:
    """A pipeline for these settings, its parts loaded.

    Raises:
        NormaliseError: A glossary, package or memory cannot be used.
    """
    return Pipeline(**load_parts(settings))


_LETTER = re.compile(r"[^\W\d_]")
_WORD = re.compile(r"\w+(?:['’-]\w+)*")


def _count(work: _Work, text: str) -> dict[str, int]:
    return {
        "words": sum(1 for _ in _WORD.finditer(work.source.text)),
        "words_out": sum(1 for _ in _WORD.finditer(text)),
        "blocks": len(work.document.blocks),
        "sentences_translated": len(work.requests),
    }
