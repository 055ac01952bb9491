"""Subtitles: sentences over several cues, and what must stay."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalise.data import Language, Result, Stage
from normalise.edits import Edit, apply_edits
from normalise.errors import InputError
from normalise.formats import Reading, render, subtitles
from normalise.formats.spans import SpanSource

SRT = """1
00:00:01,000 --> 00:00:03,000 X1:40 X2:600
Møtet i partikomiteen

2
00:00:03,200 --> 00:00:06,000
var åpent for <i>alle</i>
som ville komme.

3
00:00:09,000 --> 00:00:12,000
- Hvem leder møtet?
- Ledaren av cella.

4
00:00:20,000 --> 00:00:22,000
{\\an8}[applaus]
"""


def blocks(raw: str) -> list[str]:
    document, _ = subtitles.read(raw.encode(), "a.srt", Reading())
    return [document.text[block.start : block.end] for block in document.blocks]


def convert(raw: str, changes: dict[str, str]) -> str:
    """The subtitles with some sentences replaced as a translation would."""
    document, source = subtitles.read(raw.encode(), "a.srt", Reading())
    edits = []
    for old, new in changes.items():
        at = document.text.index(old)
        edits.append(Edit(at, at + len(old), new, "translation"))
    text, made = apply_edits("translate", document.text, edits)
    result = Result(document, text, (Stage("translate", text, made),), Language("nb", 1.0), ())
    return render(source, result).decode()


def test_sentences_run_over_cues_and_lines() -> None:
    assert blocks(SRT) == [
        "Møtet i partikomiteen\nvar åpent for alle\nsom ville komme.",
        "Hvem leder møtet?", "Ledaren av cella.", "[applaus]",
    ]  # fmt: skip


def test_a_sentence_is_divided_among_its_cues() -> None:
    new = convert(
        SRT,
        {
            "Møtet i partikomiteen\nvar åpent for alle\nsom ville komme.":
                "The meeting of the Party Committee was open to all who wanted to come.",
            "Hvem leder møtet?": "Who chairs the meeting?",
        },
    )  # fmt: skip
    first, second, third, fourth = new.rstrip("\n").split("\n\n")
    assert first.startswith("1\n00:00:01,000 --> 00:00:03,000 X1:40 X2:600\nThe meeting")
    assert second.startswith("2\n00:00:03,200 --> 00:00:06,000\n")
    words = " ".join([*first.split("\n")[2:], *second.split("\n")[2:]]).replace("<i>", "").replace("</i>", "")
    assert words.split() == "The meeting of the Party Committee was open to all who wanted to come.".split()
    assert "<i>" in second
    assert " </i>" not in second
    assert third.endswith("- Who chairs the meeting?\n- Ledaren av cella.")
    assert fourth.endswith("{\\an8}[applaus]")


def test_overlong_lines_are_wrapped() -> None:
    long = "The meeting of the Party Committee that had been put off twice was now held in the hall."
    new = convert("1\n00:00:01,000 --> 00:00:03,000\nMøtet ble holdt.\n", {"Møtet ble holdt.": long})
    lines = new.rstrip("\n").split("\n")[2:]
    assert " ".join(lines) == long
    assert len(lines) == 3
    assert all(len(line) <= 42 for line in lines)


def test_words_cannot_break_the_file() -> None:
    raw = "1\n00:00:01,000 --> 00:00:03,000\nMøtet ble holdt.\n\n2\n00:00:05,000 --> 00:00:06,000\nSlutt.\n"
    new = convert(raw, {"Møtet ble holdt.": "One\n\n2\n00:00:02,000 --> 00:00:03,000\nx"})
    assert [len(cue.split("\n\n")) for cue in new.split("Slutt.")] == [2, 1]
    assert new.count("-->") == 2
    vtt = "WEBVTT\n\n00:01.000 --> 00:03.000\nA &amp; B met.\n"
    assert convert(vtt, {"A & B met.": "A & <b> met."}).endswith("\nA &amp; &lt;b&gt; met.\n")


def test_a_cue_may_lose_all_its_words() -> None:
    raw = "1\n00:00:01,000 --> 00:00:02,000\nSå\n\n2\n00:00:02,000 --> 00:00:03,000\nbra.\n\n3\n00:00:09,000 --> 00:00:10,000\nNeste.\n"
    new = convert(raw, {"Så\nbra.": "Good."})
    assert new.count("Good.") == 1
    assert len(list(subtitles._find_cues(new))) == 3


def test_web_subtitles() -> None:
    vtt = (
        "WEBVTT - A meeting\nKind: captions\n\nNOTE The party cell\nis not shown\n\nSTYLE\n::cue { color: red }\n\n"
        "intro\n00:01.000 --> 00:03.000 align:start line:0\n<v Lan>Chào các bạn</v>\n\n"
        "00:03.500 --> 00:05.000\n<v Minh>The <c.x>party cell</c> <00:04.000>met &amp; voted.\n"
    )
    document, source = subtitles.read(vtt.encode(), "a.vtt", Reading())
    assert [document.text[b.start : b.end] for b in document.blocks] == [
        "Chào các bạn", "The party cell met & voted.",
    ]  # fmt: skip
    shouted = subtitles.write(source, [text.upper() for text in source.old_texts()]).decode()
    assert "<v Lan>CHÀO CÁC BẠN</v>" in shouted
    assert "<v Minh>THE <c.x>PARTY CELL</c> <00:04.000>MET &amp; VOTED." in shouted
    assert shouted.startswith(vtt.partition("<v Lan>")[0])


@pytest.mark.parametrize(
    "raw",
    [
        SRT,
        SRT.replace("\n", "\r\n"),
        SRT.replace("\n\n", "\n"),  # no blank lines between cues
        SRT.rstrip("\n"),
        "\ufeff" + SRT,
        "WEBVTT\n",
        "",
        "1\n00:00:01,000 --> 00:00:02,000\n\n\n",
    ],
)
def test_subtitles_come_out_as_they_went_in(raw: str) -> None:
    source = subtitles.read(raw.encode(), "a.srt", Reading())[1]
    assert subtitles.write(source, source.old_texts()) == raw.encode()


def test_missing_blank_lines() -> None:
    assert blocks(SRT.replace("\n\n", "\n")) == blocks(SRT)


def test_what_has_no_times_is_refused() -> None:
    with pytest.raises(InputError, match="no line with times"):
        subtitles.read(b"The party cell met.", "a.srt", Reading())


@pytest.mark.parametrize(
    "text",
    ["<" * 50_000, "{\\" * 30_000, "<i>" * 20_000, "word " * 20_000, "x" * 100_000,
     "\n".join(["a line"] * 20_000), "9" * 5000 + ":00:01,000 --> 00:00:02,000\nx"],
    ids=range(7),
)  # fmt: skip
def test_hostile_subtitles_end(text: str) -> None:
    raw = f"1\n00:00:01,000 --> 00:00:02,000\n{text}\n"
    source = subtitles.read(raw.encode(), "a.srt", Reading())[1]
    assert subtitles.write(source, source.old_texts()) == raw.encode()
    subtitles.write(source, [old + "a b" for old in source.old_texts()])


@given(st.integers())
def test_any_subtitles_come_out_as_they_went_in(seed: int) -> None:
    pick = random.Random(seed)
    parts = ["1\n", "\n", "00:00:01,000 --> 00:00:02,000\n", "word", "<i>", "</i>", "- ", "\r\n", " ", "."]
    raw = "00:00:01,000 --> 00:00:02,000\n" + "".join(pick.choice(parts) for _ in range(pick.randrange(30)))
    source = subtitles.read(raw.encode(), "a.srt", Reading())[1]
    assert isinstance(source, SpanSource)
    assert subtitles.write(source, source.old_texts()) == raw.encode()
