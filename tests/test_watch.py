"""``convert --watch``: what arrives is converted once it is complete, until a signal comes."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from normalise.batch.convert import convert_folder
from normalise.batch.listing.choose import Choice
from normalise.batch.listing.plan import Job
from normalise.batch.records import lock
from normalise.batch.stop import Stop
from normalise.batch.summary import Summary
from normalise.batch.watch import Settling, watch_folder
from normalise.cli import main
from normalise.pipeline import Pipeline

LONG_AGO = 1_000_000_000


class Clock:
    def __init__(self) -> None:
        self.now = 2_000_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    return tmp_path / "in"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def put(path: Path, text: str, changed: int | None = None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    if changed:
        os.utime(path, (changed, changed))


# -- what is complete --------------------------------------------------------------------------


def test_a_document_is_complete_when_it_stays_as_it_is(clock: Clock) -> None:
    settling = Settling(clock, clock)

    def job(size: int, changed: float) -> Job:
        return Job(Path("a"), b"a", Path("b"), size, changed=int(changed * 1e9))

    assert settling.find_complete([job(5, clock.now - 1)]) == frozenset()
    clock.now += 1.5
    assert settling.find_complete([job(7, clock.now)]) == frozenset()  # it has grown
    clock.now += 1.5
    assert settling.find_complete([job(7, clock.now - 1.5)]) == frozenset()
    assert settling.waiting == {b"a"}
    clock.now += 0.6
    assert settling.find_complete([job(7, clock.now - 2.1)]) == {b"a"}
    assert settling.waiting == frozenset()


def test_a_time_that_a_copy_brings_along_does_not_count(clock: Clock) -> None:
    settling = Settling(clock, clock)

    def job(size: int, changed: float) -> Job:
        return Job(Path("a"), b"a", Path("b"), size, changed=int(changed * 1e9))

    assert settling.find_complete([job(5, clock.now - 1)]) == frozenset()
    # The writer has set an old time, and is still writing.
    assert settling.find_complete([job(6, LONG_AGO)]) == frozenset()
    assert settling.find_complete([job(7, LONG_AGO)]) == frozenset()
    clock.now += 3
    assert settling.find_complete([job(7, LONG_AGO)]) == {b"a"}


def test_what_was_at_rest_before_the_watch_is_complete(clock: Clock) -> None:
    job = Job(Path("a"), b"a", Path("b"), 5, changed=LONG_AGO)
    assert Settling(clock, clock).find_complete([job]) == {b"a"}


def test_what_is_gone_is_not_waited_for(clock: Clock) -> None:
    settling = Settling(clock, clock)
    job = Job(Path("a"), b"a", Path("b"), 5, changed=int(clock.now * 1e9))
    assert settling.find_complete([job]) == frozenset()
    assert settling.find_complete([]) == frozenset()
    assert settling.waiting == frozenset()


# -- rounds ------------------------------------------------------------------------------------


def watch(
    pages: Path,
    out: Path,
    pipeline: Pipeline,
    *events: Callable[[], set[bytes]],
    prune: bool = False,
    stop: Stop | None = None,
) -> list[Summary]:
    """The rounds of a watch; each event acts and says what has changed."""
    rounds: list[Summary] = []

    def convert(choice: Choice) -> Summary:
        rounds.append(convert_folder(pages, out, choice=choice, pipeline=pipeline, prune=prune))
        return rounds[-1]

    def happen() -> Iterator[frozenset[bytes]]:
        yield frozenset()
        for event in events:
            yield frozenset(event())

    watch_folder(
        pages, out, convert, choice=Choice(exclude=("drafts",)), stop=stop or Stop(),
        prune=prune, events=happen(),
    )  # fmt: skip
    return rounds


def test_each_round_takes_what_has_changed(pages: Path, out: Path, pipeline: Pipeline) -> None:
    put(pages / "a.txt", "A party cell.", LONG_AGO)

    def arrive() -> set[bytes]:
        put(pages / "new" / "b.txt", "A party cell met.", LONG_AGO)
        put(pages / "drafts" / "c.txt", "A party cell.", LONG_AGO)
        return {b"new", b"drafts/c.txt"}  # a folder that was moved in is reported as a whole

    rounds = watch(pages, out, pipeline, lambda: set(), arrive, lambda: {b"elsewhere"})
    assert [summary.documents for summary in rounds] == [1, 1]
    assert (out / "a.txt").read_text() == "A Party cell."
    assert (out / "new" / "b.txt").read_text() == "A Party cell met."
    assert not (out / "drafts").exists()


def test_a_document_that_is_still_written_is_not_taken_half(
    pages: Path, out: Path, pipeline: Pipeline, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("normalise.batch.watch.Settling", lambda: Settling(clock, clock))
    put(pages / "z.txt", "At rest.", LONG_AGO)

    def write(text: str, seconds: float, *keys: bytes) -> Callable[[], set[bytes]]:
        def act() -> set[bytes]:
            clock.now += seconds
            if text:
                put(pages / "a.txt", text, int(clock.now))
            return set(keys)

        return act

    rounds = watch(
        pages, out, pipeline,
        write("A party", 0, b"a.txt"),
        write("A party cell", 1, b"a.txt"),
        write("", 1.5),  # nothing is reported, but it is waited for
        write("A party cell met.", 0, b"a.txt"),
        write("", 2.5),
        write("", 2.5),
    )  # fmt: skip
    assert [summary.documents for summary in rounds] == [1, 1]
    assert (out / "a.txt").read_text() == "A Party cell met."


def test_a_watch_can_prune(pages: Path, out: Path, pipeline: Pipeline) -> None:
    put(pages / "a.txt", "A party cell.", LONG_AGO)

    def vanish() -> set[bytes]:
        (pages / "a.txt").unlink()
        return {b"a.txt"}

    assert len(watch(pages, out, pipeline, vanish)) == 1
    assert (out / "a.txt").exists()
    put(pages / "a.txt", "A party cell.", LONG_AGO)
    rounds = watch(pages, out, pipeline, vanish, prune=True)
    assert rounds[-1].pruned == ["a.txt"]
    assert not (out / "a.txt").exists()


def test_a_signal_between_rounds_just_ends_the_watch(
    pages: Path, out: Path, pipeline: Pipeline
) -> None:
    put(pages / "a.txt", "A party cell.", LONG_AGO)
    with Stop() as stop:

        def interrupt() -> set[bytes]:
            signal.raise_signal(signal.SIGTERM)
            raise AssertionError("the signal came to nothing")

        assert len(watch(pages, out, pipeline, interrupt, stop=stop)) == 1
        assert stop.signal == signal.SIGTERM


def test_a_signal_during_a_round_ends_the_watch_as_well(
    pages: Path, out: Path, pipeline: Pipeline
) -> None:
    with Stop() as stop:

        def convert(choice: Choice) -> Summary:
            signal.raise_signal(signal.SIGTERM)
            raise AssertionError("the signal came to nothing")

        put(pages / "a.txt", "A party cell.", LONG_AGO)
        events = iter([frozenset[bytes]()])
        watch_folder(pages, out, convert, choice=Choice(), stop=stop, events=events)
        assert stop.signal == signal.SIGTERM

    def interrupt(choice: Choice) -> Summary:
        raise KeyboardInterrupt

    events = iter([frozenset[bytes]()])
    with pytest.raises(KeyboardInterrupt):  # not by a signal of ours
        watch_folder(pages, out, interrupt, choice=Choice(), stop=Stop(), events=events)


def test_the_library_is_asked_for_where_it_is_missing(
    pages: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    result = CliRunner().invoke(main, ["convert", str(pages), str(out), "--watch", "--no-memory"])
    assert result.exit_code == 1
    assert "pip install 'normalise[watch]'" in result.stderr
    assert not out.exists()


# -- the real thing ----------------------------------------------------------------------------


def wait_for(happened: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while not happened():
        assert process.poll() is None, "the watch has ended"
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.05)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_drop_folder(pages: Path, out: Path, number: signal.Signals) -> None:
    pytest.importorskip("watchfiles", reason="needs the extra `watch`")
    put(pages / "a.txt", "A party cell.", LONG_AGO)
    command = [sys.executable, "-m", "normalise", "convert", str(pages), str(out), "--watch",
               "--no-memory", "--log-json"]  # fmt: skip
    # A background job ignores Ctrl-C from its start; what it starts would inherit that.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = subprocess.Popen(command, stderr=subprocess.PIPE)
    finally:
        signal.signal(signal.SIGINT, before)
    with contextlib.ExitStack() as stack:
        stack.enter_context(process)
        stack.callback(process.kill)  # or a failure would wait for it for ever
        wait_for(lambda: (out / "a.txt").exists(), process)
        # Between rounds the folder is free for others.
        with lock.hold(out, wait=True), (pages / "b.txt").open("w") as file:
            for word in "A party cell of the ward met.".split(" "):
                file.write(word + " ")
                file.flush()
                time.sleep(0.1)
            file.write("\n")
        wait_for(lambda: (out / "b.txt").exists(), process)
        wait_for(lambda: (out / "audit.jsonl").read_bytes().count(b"\n") == 2, process)
        with lock.hold(out, wait=True):
            assert (out / "b.txt").read_text() == "A Party cell of the ward met. \n"
        process.send_signal(number)
        said = process.communicate(timeout=120)[1]
    assert process.returncode == 0, said
    assert b"the watch has ended" in said
