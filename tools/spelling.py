"""Make the list of English spellings from VarCon.

    python tools/spelling.py codegen.rs

VarCon (Kevin Atkinson, with SCOWL) is the list that spelling checkers are made from. Its plain
text is in no package registry, but the source distribution of ``typos`` (1.52.0 was used) carries
all of it as ``crates/varcon/src/codegen.rs``, one structure for each of VarCon's lines. This
program reads that file and writes ``normalise/language/spelling/variants.txt``.

What is taken: words that a dictionary has (SCOWL's levels up to 70) and whose preferred American,
British or Oxford forms differ; of those that nobody has verified only regular -ize/-ise words
and a few more, because the others are full of accidents ("ern/ren"). A form that has two
counterparts in another spelling, depending on its sense, is marked with a question mark: it is
changed only where its sense is certain (``senses.py``).
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

TARGET = Path(__file__).parent.parent / "normalise" / "language" / "spelling" / "variants.txt"
CATEGORIES = ("American", "BritishIse", "BritishIze")
# Levels of SCOWL: up to 70 is in dictionaries, beyond it "may not even be a legal word".
MOST_LEVEL = 70

# Pairs that are two words, two registers or a matter of taste rather than two spellings.
LEFT_OUT = frozenset(
    "adapter adapters airfoil airfoils airplane airplanes ambiance ambiances appall asshole "
    "assholes ass asses balk balked balking balks brier briers busings caftan caftans chaperon "
    "chaperons collectible collectibles czar czars diked diking dryly fagoted fagoting flier "
    "fliers fogy fogies groined groining hankie heme indraft indrafts judgment judgmental "
    "judgments misjudgment misjudgments prejudgment prejudgments lasagna lasagnas lupines math "
    "moggy mom moms myna mynas naught naughts oversize peddler peddlers reprized ruble rubles "
    "slier sliest specialties specialty subspecialties subspecialty sweepstakes tambura tamburas "
    "thruway thruways unbeknownst whir whirs whiz meow meowed meowing meows omelet omelets "
    "borage borg forme fosse penne manila chili plage stele bark barks caster casters mat mats "
    "matte groin groins lupine sake sakes bused busing buses jibe jibed jibes jibing gibe gibed "
    "gibes gibing hippie backward onward calk calked calking calks fagot fagots blond blonds "
    "absinthe absinthes sheik sheiks whiskey whiskeys prize prized prizes prizer prizers prizing "
    "descendant dependent dependents apprize apprized apprizes apprizing cosie veter sher stentor "
    "stentors pandora dora lory digitalizes fetor jewelry's micrometer micrometers".split()
)
# Pairs that nobody has verified in VarCon and that we have read over.
READ_OVER = frozenset(
    "backpedaled backpedaling carburetor carburetors colorblind colorblindness colorfast colorize "
    "colorized colorizes colorizing colorization curb curbed curbing curbs honoree honorees "
    "licorice mislabeled mislabeling multicolored recolor recolored recoloring recolors relabeled "
    "relabeling rumormonger rumormongers skillful skillfully subtotaled subtotaling tricolor "
    "tricolors unarmored".split()
)
# Words with two senses that VarCon does not tell apart: who drafts a law is a draftsman anywhere,
# who draws a plan is a draughtsman; rigor mortis.
DOUBTFUL = frozenset("draftsman draftsmen draftsmanship draftswoman draftswomen rigor".split())
# Inflections of adjectives that nobody writes ("behavioraler").
_NEVER_WRITTEN = re.compile(
    r"(?:rr|edd|enn|less|ful|abl|[nrct]al|ic|ish|ous|som)(?:er|est)$|li(?:er|est)$|nesses$"
)
# Verbs of modern administration that VarCon lacks, or of which it lacks some forms.
STEMS = (
    "anonymiz bureaucratiz componentiz corporatiz customiz decarboniz deindustrializ "
    "denucleariz deprioritiz digitaliz digitiz equitiz financializ informatiz marketiz "
    "monetiz norwegianiz operationaliz optimiz parameteriz prioritiz privatiz pseudonymiz "
    "reauthoriz recategoriz reindustrializ sanitiz securitiz serializ sexualiz strategiz "
    "uncategoriz visualiz weaponiz"
).split()
ENDINGS = ("e", "ed", "es", "ing", "er", "ers", "ation", "ations", "able")

_TOKEN = re.compile(
    r"(?P<cluster>Cluster \{)|verified: (?P<verified>\w+)|level: (?P<level>\d+)"
    r'|(?P<entry>Entry \{)|word: "(?P<word>[^"]*)"'
    r"|Type \{category: Category::(?P<category>\w+), tag: (?P<tag>None|Some\(Tag::\w+\))"
)


@dataclass
class Entry:
    """One line of VarCon: words by category, those of the preferred forms apart."""

    verified: bool
    level: int
    preferred: dict[str, str] = field(default_factory=dict)
    words: set[str] = field(default_factory=set)


def read_entries(text: str) -> Iterator[Entry]:
    verified, level, word = False, 0, ""
    entry: Entry | None = None
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind == "cluster" or kind == "entry":
            if entry is not None:
                yield entry
            entry = Entry(verified, level) if kind == "entry" else None
        elif kind == "verified":
            verified = match["verified"] == "true"
        elif kind == "level":
            level = int(match["level"])
        elif kind == "word" and entry is not None:
            word = match["word"]
            entry.words.add(word)
        elif entry is not None and match["tag"] in ("None", "Some(Tag::Eq)"):
            entry.preferred.setdefault(match["category"], word)
    if entry is not None:
        yield entry


def choose_rows(entries: Iterable[Entry]) -> list[tuple[str, str, str]]:
    rows: dict[tuple[str, str, str], None] = {}
    meanings: dict[tuple[str, str], set[str]] = defaultdict(set)
    for entry in entries:
        for category, form in entry.preferred.items():
            for word in entry.words:
                meanings[word, category].add(form)
        if entry.level > MOST_LEVEL or not all(c in entry.preferred for c in CATEGORIES):
            continue
        american, british, oxford = (entry.preferred[c] for c in CATEGORIES)
        if american == british == oxford or not (american + british + oxford).isalpha():
            continue
        if not (american + british + oxford).islower() or american in LEFT_OUT:
            continue
        regular = re.sub("([iy])z(?=[aei])", r"\1s", american) == british and len(american) > 6
        sure = entry.verified or regular or american in READ_OVER
        if sure and not _NEVER_WRITTEN.search(american):
            rows[american, british, oxford] = None
    for stem in STEMS:
        for ending in ENDINGS:
            word = stem + ending
            rows.setdefault((word, word.replace("iz" + ending, "is" + ending), word))
    marked = []
    for row in sorted(rows):
        double = {
            word
            for word in row
            for category, form in zip(CATEGORIES, row, strict=True)
            if word != form and len(meanings[word, category]) > 1
        } | DOUBTFUL
        marked.append(tuple("?" + word if word in double else word for word in row))
    return marked  # type: ignore[return-value]


def main() -> None:
    source = Path(sys.argv[1]).read_bytes()
    rows = choose_rows(read_entries(source.decode("utf-8")))
    lines = [
        "# American, British and Oxford spellings; made by tools/spelling.py, not by hand.",
        "# A selection from VarCon, copyright 2000-2018 Kevin Atkinson and 2016 Benjamin Titze,",
        "# with some words added; its licence is in VARCON-LICENCE.txt.",
        f"# Source: SHA-256 {hashlib.sha256(source).hexdigest()}",
        *(" ".join(row) for row in rows),
    ]
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    print(f"{len(rows)} rows")


if __name__ == "__main__":
    main()
