"""Small documents of every office format, made from the XML of their text; the same every time."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

DATE = (2025, 2, 3, 8, 0, 0)
DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_SLIDE_TYPE = "application/vnd.openxmlformats-officedocument.presentationml"
_SPACES = (
    f'xmlns:w="{WORD}" xmlns:r="{RELATION}" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml"'
)
_ODF = "urn:oasis:names:tc:opendocument:xmlns"
_ODF_SPACES = " ".join(
    f'xmlns:{name}="{_ODF}:{path}:1.0"'
    for name, path in (
        ("office", "office"), ("text", "text"), ("table", "table"), ("style", "style"),
        ("draw", "drawing"), ("fo", "xsl-fo-compatible"), ("svg", "svg-compatible"),
        ("manifest", "manifest"),
    )
) + ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xlink="http://www.w3.org/1999/xlink"'  # fmt: skip

STYLES = """<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/>
<w:rPr><w:rFonts w:ascii="Liberation Serif" w:hAnsi="Liberation Serif"/><w:sz w:val="22"/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/><w:basedOn w:val="Normal"/>
<w:pPr><w:keepNext/><w:spacing w:before="240" w:after="120"/><w:outlineLvl w:val="0"/></w:pPr>
<w:rPr><w:b/><w:sz w:val="32"/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="Our"><w:name w:val="Our chapter"/><w:basedOn w:val="Heading1"/></w:style>
<w:style w:type="paragraph" w:styleId="Caption"><w:name w:val="caption"/><w:basedOn w:val="Normal"/>
<w:rPr><w:i/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="FootnoteText"><w:name w:val="footnote text"/><w:basedOn w:val="Normal"/>
<w:rPr><w:sz w:val="18"/></w:rPr></w:style>"""
NUMBERING = """<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/>
<w:lvlText w:val="%1."/><w:pPr><w:ind w:left="720" w:hanging="360"/></w:pPr></w:lvl></w:abstractNum>
<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="bullet"/>
<w:lvlText w:val="•"/><w:pPr><w:ind w:left="720" w:hanging="360"/></w:pPr></w:lvl></w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>"""


def pack(parts: Mapping[str, str | bytes]) -> bytes:
    """An archive of these parts; one called ``mimetype`` is stored as it is."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            info = zipfile.ZipInfo(name, DATE)
            info.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)
    return out.getvalue()


def _types(parts: Mapping[str, str]) -> str:
    overrides = "".join(f'<Override PartName="/{p}" ContentType="{t}"/>' for p, t in parts.items())
    return (
        f'{DECLARATION}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>'
    )


def _relations(targets: Mapping[str, tuple[str, str]]) -> str:
    items = "".join(
        f'<Relationship Id="{key}" Type="{RELATION}/{kind}" Target="{target}"'
        + (' TargetMode="External"/>' if kind == "hyperlink" else "/>")
        for key, (kind, target) in targets.items()
    )
    return f'{DECLARATION}<Relationships xmlns="{_PACKAGE}/relationships">{items}</Relationships>'


def make_docx(
    body: str,
    *,
    footnotes: str = "",
    comments: str = "",
    header: str = "",
    footer: str = "",
    links: Mapping[str, str] | None = None,
    main_type: str = "document.main",
    more: Mapping[str, str | bytes] | None = None,
) -> bytes:
    """A .docx of a body and further parts."""
    kinds = {"footnotes": footnotes, "comments": comments, "header": header, "footer": footer}
    roots = {"footnotes": "footnotes", "comments": "comments", "header": "hdr", "footer": "ftr"}
    parts = {"word/document.xml": f"{_WORD_TYPE}.{main_type}+xml"}
    contents: dict[str, str | bytes] = {
        "word/document.xml": f"{DECLARATION}<w:document {_SPACES}><w:body>{body}</w:body></w:document>"
    }
    relations = {key: ("hyperlink", url) for key, url in (links or {}).items()}
    for kind, content in {**kinds, "styles": STYLES, "numbering": NUMBERING}.items():
        if content:
            root = roots.get(kind, kind)
            parts[f"word/{kind}.xml"] = f"{_WORD_TYPE}.{kind}+xml"
            contents[f"word/{kind}.xml"] = f"{DECLARATION}<w:{root} {_SPACES}>{content}</w:{root}>"
            relations[f"part_{kind}"] = (kind, f"{kind}.xml")
    return pack(
        {
            "[Content_Types].xml": _types(parts),
            "_rels/.rels": _relations({"rId1": ("officeDocument", "word/document.xml")}),
            **contents,
            "word/_rels/document.xml.rels": _relations(relations),
            **(more or {}),
        }
    )


def make_odt(body: str, *, styles: str = "", master: str = "", manifest: str = "") -> bytes:
    """An .odt of a body, automatic styles, and the contents of its master page."""
    kind = "application/vnd.oasis.opendocument.text"
    content = (
        f'{DECLARATION}<office:document-content {_ODF_SPACES} office:version="1.3">'
        f"<office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )
    page = (
        f'{DECLARATION}<office:document-styles {_ODF_SPACES} office:version="1.3">'
        '<office:automatic-styles><style:page-layout style:name="page"><style:page-layout-properties '
        'fo:page-width="21cm" fo:page-height="29.7cm" fo:margin="2cm"/><style:header-style/><style:footer-style/>'
        "</style:page-layout></office:automatic-styles><office:master-styles>"
        f'<style:master-page style:name="Standard" style:page-layout-name="page">{master}'
        "</style:master-page></office:master-styles></office:document-styles>"
    )
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{path}" manifest:media-type="{media}">{manifest}</manifest:file-entry>'
        for path, media in (("/", kind), ("content.xml", "text/xml"), ("styles.xml", "text/xml"))
    )
    return pack(
        {
            "mimetype": kind,
            "content.xml": content,
            "styles.xml": page,
            "META-INF/manifest.xml": f'{DECLARATION}<manifest:manifest {_ODF_SPACES} manifest:version="1.3">'
            f"{entries}</manifest:manifest>",
        }
    )


_TREE = (
    '<p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>'
)


def make_pptx(slides: list[str], notes: Mapping[int, str] | None = None) -> bytes:
    """Slides from the XML of their shapes, with notes for some of them (by number, from 1)."""
    notes = notes or {}
    blank = f"<p:cSld><p:spTree>{_TREE}</p:spTree></p:cSld>"
    colours = 'bg1="lt1" tx1="dk1" bg2="lt2" tx2="dk2" accent1="accent1" accent2="accent2" accent3="accent3" accent4="accent4" accent5="accent5" accent6="accent6" hlink="hlink" folHlink="folHlink"'
    types = {
        "ppt/presentation.xml": f"{_SLIDE_TYPE}.presentation.main+xml",
        "ppt/slideMasters/slideMaster1.xml": f"{_SLIDE_TYPE}.slideMaster+xml",
        "ppt/slideLayouts/slideLayout1.xml": f"{_SLIDE_TYPE}.slideLayout+xml",
        "ppt/theme/theme1.xml": "application/vnd.openxmlformats-officedocument.theme+xml",
    }
    order = "".join(f'<p:sldId id="{255 + i}" r:id="s{i}"/>' for i in range(1, len(slides) + 1))
    parts: dict[str, str | bytes] = {
        "ppt/presentation.xml": f"{DECLARATION}<p:presentation {_SPACES}><p:sldMasterIdLst>"
        f'<p:sldMasterId id="2147483648" r:id="m"/></p:sldMasterIdLst><p:sldIdLst>{order}</p:sldIdLst>'
        '<p:sldSz cx="9144000" cy="6858000"/><p:notesSz cx="6858000" cy="9144000"/></p:presentation>',
        "ppt/_rels/presentation.xml.rels": _relations(
            {"m": ("slideMaster", "slideMasters/slideMaster1.xml"),
             **{f"s{i}": ("slide", f"slides/slide{i}.xml") for i in range(1, len(slides) + 1)}}
        ),
        "ppt/slideMasters/slideMaster1.xml": f"{DECLARATION}<p:sldMaster {_SPACES}>{blank}<p:clrMap {colours}/>"
        '<p:sldLayoutIdLst><p:sldLayoutId id="2147483649" r:id="l"/></p:sldLayoutIdLst></p:sldMaster>',
        "ppt/slideMasters/_rels/slideMaster1.xml.rels": _relations(
            {"l": ("slideLayout", "../slideLayouts/slideLayout1.xml"), "t": ("theme", "../theme/theme1.xml")}
        ),
        "ppt/slideLayouts/slideLayout1.xml": f"{DECLARATION}<p:sldLayout {_SPACES}>{blank}</p:sldLayout>",
        "ppt/slideLayouts/_rels/slideLayout1.xml.rels": _relations(
            {"m": ("slideMaster", "../slideMasters/slideMaster1.xml")}
        ),
        "ppt/theme/theme1.xml": f"{DECLARATION}{_THEME}",
    }  # fmt: skip
    for number, shapes in enumerate(slides, 1):
        part = f"ppt/slides/slide{number}.xml"
        types[part] = f"{_SLIDE_TYPE}.slide+xml"
        parts[part] = (
            f"{DECLARATION}<p:sld {_SPACES}><p:cSld><p:spTree>{_TREE}{shapes}</p:spTree></p:cSld></p:sld>"
        )
        relations = {"l": ("slideLayout", "../slideLayouts/slideLayout1.xml")}
        if number in notes:
            page = f"ppt/notesSlides/notesSlide{number}.xml"
            types[page] = f"{_SLIDE_TYPE}.notesSlide+xml"
            parts[page] = (
                f"{DECLARATION}<p:notes {_SPACES}><p:cSld><p:spTree>{_TREE}{notes[number]}"
                "</p:spTree></p:cSld></p:notes>"
            )
            relations["n"] = ("notesSlide", f"../notesSlides/notesSlide{number}.xml")
        parts[f"ppt/slides/_rels/slide{number}.xml.rels"] = _relations(relations)
    return pack(
        {
            "[Content_Types].xml": _types(types),
            "_rels/.rels": _relations({"rId1": ("officeDocument", "ppt/presentation.xml")}),
            **parts,
        }
    )


_COLOURS = "".join(
    f'<a:{name}><a:srgbClr val="{value}"/></a:{name}>'
    for name, value in zip(
        "dk1 lt1 dk2 lt2 accent1 accent2 accent3 accent4 accent5 accent6 hlink folHlink".split(),
        "000000 FFFFFF 1F2937 EEEEEE B91C1C 1D4ED8 047857 B45309 6D28D9 0E7490 1D4ED8 6D28D9".split(),
        strict=True,
    )
)
_FONT = '<a:latin typeface="Liberation Sans"/><a:ea typeface=""/><a:cs typeface=""/>'
_FILL = '<a:solidFill><a:schemeClr val="phClr"/></a:solidFill>'
_THEME = (
    f'<a:theme {_SPACES} name="Plain"><a:themeElements><a:clrScheme name="Plain">{_COLOURS}</a:clrScheme>'
    f'<a:fontScheme name="Plain"><a:majorFont>{_FONT}</a:majorFont><a:minorFont>{_FONT}</a:minorFont></a:fontScheme>'
    f'<a:fmtScheme name="Plain"><a:fillStyleLst>{_FILL * 3}</a:fillStyleLst><a:lnStyleLst>'
    + f"<a:ln>{_FILL}</a:ln>" * 3
    + "</a:lnStyleLst><a:effectStyleLst>"
    + "<a:effectStyle><a:effectLst/></a:effectStyle>" * 3
    + f"</a:effectStyleLst><a:bgFillStyleLst>{_FILL * 3}</a:bgFillStyleLst></a:fmtScheme></a:themeElements></a:theme>"
)


def shape(text: str, *, kind: str = "", place: tuple[int, int, int, int] = (60, 40, 600, 80)) -> str:
    """A text box with paragraphs, or a placeholder; ``place`` in points: left, top, width, height."""
    left, top, width, height = (12700 * n for n in place)
    holder = f'<p:ph type="{kind}"/>' if kind else ""
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="2" name="Box"/><p:cNvSpPr/><p:nvPr>{holder}</p:nvPr></p:nvSpPr>'
        f'<p:spPr><a:xfrm><a:off x="{left}" y="{top}"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr>'
        f"<p:txBody><a:bodyPr/><a:lstStyle/>{text}</p:txBody></p:sp>"
    )


def make_epub(chapters: Mapping[str, str], *, title: str = "", more: Mapping[str, str] | None = None) -> bytes:
    """A book of chapters (file name → body), with a table of contents made from their headings."""
    items = "".join(
        f'<item id="c{i}" href="{name}" media-type="application/xhtml+xml"/>'
        for i, name in enumerate(chapters)
    )
    refs = "".join(f'<itemref idref="c{i}"/>' for i in range(len(chapters)))
    heads = {n: b.partition(">")[2].partition("</h1>")[0] for n, b in chapters.items()}
    links = "".join(f'<li><a href="{name}">{head}</a></li>' for name, head in heads.items())
    points = "".join(
        f'<navPoint id="n{i}" playOrder="{i + 1}"><navLabel><text>{head}</text></navLabel><content src="{name}"/></navPoint>'
        for i, (name, head) in enumerate(heads.items())
    )
    page = '<html xmlns="http://www.w3.org/1999/xhtml"{}><head><title>{}</title></head><body>{}</body></html>'
    return pack(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<?xml version="1.0"?><container version="1.0" '
            'xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile '
            'full-path="OPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
            "OPS/book.opf": '<?xml version="1.0" encoding="UTF-8"?>\n<package xmlns="http://www.idpf.org/2007/opf" '
            'version="3.0" unique-identifier="id"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
            f'<dc:identifier id="id">urn:x</dc:identifier><dc:title>{title}</dc:title><dc:date>2025-02-03</dc:date>'
            '<dc:language>en</dc:language></metadata><manifest><item id="nav" href="nav.xhtml" '
            'media-type="application/xhtml+xml" properties="nav"/><item id="ncx" href="toc.ncx" '
            f'media-type="application/x-dtbncx+xml"/>{items}</manifest><spine toc="ncx">{refs}</spine></package>',
            "OPS/nav.xhtml": page.format(
                ' xmlns:epub="http://www.idpf.org/2007/ops"', title, f'<nav epub:type="toc"><ol>{links}</ol></nav>'
            ),
            "OPS/toc.ncx": '<?xml version="1.0"?><!DOCTYPE ncx PUBLIC "-//NISO//DTD ncx 2005-1//EN" '
            '"http://www.daisy.org/z3986/2005/ncx-2005-1.dtd"><ncx xmlns="http://www.daisy.org/z3986/2005/ncx/" '
            f'version="2005-1"><navMap>{points}</navMap></ncx>',
            **{
                f"OPS/{name}": '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html>\n' + page.format("", heads[name], body)
                for name, body in chapters.items()
            },
            **(more or {}),
        }
    )
