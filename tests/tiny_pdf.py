"""PDF files made by hand: lines of text at their places, in a font that every reader has."""

from __future__ import annotations

from collections.abc import Sequence

# A line's left edge, its height on the page, the size of its letters, its text.
Placed = tuple[float, float, float, str]


def make_pdf(pages: Sequence[Sequence[Placed]]) -> bytes:
    """A file with a page for each list of lines; an empty one has no text."""
    objects = [b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"]
    parent = 2 * len(pages) + 2
    kids = []
    for lines in pages:
        shown = b"".join(
            b"/F1 %g Tf 1 0 0 1 %g %g Tm (%s) Tj\n" % (size, left, height, _escape(text))
            for left, height, size, text in lines
        )
        stream = b"BT\n" + shown + b"ET"
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        objects.append(
            b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /Font << /F1 1 0 R >> >> >>" % (parent, len(objects))
        )
        kids.append(b"%d 0 R" % len(objects))
    objects.append(b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids)))
    objects.append(b"<< /Type /Catalog /Pages %d 0 R >>" % parent)
    out = b"%PDF-1.4\n"
    table = b"0000000000 65535 f \n"
    for number, content in enumerate(objects, 1):
        table += b"%010d 00000 n \n" % len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    return out + b"xref\n0 %d\n%strailer\n<< /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1, table, len(objects) + 1, len(objects), len(out),
    )  # fmt: skip


def set_lines(texts: Sequence[str], *, top: float = 760, left: float = 72, size: float = 11) -> list[Placed]:
    """Lines below each other, each text at the usual distance from the last; "" makes a gap."""
    return [(left, top - 1.25 * size * at, size, text) for at, text in enumerate(texts) if text]


def _escape(text: str) -> bytes:
    raw = text.encode("cp1252")
    return raw.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
