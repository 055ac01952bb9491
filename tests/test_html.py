"""Web pages: what is prose in them, and that nothing else changes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normalise import Pipeline
from normalise.errors import InputError
from normalise.formats import Reading
from normalise.formats.web import html
from normalise.formats.web.tokens import tokenize


def blocks(page: str) -> list[tuple[str, str]]:
    document, _ = html.read(page.encode(), "a.html", Reading())
    return [(b.kind, document.text[b.start : b.end]) for b in document.blocks]


def convert(page: str | bytes, **reading: object) -> str:
    raw = page.encode() if isinstance(page, str) else page
    from normalise.formats import render

    document, source = html.read(raw, "a.html", Reading(**reading))  # type: ignore[arg-type]
    return render(source, Pipeline().run(document)).decode(source.encoding)


def upper(page: str, old: str, new: str) -> str:
    """The page after every piece had ``old`` replaced by ``new``."""
    _, source = html.read(page.encode(), "a.html", Reading())
    texts = [source.text[p.start : p.end].replace(old, new) for p in source.pieces]
    return html.write(source, texts).decode()


def test_blocks_have_kinds() -> None:
    page = """<title>T one</title><h2>Head <i>ing</i></h2><p>One<br>two<br><br>three
    <ul><li>a<li><p>b</p><ol><li>c</ol></ul>
    <table><caption>cap</caption><tr><th>x<td>y<tr><td>z</table>
    <figure><img alt="A photo of the hall"><figcaption>fig</figcaption></figure>
    <blockquote>said</blockquote>"""
    assert blocks(page) == [
        ("title", "T one"), ("heading", "Head ing"), ("paragraph", "One\ntwo"), ("paragraph", "three"),
        ("list-item", "a"), ("list-item", "b"), ("list-item", "c"), ("caption", "cap"),
        ("cell", "x"), ("cell", "y"), ("cell", "z"), ("caption", "A photo of the hall"),
        ("caption", "fig"), ("quote", "said"),
    ]  # fmt: skip


def test_cells_and_lists_know_their_places() -> None:
    page = "<table><tr><td>a<td>b<tr><td><table><tr><td>in</table><td>c</table><ul><li>d<ol><li>e</ol></ul>"
    _, source = html.read(page.encode(), "a.html", Reading())
    assert [(source.text[p.start : p.end], p.cell, p.level, p.ordered) for p in source.parts] == [
        ("a", (0, 0, 0), 0, False), ("b", (0, 0, 1), 0, False), ("in", (1, 0, 0), 0, False),
        ("c", (0, 1, 1), 0, False), ("d", None, 1, False), ("e", None, 2, True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "page",
    [
        "<!-- party cell --><p>x</p>",
        "<script>if (a<b) { '<p>party cell</p>' }</script>",
        "<script><!-- <script>x</script> party cell --></script>",
        "<STYLE>party cell</sTyLe >",
        "<textarea>party cell</textarea>",
        "<svg><text>party cell</text></svg>",
        "<code>party <b>cell</b></code>",
        "<pre>party cell</pre>",
        "<kbd>party cell</kbd>",
        "<p translate=no>party cell<p>x",
        "<div class='a notranslate'><div>party</div> party cell</div>",
        "<a href='party cell' data-x=\"party cell\">x</a>",
        "<img alt='party_cell.png'><img alt=party>",
        "<![CDATA[ party cell ]]>",
        "<?php party cell ?>",
        "<!DOCTYPE party cell>",
        "</ party cell>",
        "<p title='party cell",
    ],
)
def test_what_is_no_prose_stays(page: str) -> None:
    assert upper(page, "party", "X") == page


def test_the_words_after_what_stays_are_found() -> None:
    page = "<p translate=no>party<p>party</p><code>party</code> party <pre>party</pre>party"
    assert upper(page, "party", "X") == "<p translate=no>party<p>X</p><code>party</code> X <pre>party</pre>X"


@pytest.mark.parametrize(
    ("page", "want"),
    [
        ("<p>\n  The  party\n cell &amp; I\n</p>", "<p>\n  The X\n cell &amp; I\n</p>"),
        ("a party <b>b</b>", "a X <b>b</b>"),
        ("x &lt;party&gt; \xa0&eacute;", "x &lt;X&gt; \xa0é"),
        ("<img alt='the party&#39;s \"cell\"'>", "<img alt='the X&#39;s \"cell\"'>"),
        ('<img alt="the party&quot;s">', '<img alt="the X&quot;s">'),
        ("<p title=it's>party</p>", "<p title=it's>X</p>"),
        ("1 < 2 party", "1 &lt; 2 X"),
        ("<title>party</title><meta content='party a' name=description>", "<title>X</title><meta content='X a' name=description>"),
    ],
)
def test_only_the_text_changes(page: str, want: str) -> None:
    # White space inside a text that changed is written as one space.
    assert upper(page, "party", "X").split() == want.split()
    assert upper(page, "nothing", "X") == page


@pytest.mark.parametrize("mark", ["<sup>1</sup>", '<sup id=a><a href="#n1">[12]</a></sup>', "<sup>*</sup>"])
def test_the_number_of_a_note_is_not_read(mark: str) -> None:
    page = f"<p>One met.{mark} Two party{mark}</p>"
    assert blocks(page) == [("paragraph", "One met. Two party")]
    assert upper(page, "party", "X") == page.replace("party", "X")
    assert blocks("<p>5 m<sup>2</sup>, 1<sup>st</sup> one</p>") == [("paragraph", "5 m, 1st one")]


def test_spaces_follow_the_words() -> None:
    page = "<p> <b>one</b> two</p>"
    _, source = html.read(page.encode(), "a.html", Reading())
    assert [source.text[p.start : p.end] for p in source.pieces] == ["one", " two"]
    assert html.write(source, ["", "Two one"]).decode() == "<p> <b></b>Two one</p>"
    assert html.write(source, ["one ", "two"]).decode() == "<p> <b>one </b>two</p>"


def test_a_page_is_converted() -> None:
    page = (
        '<html><body class="party cell"><h1>The city has 61 4 good party cells</h1>'
        '<p>See <a href="/party cell">the party cell</a> &copy; <em>2025</em>.</p></body></html>'
    )
    assert convert(page) == (
        '<html><body class="party cell"><h1>The city has 61 4-good Party cells</h1>'
        '<p>See <a href="/party cell">the Party cell</a> &copy; <em>2025</em>.</p></body></html>'
    )
    assert convert(convert(page)) == convert(page)


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        ("<p>Lào Cai".encode("utf-8-sig"), "utf-8"),
        ("<p>Lào Cai".encode("utf-16"), "utf-16-le"),
        (b'<meta charset="ISO-8859-1"><p>L\xe0o Cai', "cp1252"),
        (b'<meta http-equiv=x content="text/html; charset=windows-1252"><p>L\xe0o Cai', "windows-1252"),
        ('<meta charset="windows-1252"><p>Lào Cai'.encode(), "utf-8"),
        ('<meta charset="utf-16"><p>Lào Cai'.encode(), "utf-8"),
        ('<meta charset="rot13"><p>Lào Cai'.encode(), "utf-8"),
    ],
)
def test_the_encoding_is_what_the_page_says_unless_it_is_utf_8(raw: bytes, encoding: str) -> None:
    document, source = html.read(raw, "a.html", Reading())
    assert document.text == "Lào Cai"
    assert source.encoding == encoding
    assert html.write(source, ["Lào Cai"]) == raw


def test_a_letter_the_encoding_lacks_becomes_an_entity() -> None:
    _, source = html.read(b'<meta charset="windows-1252"><p>x y\xe9', "a.html", Reading())
    assert html.write(source, ["bộ"]).endswith(b"<p>b&#7897;")


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(InputError, match="binary"):
        html.read(b"\x00\x01\x02", "a.html", Reading())
    with pytest.raises(InputError, match="--encoding"):
        html.read(b"<p>L\xe0o", "a.html", Reading())


@pytest.mark.parametrize(
    ("page", "date"),
    [
        ('<meta property="article:published_time" content="2025-02-03T08:00:00+07:00">', "2025-02-03"),
        ('<time itemprop="datePublished" datetime="2025-02-03">Monday</time>', "2025-02-03"),
        ('<meta name="date" content="3/2/2025">', None),
        ('<time datetime="2025-02-03">Monday</time>', None),
    ],
)
def test_the_date_is_taken_where_it_is_certain(page: str, date: str | None) -> None:
    assert html.read(page.encode(), "a.html", Reading())[0].date == date


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 50_000 + "x",
        "<ul><li>" * 20_000 + "</ol>" * 20_000 + "x",
        "<b" * 50_000,
        "<a '" * 50_000,
        '<a x="' * 50_000,
        "<!--" * 50_000,
        "<script>" * 50_000,
        "<script><!--<script></script>" * 20_000,
        "&amp" * 50_000 + "&#x110000;" + "&" * 50_000,
        "<td>" * 50_000,
        "<" * 100_000 + " " * 100_000,
        "<p " + " " * 200_000 + "=",
        "<a" + " b" * 100_000,
        "<table>" + "<tr><td>cell one<td>2" * 50_000,
    ],
)
def test_hostile_pages_take_no_longer_than_others(page: str) -> None:
    _, source = html.read(page.encode(), "a.html", Reading())
    texts = [source.text[piece.start : piece.end] for piece in source.pieces]
    assert html.write(source, texts).decode() == page


PAGES = st.lists(
    st.sampled_from(
        ["<p>", "</p>", "<b>", "</b>", "<br>", "<!--", "-->", "<pre>", "</pre>", "<td>", "</table>", "<a x='", "'>",
         '"', ">", "<", "&", "&lt;", "<script>", "</script>", "<li>", "</li>", "<p translate=no>", "<img alt=\"a b\">",
         "word", " ", "\n", "Đảng", "]]>", "/", "="]
    ), max_size=30,
).map("".join)  # fmt: skip


@given(PAGES, st.booleans())
def test_any_page_comes_back_unchanged(page: str, xml: bool) -> None:
    spans = [(token.start, token.end) for token in tokenize(page, xml=xml)]
    assert spans == sorted(spans)
    assert all(a <= b for a, b in spans)
    words = html.Words(page, xml)
    document = words.gathering.document("a", "html")
    texts = [document.text[p.start : p.end] for p in words.gathering.pieces]
    assert html.put_in(page, words.slots, texts, texts) == page


PAGE = """<html><head><title>Party cells meet</title></head><body><nav><a href=/>Home</a> <a href=/b>Politics</a></nav>
<main><article><h1>The city has 61 4 good party cells</h1><p>The organisation commission of the city said on Monday that
its party cells had held their meetings, discussed the tasks of the coming months and admitted new members.</p>
<p>The standing committee asked every cell to report before the end of the month, and to review its own plans for
the year together with the <a href="x.html">grassroots organisations</a> in the wards and communes.</p></article></main>
<aside>Most read: party cell jokes</aside><footer>Copyright 2025</footer></body></html>"""


def test_the_main_text_is_the_article_alone() -> None:
    pytest.importorskip("trafilatura", reason="the extra `web` is not installed")
    page = convert(PAGE, main_text=True)
    assert "<h1>The city has 61 4-good Party cells</h1>" in page
    assert '<a href="x.html">grassroots' in page
    assert "<title>Party cells meet</title>" in page
    assert "Most read" not in page
    assert "Politics" not in page
    with pytest.raises(InputError, match="no article"):
        convert("<p></p>", main_text=True)
