"""The frame of the HTML pages: one self-contained file, light or dark as the reader prefers."""

from __future__ import annotations

from html import escape

_CSS = """
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--paper:#fff;--wash:#f3f5f7;
--line:#d5dae0;--accent:#0b57a4;--old:#b3261e;--old-wash:#fdeceb;--new:#116329;--new-wash:#e6f5ea;
--mark:#ffe7a3}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ed;--soft:#a3adb8;--paper:#14181d;--wash:#1e242b;
--line:#353d47;--accent:#7cb7f5;--old:#ff9d94;--old-wash:#3b1d1b;--new:#7fd894;--new-wash:#16301d;
--mark:#5c4a10}}
*{box-sizing:border-box}
html{scroll-padding-top:5.5rem}
body{margin:0 auto;padding:1.5rem 1rem 4rem;max-width:60rem;color:var(--ink);
background:var(--paper);font:1rem/1.55 system-ui,"Segoe UI","Noto Sans",sans-serif}
h1{font-size:1.6rem;line-height:1.2;margin:.2rem 0 .6rem}h2{font-size:1.15rem;margin:0}
small,.soft,.where{color:var(--soft);font-weight:400}
code{font:.92em ui-monospace,"DejaVu Sans Mono",monospace;background:var(--wash);
padding:.05em .3em;border-radius:4px;overflow-wrap:anywhere}
a{color:var(--accent)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.35rem .5rem;
border-bottom:1px solid var(--line);vertical-align:top}th{font-weight:600}
td.number,th.number{text-align:right;font-variant-numeric:tabular-nums}
del{color:var(--old);background:var(--old-wash)}
ins{color:var(--new);background:var(--new-wash);text-decoration:none;font-weight:600}
.where{margin:.6rem 0 0;font-size:.88rem}.flag{color:var(--old);margin:.2rem 0}
ul{padding-left:1.2rem}p{margin:.35rem 0}section{margin:1.6rem 0}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:.5rem;background:var(--paper)}
"""


def page(title: str, body: str, *, css: str = "", script: str = "", language: str = "en") -> str:
    """A whole page; ``body`` is HTML, the title plain text. It loads nothing from elsewhere."""
    scripts = f"<script>{script}</script>" if script else ""
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_CSS}{css}</style>\n</head>\n<body>\n"
        f'<a class="skip" href="#main">Skip to the content</a>\n<main id="main">\n'
        f"<h1>{escape(title)}</h1>\n{body}\n</main>\n{scripts}\n</body>\n</html>\n"
    )
