"""Makes the office samples anew: ``python tests/make_office_samples.py``. The same every time."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from office_files import make_docx, make_epub, make_odt, make_pptx, shape

SAMPLES = Path(__file__).resolve().parent.parent / "samples"


def run(text: str, properties: str = "") -> str:
    properties = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r>{properties}<w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(content: str, style: str = "", properties: str = "") -> str:
    style = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f"<w:p><w:pPr>{style}{properties}</w:pPr>{content}</w:p>"


def item(text: str, numbers: int) -> str:
    return paragraph(run(text), properties=f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{numbers}"/></w:numPr>')


def field(code: str, result: str) -> str:
    char = '<w:r><w:fldChar w:fldCharType="{}"/></w:r>'.format
    return f"{char('begin')}<w:r><w:instrText> {code} </w:instrText></w:r>{char('separate')}{run(result)}{char('end')}"


def table(rows: list[list[str]]) -> str:
    borders = "".join(f'<w:{side} w:val="single" w:sz="4"/>' for side in ("top", "left", "bottom", "right", "insideH", "insideV"))
    cells = [
        "".join(
            f'<w:tc><w:tcPr><w:tcW w:w="2300" w:type="dxa"/></w:tcPr>{paragraph(run(cell, "<w:b/>" if not index else ""))}</w:tc>'
            for cell in row
        )
        for index, row in enumerate(rows)
    ]
    grid = '<w:gridCol w:w="2300"/>' * len(rows[0])
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="0" w:type="auto"/><w:tblBorders>{borders}</w:tblBorders></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>"
    )


def make_report() -> bytes:
    """A province's report in Norwegian."""
    note = '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:footnoteReference w:id="2"/></w:r>'
    blue = '<w:color w:val="1D4ED8"/><w:u w:val="single"/>'
    body = (
        paragraph(run("Rapport om arbeidet i grasrotpartiorganisasjonene"), "Heading1")
        + paragraph(
            run("Den provinsielle partikomiteen i ") + run("Son Lam", "<w:b/>")
            + run(" har fått rapporter fra alle kommunene. Organisasjonskomiteen gikk gjennom rapportene ")
            + run("i september", "<w:i/>") + run(". Arbeidet følger resolusjon nr. ") + run("18-NQ/TW", "<w:b/>") + run(".") + note
            + run(" Hele rapporten finnes på ")
            + f'<w:hyperlink r:id="site">{run("example.org/son-lam", blue)}</w:hyperlink>'
            + run(".")
        )
        + paragraph(run("Tall for kvartalet"), "Our")
        + paragraph(run("Tabell ") + field("SEQ Table", "1") + run(". Partimedlemmer i tre kommuner"), "Caption")
        + table([["Kommune", "Particeller", "Partimedlemmer"], ["Bac Son", "41", "1 204"], ["Vinh An", "28", "873"], ["Sum", "69", "2 077"]])
        + paragraph(run("Oppgaver fremover"), "Our")
        + paragraph(run("Den stående komiteen ba kommunene om å:"))
        + item("gjennomgå personalarbeidet;", 1) + item("utstede partimedlemskort til alle partimedlemmer;", 1)
        + item("forberede partikongressene.", 1)
        + paragraph(run("Andelen av medlemmene som ble vurdert, er ") + "<m:oMath><m:r><m:t>p = m / n</m:t></m:r></m:oMath>" + run("."))
        + '<w:sectPr><w:headerReference w:type="default" r:id="part_header"/><w:footerReference w:type="default" r:id="part_footer"/>'
        '<w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1134" w:right="1134" w:bottom="1134" w:left="1134" w:header="600" w:footer="600"/></w:sectPr>'
    )  # fmt: skip
    mark = '<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:footnoteRef/></w:r>'
    return make_docx(
        body,
        footnotes=f'<w:footnote w:id="2">{paragraph(mark + run(" Resolusjonen handler om det politiske systemets organisasjon."), "FootnoteText")}</w:footnote>',
        header=paragraph(run("Den provinsielle partikomiteens organisasjonskomité")),
        footer=paragraph(run("Side ") + field("PAGE", "1") + run(" av ") + field("NUMPAGES", "1")),
        links={"site": "https://example.org/son-lam"},
    )


def make_minutes() -> bytes:
    """The minutes of a meeting in Norwegian."""
    rows = "".join(
        "<table:table-row>"
        + "".join(f'<table:table-cell table:style-name="cell"><text:p>{cell}</text:p></table:table-cell>' for cell in row)
        + "</table:table-row>"
        for row in (["Oppgave", "Ansvarlig", "Frist"], ["Partimedlemskort", "Organisasjonskomiteen", "30. november"],
                    ["Opplæring av kadrer", "Propagandakomiteen", "15. desember"])
    )  # fmt: skip
    body = (
        '<text:h text:style-name="head" text:outline-level="1">Møtet i particellen i november</text:h>'
        '<text:p>Møtet ble holdt 3. november i <text:span text:style-name="bold">Vinh An</text:span>. '
        'Elleve partimedlemmer deltok.<text:note text:id="n1" text:note-class="footnote"><text:note-citation>1</text:note-citation>'
        "<text:note-body><text:p>To partimedlemmer var på reise.</text:p></text:note-body></text:note> Partisekretæren ledet møtet.</text:p>"
        '<text:list text:style-name="list"><text:list-item><text:p>Cellen godkjente planen for kvartalet.</text:p></text:list-item>'
        "<text:list-item><text:p>Cellen valgte to delegater til partikongressen.</text:p></text:list-item></text:list>"
        f'<table:table table:name="t"><table:table-column table:number-columns-repeated="3"/>{rows}</table:table>'
        '<text:p>Neste møte: <text:a xlink:type="simple" xlink:href="https://example.org/kalender">kalenderen for partimøter</text:a>.</text:p>'
    )
    styles = (
        '<style:style style:name="head" style:family="paragraph"><style:text-properties fo:font-size="16pt" fo:font-weight="bold"/></style:style>'
        '<style:style style:name="bold" style:family="text"><style:text-properties fo:font-weight="bold"/></style:style>'
        '<style:style style:name="cell" style:family="table-cell"><style:table-cell-properties fo:border="0.5pt solid #000000" fo:padding="0.1cm"/></style:style>'
        '<text:list-style style:name="list"><text:list-level-style-number text:level="1" style:num-format="1" style:num-suffix=".">'
        '<style:list-level-properties text:space-before="0.6cm" text:min-label-width="0.6cm"/></text:list-level-style-number></text:list-style>'
    )
    footer = "<style:footer><text:p>Side <text:page-number>1</text:page-number></text:p></style:footer>"
    return make_odt(body, styles=styles, master=footer)


def line(text: str, size: int, bold: bool = False, level: int = 0) -> str:
    level_mark = f'<a:pPr lvl="{level}"/>' if level else ""
    return f'<a:p>{level_mark}<a:r><a:rPr lang="en-GB" sz="{size}00" b="{int(bold)}"/><a:t>{text}</a:t></a:r></a:p>'


def make_deck() -> bytes:
    """Slides with machine-translated English."""
    cells = [["Ward", "Party cells", "4 good"], ["Bac Son", "41", "33"], ["Vinh An", "28", "25"]]
    grid = '<a:gridCol w="2438400"/>' * 3
    rows = "".join(
        '<a:tr h="420000">' + "".join(
            f"<a:tc><a:txBody><a:bodyPr/>{line(cell, 16, not i)}</a:txBody><a:tcPr/></a:tc>" for cell in row
        ) + "</a:tr>" for i, row in enumerate(cells)
    )  # fmt: skip
    frame = (
        '<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id="5" name="Table" descr="Table of the two wards with their party cells"/>'
        '<p:cNvGraphicFramePr/><p:nvPr/></p:nvGraphicFramePr><p:xfrm><a:off x="762000" y="1778000"/><a:ext cx="7315200" cy="1260000"/></p:xfrm>'
        '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/table">'
        f"<a:tbl><a:tblPr/><a:tblGrid>{grid}</a:tblGrid>{rows}</a:tbl></a:graphicData></a:graphic></p:graphicFrame>"
    )
    group = (
        '<p:grpSp><p:nvGrpSpPr><p:cNvPr id="6" name="Group"/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>'
        + shape(line("Provincial Party Committee’s Organization Board", 14), place=(60, 420, 400, 40))
        + "</p:grpSp>"
    )
    first = (
        shape(line("Building 4 good party cells", 32, True), kind="ctrTitle", place=(60, 60, 600, 60))
        + shape(
            line("The city has 61 4 good party cells.", 20) + line("Each grassroots party committee chooses a model cell.", 18, level=1)
            + line("Party members keep the electronic party member handbook.", 20),
            kind="body", place=(60, 150, 600, 240),
        )
        + group
    )  # fmt: skip
    second = shape(line("Two wards , one model", 28, True), kind="title") + frame
    notes = shape(
        line("Thank the Standing Committee of the City Party Committee. The city branch of the bank paid for the hall.", 12), kind="body"
    )
    return make_pptx([first, second], {1: notes})


def make_book() -> bytes:
    """A handbook with machine-translated English."""
    return make_epub(
        {
            "meetings.xhtml": "<h1>Meetings of party cells</h1><p>A <em>party cell</em> meets once a month. The secretary of the "
            'Commune Party Committee may attend.<br/>See <a href="cards.xhtml">the chapter on party member cards</a>.</p>'
            "<ul><li>Regular activities</li><li>Thematic activities</li></ul>",
            "cards.xhtml": "<h1>Party member cards</h1><p>The Organization Board of the Provincial Party Committee issues the cards "
            "according to Instruction No. 12-HD/BTCTW. Type <code>party cell</code> into the form.</p>",
        },
        title="Handbook for party cells",
    )


def main() -> None:
    for name, content in {
        "norwegian/fylkesrapport.docx": make_report(),
        "norwegian/referat.odt": make_minutes(),
        "english/four-good-cells.pptx": make_deck(),
        "english/handbook.epub": make_book(),
    }.items():
        (SAMPLES / name).write_bytes(content)


if __name__ == "__main__":
    main()
