"""Mail: subject, texts and attachments, and what must stay."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalise.data import Document
from normalise.errors import InputError
from normalise.formats import Reading, read_document, render
from normalise.formats.mail import message
from normalise.formats.mail.message import MailSource
from normalise.pipeline import Pipeline

PLAIN = (
    b"From: Lan <lan@example.org>\r\nTo: x@example.org\r\nDate: Mon, 03 Mar 2025 08:00:00 +0700\r\n"
    b"Subject: Re: the party cell\r\nX-Other:  kept   as it is\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Content-Transfer-Encoding: %s\r\n\r\n"
)
TEXT = (
    "The party cell met on Monday.\r\n\r\n"
    "> Has the party cell of the southern ward on the\r\n> river met?\r\n>> It has.\r\n"
    "-- \r\nLan, party cell\r\n"
)


def read(raw: bytes, **how: str) -> tuple[Document, MailSource]:
    return message.read(raw, "a.eml", Reading(**how))  # type: ignore[arg-type]


def change(raw: bytes, edit: Callable[[str], str], **how: str) -> bytes:
    source = read(raw, **how)[1]
    return message.write(source, [edit(source.text[p.start : p.end]) for p in source.pieces])


def body(raw: bytes) -> str:
    parsed = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    found = parsed.get_body(("plain", "html"))
    assert found is not None
    return str(found.get_content()).replace("\r", "")


def make_mail(*attachments: tuple[bytes, str, str], html: str = "") -> bytes:
    mail = EmailMessage(policy=email.policy.SMTP)
    mail["From"], mail["Subject"] = "lan@example.org", "Møte i partycellen – 61 medlemmer møtte opp i salen"
    mail.set_content("The party cell met.\n")
    if html:
        mail.add_alternative(html, subtype="html")
    for content, kind, name in attachments:
        main, sub = kind.split("/")
        mail.add_attachment(content, main, sub, filename=name)
    return mail.as_bytes()


def test_texts_are_blocks_and_quotations_stay_quotations() -> None:
    raw = PLAIN % b"8bit" + TEXT.encode()
    document, _ = read(raw)
    assert [document.text[b.start : b.end] for b in document.blocks] == [
        "the party cell", "The party cell met on Monday.", "Has the party cell of the southern ward on the\nriver met?", "It has.",
    ]  # fmt: skip
    assert document.date == "2025-03-03"
    assert change(raw, str.upper) == (PLAIN % b"8bit").replace(b"the party cell", b"THE PARTY CELL") + (
        b"THE PARTY CELL MET ON MONDAY.\r\n\r\n> HAS THE PARTY CELL OF THE SOUTHERN WARD ON THE\r\n> RIVER MET?\r\n>> IT HAS.\r\n"
        b"-- \r\nLan, party cell\r\n"
    )


@pytest.mark.parametrize("coding", [b"7bit", b"8bit", b"quoted-printable", b"base64"])
def test_the_transfer_encoding_stays(coding: bytes) -> None:
    import base64
    import quopri

    coded = TEXT.encode()
    if coding == b"base64":
        coded = base64.encodebytes(coded).replace(b"\n", b"\r\n")
    elif coding == b"quoted-printable":
        coded = quopri.encodestring(TEXT.replace("\r", "").encode()).replace(b"\n", b"\r\n")
    raw = PLAIN % coding + coded
    assert change(raw, lambda text: text) == raw
    new = change(raw, lambda text: text.replace("Monday", "Tuesday"))
    assert body(new) == TEXT.replace("Monday", "Tuesday").replace("\r", "")
    assert email.message_from_bytes(new)["content-transfer-encoding"] == coding.decode()


def test_a_letter_that_the_charset_lacks_changes_the_headers() -> None:
    raw = (PLAIN % b"7bit").replace(b"utf-8", b'"iso-8859-1"; format=flowed') + b"The cell met.\r\n"
    new = change(raw, lambda text: text.replace("cell met", "chi bộ met"))
    assert body(new) == "The chi bộ met.\n"
    parsed = email.message_from_bytes(new)
    assert parsed.get_content_charset() == "utf-8"
    assert parsed.get_param("format") == "flowed"
    assert parsed["x-other"] == "kept   as it is"
    bare = b"From: a@example.org\n\nThe cell met.\n"
    assert body(change(bare, lambda text: text.replace("cell", "chi bộ"))) == "The chi bộ met.\n"


def test_latin_1_stays_latin_1() -> None:
    raw = (PLAIN % b"8bit").replace(b"utf-8", b"iso-8859-1") + "Møtet ble holdt.\r\n".encode("latin-1")
    new = change(raw, lambda text: text.replace("holdt", "avlyst på"))
    assert new.endswith("Møtet ble avlyst på.\r\n".encode("latin-1"))


def test_a_subject_cannot_begin_another_header() -> None:
    raw = PLAIN % b"7bit" + b"x\r\n"
    new = change(raw, lambda text: text.replace("the party cell", "a\r\nBcc: b@example.org\r\n\r\nc\u2028d"))
    parsed = email.message_from_bytes(new, policy=email.policy.default)
    assert parsed["bcc"] is None
    assert parsed["subject"] == "Re: a Bcc: b@example.org c d"
    assert body(new) == "x\n"


def test_an_encoded_subject_is_encoded_again() -> None:
    raw = make_mail()
    new = email.message_from_bytes(change(raw, lambda t: t.replace("partycellen", "chi bộ")), policy=email.policy.default)
    assert new["subject"] == "Møte i chi bộ – 61 medlemmer møtte opp i salen"


def test_attachments_and_pages(pipeline: Pipeline, tmp_path: Path) -> None:
    raw = make_mail(
        (b"id,text\n1,The party cell of the ward met\n", "text/csv", "møte.csv"),
        (b"\x89PNG....", "image/png", "a.png"),
        (b"%PDF-1.4", "application/pdf", "b.pdf"),
        html="<p>The <b>party cell</b> met.</p>",
    )
    path = tmp_path / "a.eml"
    path.write_bytes(raw)
    document, source = read_document(path)
    new = render(source, pipeline.run(document))
    parsed = email.message_from_bytes(new, policy=email.policy.default)
    parts = [part.get_content() for part in parsed.walk() if not part.is_multipart()]
    assert parts[0].strip() == "The Party cell met."
    assert parts[1].strip() == "<p>The <b>Party cell</b> met.</p>"
    assert parts[2].replace("\r", "") == "id,text\n1,The Party cell of the ward met\n"
    assert parts[3:] == [b"\x89PNG....", b"%PDF-1.4"]
    assert source.notes == ("the attachment b.pdf stayed as it was",)


def test_a_damaged_attachment_stays_and_the_rest_is_converted() -> None:
    raw = make_mail((b"\0\0\0", "text/html", "a.html"), (b"a\nb\n", "application/json", "a.jsonl"))
    notes = read(raw)[1].notes
    assert [note.partition(":")[0] for note in notes] == [
        "the attachment a.html stayed as it was", "the attachment a.jsonl stayed as it was",
    ]  # fmt: skip
    assert b"THE PARTY CELL MET" in change(raw, str.upper)


@pytest.mark.parametrize(
    "kind",
    ["multipart/signed; boundary=b", "multipart/encrypted; boundary=b", "application/pkcs7-mime", "text/plain"],
)
def test_what_is_signed_or_encrypted_stays(kind: str) -> None:
    words = "-----BEGIN PGP MESSAGE-----\r\nhQ\r\n" if kind == "text/plain" else "--b\r\n\r\nThe party cell\r\n--b--\r\n"
    raw = f"Subject: the party cell\r\nContent-Type: {kind}\r\n\r\n{words}".encode()
    document, source = read(raw)
    assert not document.blocks
    assert len(source.notes) == 1
    assert "stayed as it was" in source.notes[0]
    assert change(raw, str.upper) == raw


def test_a_forwarded_mail_is_converted() -> None:
    inner = PLAIN % b"8bit" + TEXT.encode()
    raw = b'Subject: one\nContent-Type: multipart/mixed; boundary="=b"\n\npreamble\n--=b\nContent-Type: message/rfc822\n\n'
    raw += inner + b"\n--=b--\nepilogue\n"
    new = change(raw, str.upper)
    assert b"Subject: Re: THE PARTY CELL" in new
    assert b"THE PARTY CELL MET ON MONDAY." in new
    assert new.startswith(b"Subject: ONE\n")
    assert new.endswith(b"--=b--\nepilogue\n")
    assert b"\npreamble\n" in new


def test_long_lines_are_wrapped_as_they_were() -> None:
    raw = PLAIN % b"8bit" + b"The party cell\r\nmet.\r\n"
    new = change(raw, lambda text: text.replace("met.", "met " + "and met " * 40))
    assert all(len(line) <= 76 for line in new.split(b"\r\n"))
    unwrapped = PLAIN % b"8bit" + b"The party cell met " + b"and met " * 20 + b"\r\n"
    new = change(unwrapped, lambda text: text.replace("met", "met" * 60))
    assert all(len(line) <= 998 for line in new.split(b"\r\n"))


def layers(count: int) -> bytes:
    raw = b"the end\n"
    for n in range(count):
        raw = b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) + raw + b"\n--b%d--\n" % n
    return raw


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"The party cell met.", "no mail"),
        (b"", "no mail"),
        (layers(60), "layers"),
        (b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 3000, "1000 parts"),
        (b"Content-Type: message/rfc822\n\n" * 60 + b"x", "layers"),
    ],
)
def test_hostile_mails_are_refused(raw: bytes, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        read(raw)


@pytest.mark.parametrize(
    "raw",
    [
        make_mail()[:-20],
        make_mail((b"x" * 500, "application/zip", "a.zip"))[:-100],
        b"Subject: =?utf-8?b?!!!?= =?x?q?y?=\n\nx\n",
        b"Subject: \xff\xfe\n\n\xff\n",
        b"Subject: a\nContent-Type: text/plain; charset=klingon\n\ncaf\xe9\n",
        b"Subject: a\nContent-Transfer-Encoding: base64\n\n!!!!\n",
        b"Subject: a\nContent-Transfer-Encoding: x-mine\n\nx\n",
        b"Content-Type: multipart/mixed\n\n--b\n\nx\n",
        b"Subject: a\n" + b" folded\n" * 20_000 + b"\nx\n",
        b"A: b\n" * 20_000 + b"\nx\n",
        b"Date: 99 Foo 99999\nSubject: a\n\nx\n",
    ],
    ids=range(11),
)
def test_odd_mails_come_out_as_they_went_in(raw: bytes) -> None:
    assert change(raw, lambda text: text) == raw
    change(raw, str.upper)


@given(st.binary(max_size=60), st.integers(0, 400), st.integers(0, 30))
def test_damaged_mails_end(noise: bytes, at: int, gone: int) -> None:
    raw = make_mail((b"<p>x</p>", "text/html", "a.html"), html="<p>x</p>")
    raw = raw[:at] + noise + raw[at + gone :]
    try:
        assert change(raw, lambda text: text) == raw
    except InputError:
        return
    change(raw, lambda text: text + "é")
