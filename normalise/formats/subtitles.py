"""Subtitles (.srt, .vtt): the words of the cues; times, settings and tags stay.

A sentence often runs over several cues. It is converted as a whole, and its words are divided among
the lines again, as many for each as it had before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html import unescape

from normalise.data import Document
from normalise.errors import InputError
from normalise.formats.pieces import Gathering, PieceSource
from normalise.formats.source import Reading, TextSource, decode_characters
from normalise.formats.spans import Span, SpanSource, make_source

NAME = "srt"
HEEDS = ("encoding",)

# Characters a line may have in any case; longer ones are wrapped unless the file has such lines.
_WIDTH = 42
# A sentence does not go on over a longer pause (seconds), or over more lines.
_PAUSE = 3.0
_MOST_LINES = 8

_LINE = re.compile(r"([^\r\n]*)(\r\n|\n|\r|\Z)")
_TIME = r"(?:(\d+):)?(\d{1,2}):(\d{2})[.,](\d{1,3})"
_TIMING = re.compile(rf"[ \t]*{_TIME}[ \t]+-->[ \t]+{_TIME}(?:[ \t].*)?")
_NUMBER = re.compile(r"[ \t]*\d+[ \t]*")
_TAG = re.compile(r"</?[A-Za-z][^<>\r\n]{0,500}>|<[\d:.]{1,20}>|</>|\{\\[^{}\r\n]{0,200}\}")
_VOICE = re.compile(r"<v[ .]", re.IGNORECASE)
_DASH = re.compile(r"[ \t]*[-–—][ \t]*(?=[^\W_])")
_ENDED = re.compile(r"[.!?…:♪][\"'”’»)\]]*\s*\Z")
_SOUND = re.compile(r"\s*(?:\[.*\]|\(.*\)|[♪#].*)\s*")
_SPACE_INSIDE = re.compile(r"([ \t]+)((?:</[^<>\r\n]{1,500}>)+)")
_ARROW = re.compile("--+>")


@dataclass(slots=True)
class _Line:
    """A line of a cue: tags and other marks as they are, and between them the indices of pieces."""

    parts: list[str | int] = field(default_factory=list)


@dataclass(slots=True)
class _Cue:
    """A cue's times in seconds, the span of its text, and its lines."""

    start: float
    end: float
    span: Span
    lines: list[_Line] = field(default_factory=list)


@dataclass(slots=True)
class _Subtitles:
    """The cues of a file and their words, sentence by sentence."""

    file: TextSource
    found: Gathering = field(default_factory=Gathering)
    cues: list[_Cue] = field(default_factory=list)
    _open: int = 0  # lines of the block
    _said: str = ""  # the last of its words

    def read(self) -> None:
        text = self.file.text
        is_vtt = _is_vtt(text)
        for timing, span in _find_cues(text):
            cue = _Cue(_seconds(timing.groups()[:4]), _seconds(timing.groups()[4:]), span)
            if self._open and (self.cues and cue.start - self.cues[-1].end > _PAUSE):
                self._close()
            self.cues.append(cue)
            for line in _LINE.finditer(text, *span):
                if line[0]:
                    cue.lines.append(self._read_line(line[1], is_vtt))
        self._close()

    def _read_line(self, raw: str, is_vtt: bool) -> _Line:
        words = _TAG.sub("", raw)
        dash = _DASH.match(raw)
        alone = _SOUND.fullmatch(words) is not None
        if self._open and (
            dash or alone or _VOICE.search(raw) or self._open >= _MOST_LINES
            or _ENDED.search(self._said)
        ):  # fmt: skip
            self._close()
        line = _Line([dash[0]] if dash else [])
        reached = dash.end() if dash else 0
        if self._open:
            self.found.gap("\n")
        for tag in _TAG.finditer(raw, reached):
            self._add(line, raw[reached : tag.start()], is_vtt)
            line.parts.append(tag[0])
            reached = tag.end()
        self._add(line, raw[reached:], is_vtt)
        self._open += 1
        self._said = words
        if alone:
            self._close()
        return line

    def _add(self, line: _Line, raw: str, is_vtt: bool) -> None:
        if raw.strip():
            line.parts.append(self.found.add(unescape(raw) if is_vtt else raw, firm=True))
        elif raw:
            line.parts.append(raw)
            self.found.gap(raw)

    def _close(self) -> None:
        self.found.close()
        self._open, self._said = 0, ""


def read(raw: bytes, name: str, reading: Reading) -> tuple[Document, SpanSource]:
    """The words of the cues, a sentence a block even if it runs over several of them.

    Raises:
        InputError: It is not text, or has no cues.
    """
    file = decode_characters(raw, name=name, encoding=reading.encoding)
    subtitles = _Subtitles(file)
    subtitles.read()
    if not subtitles.cues and file.text.strip() and not _is_vtt(file.text):
        raise InputError(
            "there is no line with times (00:00:01,000 --> 00:00:02,000) in it",
            where=name,
            remedy="check that it is a subtitle file, or rename it to .txt",
        )
    document = subtitles.found.document(name, NAME)
    spans = (cue.span for cue in subtitles.cues)
    return document, make_source(raw, document, file, subtitles.found, spans)


def write(source: PieceSource, texts: Sequence[str]) -> bytes:
    """The subtitles with new words; lines that became too long are wrapped, empty ones dropped."""
    assert isinstance(source, SpanSource)
    subtitles = _Subtitles(source.file)
    subtitles.read()
    old = source.old_texts()
    is_vtt = _is_vtt(source.file.text)
    width = max([_WIDTH, *(_length(_put(line, old)) for c in subtitles.cues for line in c.lines)])
    written: list[str | None] = []
    for cue in subtitles.cues:
        indices = [part for line in cue.lines for part in line.parts if isinstance(part, int)]
        if all(texts[index] == old[index] for index in indices):
            written.append(None)
            continue
        lines = [_put(line, texts, is_vtt) for line in cue.lines]
        lines = [line for line in _merge_bare_tags(lines) if line]
        if any(_length(line) > width for line in lines):
            lines = _wrap(" ".join(lines), width)
        start, end = cue.span
        written.append(source.newline.join(lines) + _last_end(source.file.text[start:end]))
    return source.put(written)


def _is_vtt(text: str) -> bool:
    return text.startswith("WEBVTT")


def _find_cues(text: str) -> Iterator[tuple[re.Match[str], Span]]:
    """The times of each cue, and the span of its text: the lines up to a blank one."""
    timing: re.Match[str] | None = None
    start = end = 0
    previous: Span = (0, 0)
    for line in _LINE.finditer(text):
        found = _TIMING.fullmatch(line[1])
        if found or not line[1].strip():
            if timing:
                # Some files have no blank line before the number of the next cue.
                numbered = found and previous[0] >= start and _NUMBER.fullmatch(
                    text[slice(*previous)].rstrip("\r\n")
                )
                yield timing, (start, previous[0] if numbered else end)
            timing = found
            start = end = line.end()
        else:
            end = line.end()
        previous = line.span()
        if line.end() == len(text):
            break
    if timing:
        yield timing, (start, end)


def _seconds(parts: Sequence[str | None]) -> float:
    hours, minutes, seconds, fraction = (part or "0" for part in parts)
    return int(hours[-6:]) * 3600 + int(minutes) * 60 + int(seconds) + float(f"0.{fraction}")


def _put(line: _Line, texts: Sequence[str], escaped: bool = False) -> str:
    parts = []
    for part in line.parts:
        if isinstance(part, int):
            # Nothing in the words may look like the times of a cue, or end it.
            part = _ARROW.sub("->", " ".join(re.split(r"[\r\n]+", texts[part])))
            if escaped:
                part = part.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        parts.append(part)
    # A space that came to stand before a closing tag belongs behind it.
    return _SPACE_INSIDE.sub(r"\2\1", "".join(parts)).strip()


def _merge_bare_tags(lines: Sequence[str]) -> Iterator[str]:
    """The lines; the tags of one that lost its words go to the next, or else the last."""
    pending = ""
    kept: list[str] = []
    for line in lines:
        if _length(line):
            kept.append(pending + line)
            pending = ""
        else:
            pending += line
    if kept:
        kept[-1] += pending
    yield from kept or [pending]


def _length(line: str) -> int:
    return len(_TAG.sub("", line).strip(" -–—"))


def _wrap(text: str, width: int) -> list[str]:
    """A text as lines of about the same length, none longer than ``width`` where words allow."""
    words = _TAG.sub(lambda tag: tag[0].replace(" ", "\0"), text).split()
    lengths = [_length(word) for word in words]
    whole = sum(lengths) + len(lengths) - 1
    lines = _fill(words, lengths, -(-whole // -(-whole // width)))
    if len(lines) * width >= whole + width:
        lines = _fill(words, lengths, width)  # evenly long, they would be one more
    return [line.replace("\0", " ") for line in lines]


def _fill(words: Sequence[str], lengths: Sequence[int], width: int) -> list[str]:
    lines: list[list[str]] = []
    room = 0
    for word, length in zip(words, lengths, strict=True):
        if lines and length < room:
            lines[-1].append(word)
            room -= length + 1
        else:
            lines.append([word])
            room = width - length
    return [" ".join(line) for line in lines]


def _last_end(raw: str) -> str:
    """The line end that a cue's text ends in, if any."""
    return "\r\n" if raw.endswith("\r\n") else raw[-1] if raw.endswith(("\n", "\r")) else ""
