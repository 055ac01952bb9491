"""The glossary as one browsable page: search, terms with variants, examples and provenance."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from normalise.glossary.source.schema import (
    Abbreviation,
    Example,
    FlagEntry,
    Keep,
    Term,
    Variant,
    When,
)
from normalise.language.codes import name_language
from normalise.maintain.diff import marked
from normalise.maintain.files.serialise import to_plain
from normalise.maintain.html import page

if TYPE_CHECKING:
    from normalise.glossary.glossary import Glossary

_CSS = """
.topics{columns:16rem;list-style:none;padding:0;margin:1rem 0}
h3{margin:0}
.bar{position:sticky;top:0;background:var(--paper);padding:.6rem 0;border-bottom:1px solid
var(--line);z-index:1}.bar label{font-weight:600;display:block}
.bar input{width:100%;font:inherit;color:inherit;background:var(--wash);
border:1px solid var(--soft);border-radius:6px;padding:.45rem .6rem}
article{padding:1rem 0;border-bottom:1px solid var(--line)}
article:target{background:var(--wash);margin:0 -.75rem;padding:1rem .75rem}
.head{display:flex;flex-wrap:wrap;gap:.2rem .7rem;align-items:baseline}
.head a{text-decoration:none;color:var(--soft);font-size:.9rem}
dl{display:grid;grid-template-columns:minmax(7rem,10rem) 1fr;gap:.25rem 1rem;margin:.6rem 0 0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}dd ul{margin:0;padding-left:1.1rem}
details>summary{cursor:pointer;color:var(--accent)}
.tag{font-size:.82rem;border:1px solid var(--line);border-radius:99px;padding:0 .55rem}
.proposed,.deprecated{color:var(--old)}
@media(max-width:34rem){dl{grid-template-columns:1fr}dd{margin-bottom:.4rem}}
@media print{.bar{display:none}details:not([open])>*{display:block}}
"""

# The search box ignores case and diacritics, with đ as d. Each article's own text is searched.
_SCRIPT = """
const box=document.getElementById('search'),count=document.getElementById('count');
const fold=text=>text.toLowerCase().normalize('NFD').replace(/[\\u0300-\\u036f]/g,'')
  .replace(/đ/g,'d').replace(/[\\u2019\\u2018]/g,"'");
const rows=[...document.querySelectorAll('article')].map(node=>[node,fold(node.textContent)]);
const topics=[...document.querySelectorAll('section')];
function search(){
  const words=fold(box.value).split(/\\s+/).filter(Boolean);let shown=0;
  for(const [node,text] of rows){
    node.hidden=!words.every(word=>text.includes(word));shown+=!node.hidden}
  for(const topic of topics)topic.hidden=!topic.querySelector('article:not([hidden])');
  count.textContent=words.length?`${shown} of ${rows.length} terms`:`${rows.length} terms`;
}
box.addEventListener('input',search);
addEventListener('hashchange',()=>{const node=document.getElementById(location.hash.slice(1));
  if(node&&node.hidden){box.value='';search();node.scrollIntoView()}});
search();
"""


def write_page(glossary: Glossary, topics: Iterable[tuple[str, Iterable[Term]]]) -> str:
    """The page, HTML; ``topics`` are the topics with their terms, in the order of the page."""
    parts = [
        f'<p class="soft">{escape(glossary.manifest.name)}, version {escape(glossary.version)}. '
        "Each term has one preferred name; its variants are rewritten to it.</p>",
        '<div class="bar" role="search"><label for="search">Search names, variants, other '
        'languages and definitions</label><input id="search" type="search" autocomplete="off">'
        '<p id="count" class="soft" role="status" aria-live="polite"></p></div>',
    ]
    filled = [(topic, some) for topic, terms in topics if (some := list(terms))]
    links = "".join(
        f'<li><a href="#topic-{number}">{escape(topic)}</a> <small>{len(terms)}</small></li>'
        for number, (topic, terms) in enumerate(filled, 1)
    )
    parts.append(f'<nav aria-label="Topics"><ul class="topics">{links}</ul></nav>')
    for number, (topic, terms) in enumerate(filled, 1):
        parts.append(f'<section><h2 id="topic-{number}">{escape(topic)}</h2>')
        parts += (_article(term) for term in terms)
        parts.append("</section>")
    return page("Glossary", "\n".join(parts), css=_CSS, script=_SCRIPT)


def _article(term: Term) -> str:
    status = (
        "" if term.status == "approved" else f' <span class="{term.status}">{term.status}</span>'
    )
    tags = "".join(f' <span class="tag">{escape(tag)}</span>' for tag in term.tags)
    rows = [
        ("Plural", escape(term.plural or "")),
        ("Admitted", _list(map(escape, term.admitted))),
        ("Abbreviations", _list(map(_abbreviation, term.abbreviations))),
        *(
            (_language(code), _list(_foreign(name, code) for name in names))
            for code, names in term.sources.items()
        ),
        ("Variants", _list(map(_variant, term.variants))),
        ("Left alone in", _list(map(escape, term.forbidden))),
        ("For a person", _list(map(_flag, term.flags))),
        ("Examples", _list(map(_example, term.examples))),
        ("Stays", _list(map(_keep, term.keeps))),
        ("Notes", escape(term.notes)),
        ("Source", _list(_provenance(origin) for origin in term.provenance)),
    ]
    details = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in rows if value)
    definition = f"<p>{escape(term.definition)}</p>" if term.definition else ""
    return (
        f'<article id="{term.id}"><div class="head"><h3>{escape(term.preferred)}</h3>'
        f'<a href="#{term.id}" aria-label="Link to {escape(term.preferred)}">#{term.id}</a>'
        f"{status}{tags}</div>{definition}<dl>{details}</dl></article>"
    )


def _list(items: Iterable[str]) -> str:
    rows = list(items)
    if len(rows) < 2:
        return "".join(rows)
    return "<ul>" + "".join(f"<li>{row}</li>" for row in rows) + "</ul>"


def _language(code: str) -> str:
    return escape(name_language(code))


def _foreign(name: str, code: str) -> str:
    return f'<span lang="{escape(code)}">{escape(name)}</span>'


def _abbreviation(short: Abbreviation) -> str:
    language = "" if short.language == "en" else f" ({escape(_language(short.language))})"
    return _foreign(short.text, short.language) + language + _when(short.when)


def _variant(variant: str | Variant) -> str:
    if isinstance(variant, str):
        return escape(variant)
    becomes = f" → <b>{escape(variant.becomes)}</b>" if variant.becomes else ""
    return escape(variant.text) + becomes + _when(variant.when)


def _flag(flag: FlagEntry) -> str:
    return f"{escape(flag.text)}{_when(flag.when)}: {escape(flag.reason)}"


def describe_when(when: When | tuple[When, ...] | None) -> list[str]:
    """Conditions in the file's own words, one text for each set of which one must hold.

    >>> describe_when(When(counted=True, followed_by=("met",)))
    ['counted: true, followed-by met']
    """
    if when is None:
        return []
    sets = (when,) if isinstance(when, When) else when
    return [", ".join(_condition(k, v) for k, v in to_plain(one).items()) for one in sets]


def _when(when: When | tuple[When, ...] | None) -> str:
    said = "; or ".join(describe_when(when))
    return f' <span class="soft">if {escape(said)}</span>' if said else ""


def _condition(name: str, value: object) -> str:
    if isinstance(value, dict):
        within = value.get("within", "sentence")
        unit = f"within {within} words" if isinstance(within, int) else f"in the {within}"
        return f"{name} {' / '.join(value['any'])} ({unit})"
    if isinstance(value, list):
        return f"{name} {' / '.join(map(str, value))}"
    return f"{name}: {str(value).lower()}"


def _example(example: Example) -> str:
    if example.text == example.becomes:
        return escape(example.text) + ' <span class="soft">(stays)</span>'
    words = []
    for tag, before, after in marked(example.text, example.becomes):
        if tag == "=":
            words.append(escape(before))
        else:
            words.append(f"<del>{escape(before)}</del>" if before else "")
            words.append(f"<ins>{escape(after)}</ins>" if after else "")
    flagged = ' <span class="soft">(flagged)</span>' if example.flagged else ""
    return " ".join(filter(None, words)) + flagged


def _keep(keep: str | Keep) -> str:
    if isinstance(keep, str):
        return escape(keep)
    return escape(keep.text) + (" (flagged)" if keep.flagged else "")


def _provenance(origin: object) -> str:
    plain = to_plain(origin)
    reviewer = f"reviewed by {plain['reviewer']}" if "reviewer" in plain else ""
    return escape(", ".join(filter(None, (plain["source"], plain.get("date"), reviewer))))
