"""The article of a web page, without menus, teasers and comments: found by trafilatura."""

from __future__ import annotations

import logging
import re

from normalise.errors import InputError
from normalise.formats.web.tokens import Tag, Text, tokenize

# It tells its logger about every odd page; what matters is said in an error here.
logging.getLogger("trafilatura").addHandler(logging.NullHandler())

_CODE = re.compile(r"<pre>([^<\n]*)</pre>")


def extract(page: str, name: str) -> str:
    """A page that has the article's text of ``page``, its links, lists, tables and pictures.

    Raises:
        InputError: trafilatura is not installed, or finds no article.
    """
    try:
        from trafilatura import extract as find_article
    except ImportError:
        raise InputError(
            "the main text of pages is found by trafilatura, which is not installed",
            where=name,
            remedy="pip install 'normalise[web]', or leave out --main-text",
        ) from None
    article = find_article(
        page, output_format="html", include_comments=False, include_tables=True,
        include_formatting=True, include_links=True, include_images=True,
    )  # fmt: skip
    if not article:
        raise InputError(
            "no article was found on this page",
            where=name,
            remedy="leave out --main-text to convert the whole page",
        )
    body = article[article.index("<body") : article.rindex("</html>")].rstrip()
    body = _CODE.sub(r"<code>\1</code>", body)  # trafilatura writes all code alike
    head = f'<meta charset="utf-8">\n<title>{_find_title(page)}</title>'
    return f"<!DOCTYPE html>\n<html>\n<head>\n{head}\n</head>\n{body}\n</html>\n"


def _find_title(page: str) -> str:
    """The source of the page's title."""
    inside = False
    for token in tokenize(page):
        if isinstance(token, Tag):
            if inside or token.name == "body":
                break
            inside = token.name == "title"
        elif inside and isinstance(token, Text):
            return page[token.start : token.end].strip()
    return ""
