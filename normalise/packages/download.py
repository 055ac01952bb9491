"""Download large files over an unreliable network: resume, retry, and hash what arrived."""

from __future__ import annotations

import hashlib
import http.client
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path

from normalise.errors import PackageError
from normalise.packages.digests import hash_file

Progress = Callable[[int, int], None]  # bytes so far, total bytes (0 = unknown)

TIMEOUT = 30.0  # seconds without a byte
RETRIES = 5
MAX_SIZE = 4 << 30  # bytes
_AGENT = {"User-Agent": "normalise"}  # Argos's server refuses requests without one
_WORTH_RETRYING = frozenset({408, 425, 429, 500, 502, 503, 504})


def _ignore(_done: int, _total: int) -> None:
    """No progress wanted."""


def fetch_text(
    url: str, *, limit: int = 16 << 20, sleep: Callable[[float], None] = time.sleep
) -> str:
    """Download a small text, retrying with growing pauses.

    Raises:
        PackageError: It cannot be downloaded, or is larger than ``limit`` bytes.
    """
    for attempt in range(RETRIES + 1):
        try:
            request = urllib.request.Request(url, headers=_AGENT)
            with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
                data = response.read(limit + 1)
            if len(data) > limit:
                raise PackageError(f"is larger than {limit} bytes", where=url)
            return str(data.decode("utf-8"))
        except (OSError, http.client.HTTPException, UnicodeDecodeError, ValueError) as error:
            if attempt == RETRIES or not _worth_retrying(error):
                raise _failure(url, error) from None
            sleep(_pause(attempt, error))
    raise AssertionError("unreachable")


def fetch_file(
    links: Sequence[str],
    target: Path,
    *,
    progress: Progress = _ignore,
    sleep: Callable[[float], None] = time.sleep,
) -> str:
    """Download a file from the first of several addresses that has it; returns its SHA-256.

    An unfinished download stays next to ``target`` as ``.part`` and is resumed the next time, even
    by a later run.

    Raises:
        PackageError: No address served the file.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    failure: PackageError | None = None
    for link in links:
        tag = hashlib.sha256(link.encode()).hexdigest()[:12]
        part = target.with_name(f"{target.name}.{tag}.part")
        try:
            _fetch_one(link, part, progress, sleep)
        except PackageError as error:
            failure = error
            continue
        part.replace(target)
        _etag_file(part).unlink(missing_ok=True)
        return hash_file(target)
    raise failure or PackageError("has no address to download it from", where=target.name)


def _fetch_one(url: str, part: Path, progress: Progress, sleep: Callable[[float], None]) -> None:
    attempt = 0
    while True:
        before = part.stat().st_size if part.exists() else 0
        try:
            _receive(url, part, progress)
            return
        except (OSError, http.client.HTTPException, ValueError) as error:
            after = part.stat().st_size if part.exists() else 0
            if after > before:
                attempt = 0  # a connection that delivers something is worth another try
            if attempt == RETRIES or not _worth_retrying(error):
                raise _failure(url, error) from None
            sleep(_pause(attempt, error))
            attempt += 1


def _receive(url: str, part: Path, progress: Progress) -> None:
    """One connection: append what is missing, or start over if the server cannot resume."""
    start = part.stat().st_size if part.exists() else 0
    headers = dict(_AGENT)
    etag = _etag_file(part)
    if start:
        headers["Range"] = f"bytes={start}-"
        if etag.exists():
            headers["If-Range"] = etag.read_text(encoding="ascii")
    request = urllib.request.Request(url, headers=headers)
    try:
        response = urllib.request.urlopen(request, timeout=TIMEOUT)
    except urllib.error.HTTPError as error:
        if error.code == 416 and start:
            part.unlink()  # larger than the server's file: another file, or complete already
            raise ConnectionError("the unfinished download does not fit the file") from None
        raise
    with response:
        resumed = response.status == 206 and _range_start(response) == start
        if not resumed:
            start = 0
        length = response.headers.get("Content-Length")
        total = start + int(length) if length and length.isdigit() else 0
        if total > MAX_SIZE:
            raise PackageError(f"is larger than {MAX_SIZE} bytes", where=url)
        tag = response.headers.get("ETag") or ""
        if tag.startswith('"') and tag.isascii():
            etag.write_text(tag, encoding="ascii")
        else:
            etag.unlink(missing_ok=True)
        done = start
        with part.open("ab" if resumed else "wb") as out:
            while block := response.read(1 << 16):
                out.write(block)
                done += len(block)
                if done > MAX_SIZE:
                    raise PackageError(f"is larger than {MAX_SIZE} bytes", where=url)
                progress(done, total)
    if total and done != total:
        raise ConnectionError(f"the connection ended after {done} of {total} bytes")


def _range_start(response: http.client.HTTPResponse) -> int:
    value = response.headers.get("Content-Range") or ""  # "bytes 100-199/200"
    first = value.removeprefix("bytes ").split("-")[0]
    return int(first) if first.isdigit() else -1


def _etag_file(part: Path) -> Path:
    return part.with_name(f"{part.name}.etag")


def _worth_retrying(error: Exception) -> bool:
    if isinstance(error, urllib.error.HTTPError):
        return error.code in _WORTH_RETRYING
    reason = getattr(error, "reason", error)
    if isinstance(reason, socket.gaierror) and reason.errno != socket.EAI_AGAIN:
        return False  # there is no such host, or no network at all
    return not isinstance(error, ValueError)  # not a valid address


def _pause(attempt: int, error: Exception) -> float:
    """Seconds to wait: 1, 2, 4, … or what the server asks for, at most a minute."""
    if isinstance(error, urllib.error.HTTPError):
        asked = error.headers.get("Retry-After") if error.headers else None
        if asked and asked.isdigit():
            return min(float(asked), 60.0)
    return float(min(2**attempt, 60))


def _failure(url: str, error: Exception) -> PackageError:
    reason = getattr(error, "reason", None) or error
    return PackageError(
        f"cannot be downloaded: {reason}",
        where=url,
        remedy="check the network or the proxy (HTTPS_PROXY), or download the file elsewhere "
        "and run normalise models install FILE.argosmodel",
    )
