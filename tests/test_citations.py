"""Cited documents: damage mended, records kept, contradictions flagged, look-alikes left alone."""

from __future__ import annotations

import pickle
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normalise.edits import Edit, apply_edits
from normalise.glossary.citations.dates import read_document_date
from normalise.glossary.citations.parser import CitationHit, CitationParser
from normalise.glossary.source.schema import CitationFile

DOCUMENTS = Path(__file__).parent.parent / "glossaries" / "documents.yaml"
FILE = msgspec.yaml.decode(DOCUMENTS.read_bytes(), type=CitationFile)
PARSER = CitationParser(FILE)


def rewrite(text: str, language: str = "en") -> tuple[str, list[CitationHit]]:
    hits = PARSER.find(text, language)
    edits = [Edit(hit.start, hit.end, hit.rendered, "citation") for hit in hits]
    return apply_edits("test", text, edits)[0], hits


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # spacing, "No.", diacritics
        ("under No.31-NQ/TW", "under No. 31-NQ/TW"),
        ("Resolution 31-NQ/TW", "Resolution No. 31-NQ/TW"),
        ("the resolution no. 31-NQ/TW", "the Resolution No. 31-NQ/TW"),
        ("Resolution No. 44-NQ / TW of the Politburo", "Resolution No. 44-NQ/TW of the Politburo"),
        ("Decision No. 301-QD/ TW", "Decision No. 301-QĐ/TW"),
        ("Regulation No. 301-QD/TW", "Regulation No. 301-QĐ/TW"),
        ("Conclusion No. 27- KL/TW", "Conclusion No. 27-KL/TW"),
        ("Resolution No.\n31-NQ/TW", "Resolution No. 31-NQ/TW"),
        ("Resolution No. 31–NQ/TW", "Resolution No. 31-NQ/TW"),
        ("Resolution No\u00a031-NQ/TW", "Resolution No. 31-NQ/TW"),
        ("Resolution nr. 31-NQ/TW", "Resolution No. 31-NQ/TW"),
        ("Plan No. 08-KH/BCDTW", "Plan No. 08-KH/BCĐTW"),
        ("Plan No. 08-KH/DU", "Plan No. 08-KH/ĐU"),
        ("Regulation No. 7-QDi/TU", "Regulation No. 7-QĐi/TU"),
        ("Personnel decision No. 7-QDNS/TU", "Personnel decision No. 7-QĐNS/TU"),
        ("RESOLUTION NO. 31-NQ/TU", "RESOLUTION NO. 31-NQ/TU"),
        ("bare 31-NQ / TW stays bare", "bare 31-NQ/TW stays bare"),
        ("Resolutions 31-NQ/TW and 32- NQ/TW", "Resolutions 31-NQ/TW and 32-NQ/TW"),
        # hyphen and slash swapped, for the Party only
        ("Directive No. 09/CT-TW", "Directive No. 09-CT/TW"),
        ("Decision No. 1777/QD-UBND", "Decision No. 1777/QĐ-UBND"),
        ("Resolution 1699/NQ-UBTVQH15", "Resolution No. 1699/NQ-UBTVQH15"),
        ("Decree 99/2023/ND-CP", "Decree No. 99/2023/NĐ-CP"),
        ("Decision No. 99/QD-TTG", "Decision No. 99/QĐ-TTg"),
        ("Law No. 99/2019/QH14", "Law No. 99/2019/QH14"),
        ("Joint Circular 9/2015/TTLT-BNV-BTC", "Joint circular No. 9/2015/TTLT-BNV-BTC"),
        # the type word, where the code decides
        ("Instruction No. 09-HD/TU", "Guidance No. 09-HD/TU"),
        ("Guidelines No. 09-HD/BTCTW", "Guidance No. 09-HD/BTCTW"),
        ("Project No.19-DA/TU", "Project No. 19-ĐA/TU"),
        ("Scheme No. 19-DA/TU", "Project No. 19-ĐA/TU"),
        ("Action Program No. 12-CTr/TU", "Programme No. 12-CTr/TU"),
        ("Program No. 06-CTr/TU", "Programme No. 06-CTr/TU"),
        # the text decides where the code has several words
        ("Working Regulations No. 01-QC/TU", "Working Regulations No. 01-QC/TU"),
        ("Regulations No. 01-QC/TU", "Regulations No. 01-QC/TU"),
        ("Announcement No. 12-TB/TU", "Notice No. 12-TB/TU"),
        ("official dispatch no.43-CV/TU", "Official dispatch No. 43-CV/TU"),
        # numbers without a code
        ("Directive No3", "Directive No. 3"),
        ("Directive No.3", "Directive No. 3"),
        ("Resolution 18", "Resolution 18"),
        ("Conclusion No. 128", "Conclusion No. 128"),
        # dates
        ("Plan No. 9-KH/TU dated May 8, 2025", "Plan No. 9-KH/TU, dated May 8, 2025"),
        ("Plan No. 9-KH/TU (May 8, 2025) on", "Plan No. 9-KH/TU, dated May 8, 2025 on"),
        ("Plan No. 9-KH/TU (dated 8 May 2025)", "Plan No. 9-KH/TU, dated May 8, 2025"),
        ("Plan No. 9-KH/TU, dated May 8th, 2025", "Plan No. 9-KH/TU, dated May 8, 2025"),
        ("Plan No. 9-KH/TU dated 08-05-2025", "Plan No. 9-KH/TU, dated May 8, 2025"),
        ("Plan No. 9-KH/TU dated 8/5/2025,", "Plan No. 9-KH/TU, dated May 8, 2025,"),
        ("Plan No. 9-KH/TU issued on May 8, 2025", "Plan No. 9-KH/TU, dated May 8, 2025"),
        ("Plan No. 9-KH/TU of 8 May 2025", "Plan No. 9-KH/TU, dated May 8, 2025"),
        ("Resolution No. 9 dated Sept. 8, 2025", "Resolution No. 9, dated September 8, 2025"),
    ],
)
def test_damage_is_mended_and_the_result_stays(text: str, expected: str) -> None:
    assert rewrite(text)[0] == expected
    assert rewrite(expected)[0] == expected


@pytest.mark.parametrize(
    "text",
    [
        "Call 024-3823/456 or 0912-345-678.",
        "The road project No. 5 and Project No. 13 are late.",
        "Follow Instruction No. 4 on the box.",
        "The resolution of a screen is 1920-1080.",
        "Resolution 1080p, Resolution 300 dpi and Resolution 640 x 480 are old.",
        "See Article 10-CT and Section 5-A/B.",
        "UN Resolution 242 and Resolution No. 338 of the Security Council were read.",
        "In 2025-2030, 12 units met.",
        "Decision 2025 was a slogan.",
        "Flight VN-123/HAN left at 12-AB/CD.",
        "It grew by Regulation 5.5 and Decision 12%.",
        "Route QL-1/TU, 3-4/TW and 5/TU",
        "The plan 2020-2025 was approved.",
    ],
)
def test_look_alikes_are_no_citations(text: str) -> None:
    assert PARSER.find(text) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Directive No. 50-/TU", "lost"),
        ("the 50 - /TU text", "lost"),
        ("Plan No. 12-CT/TW dated May 8, 2025", "does not go with the code CT"),
        ("Decision No. 12-NQ/TW", "does not go with the code NQ"),
        ("Directive No. 12-QD/TW", "does not go with the code QĐ"),
    ],
)
def test_what_contradicts_itself_is_flagged_and_left(text: str, reason: str) -> None:
    rewritten, hits = rewrite(text)
    assert rewritten == text
    assert [reason in hit.flag for hit in hits] == [True]


@pytest.mark.parametrize(
    ("text", "record"),
    [
        ("Resolution No. 31-NQ/TW dated June 16, 2022",
         ("Resolution", "31", "NQ", "TW", "2022-06-16")),
        ("Instruction No. 09-HD/TU", ("Guidance", "09", "HD", "TU", "")),
        ("Regulation No. 301-QD/TW", ("Regulation", "301", "QĐ", "TW", "")),
        ("No. 301-QD/TW", ("", "301", "QĐ", "TW", "")),
        ("No. 31-NQ/TW", ("Resolution", "31", "NQ", "TW", "")),
        ("Decree 99/2023/ND-CP", ("Decree", "99/2023", "NĐ", "CP", "")),
        ("Resolution 1699/NQ-UBTVQH15", ("Resolution", "1699", "NQ", "UBTVQH15", "")),
        ("Law No. 99/2019/QH14", ("Law", "99/2019", "", "QH14", "")),
        ("Conclusion No. 128, dated March 7, 2025 of the Politburo",
         ("Conclusion", "128", "", "Politburo", "2025-03-07")),
        ("Directive No. 35-CT/TW issued on June 14, 2024 by the Politburo",
         ("Directive", "35", "CT", "TW", "2024-06-14")),
        ("Resolution 18", ("Resolution", "18", "", "", "")),
    ],
)  # fmt: skip
def test_records(text: str, record: tuple[str, ...]) -> None:
    [hit] = PARSER.find(text)
    found = hit.citation
    assert (found.type, found.number, found.code, found.issuer, found.date) == record
    assert text[found.start : found.end] == found.text


def test_issued_by_keeps_its_verb() -> None:
    text = "Directive No. 35-CT/TW issued on June 14, 2024 by the Politburo"
    assert rewrite(text)[0] == text


@pytest.mark.parametrize(
    ("text", "language", "expected", "kind"),
    [
        ("Resolusjon nr. 04-NQ / TU ble vedtatt", "nb", "Resolusjon nr. 04-NQ/TU ble vedtatt",
         "Resolution"),
        ("Vedtak nr. 12-QD/TW", "nb", "Vedtak nr. 12-QĐ/TW", ""),
        ("Nghị quyết số 04-NQ/TU", "vi", "Nghị quyết số 04-NQ/TU", "Resolution"),
        ("Quy định số 12-QD/TW", "vi", "Quy định số 12-QĐ/TW", "Regulation"),
        # a foreign line on an English page
        ("Nghị quyết số 04-NQ/TU", "en", "Nghị quyết số 04-NQ/TU", "Resolution"),
        ("Resolusjonen nr. 04-NQ/TU", "en", "Resolusjonen nr. 04-NQ/TU", "Resolution"),
    ],
)  # fmt: skip
def test_other_languages_keep_their_words(
    text: str, language: str, expected: str, kind: str
) -> None:
    rewritten, [hit] = rewrite(text, language)
    assert rewritten == expected
    assert hit.citation.type == kind
    assert hit.citation.text[0].isdigit()


def test_the_parser_travels_to_other_processes() -> None:
    copy = pickle.loads(pickle.dumps(PARSER))
    text = "Instruction No. 09-HD/TU dated May 8, 2025"
    assert copy.find(text) == PARSER.find(text)


def test_dates_that_do_not_exist_are_none() -> None:
    assert read_document_date("x dated 12-13-2013", 1) is None
    assert read_document_date("x dated February 30, 2024", 1) is None
    assert read_document_date("x on February 3, 2024", 1) is None


def test_data_names_each_code_once() -> None:
    for codes in ([t.code for t in FILE.document_types], [i.code for i in FILE.issuers]):
        assert len(codes) == len(set(codes))


def test_every_code_survives_the_loss_of_its_diacritics() -> None:
    for kind in FILE.document_types:
        written = f"12-{kind.code.replace('Đ', 'D')}/TW"
        [hit] = PARSER.find(f"see No. {written} now")
        assert hit.rendered == f"No. 12-{kind.code}/TW"
    for issuer in FILE.issuers:
        damaged = issuer.code.replace("Đ", "D")
        text = f"12-NQ/{damaged}" if issuer.form == "party" else f"12/NQ-{damaged}"
        [hit] = PARSER.find(f"see No. {text} now")
        assert hit.citation.issuer == issuer.code


PIECES = st.lists(
    st.sampled_from(
        ["Resolution", "Directive", "instruction", "Plan", "No.", "No", "nr.", "số", " ", " ", " ",
         "18", "05", "2023", "-", "/", "–", "NQ", "QD", "HD", "CT", "TW", "TU", "ND", "CP", "UBND",
         "DA", "dated", "(", ")", "issued on", "May 8, 2025", "12-12-2013", ",", ".", "of the",
         "Politburo", "by", "\n", "\u00a0", "a", "1", "NO.", "RESOLUTION", "Official dispatch"]
    ),
    max_size=24,
).map("".join)  # fmt: skip


@settings(max_examples=500)
@given(PIECES | st.text(max_size=80))
def test_rendering_is_a_fixed_point_and_offsets_are_exact(text: str) -> None:
    once, hits = rewrite(text)
    cursor = 0
    for hit in hits:
        assert cursor <= hit.start < hit.end
        assert hit.citation.text == text[hit.start : hit.end]
        assert not hit.flag or hit.rendered == hit.citation.text
        cursor = hit.end
    twice, again = rewrite(once)
    assert twice == once
    assert [hit.rendered for hit in again] == [hit.rendered for hit in hits]


@pytest.mark.parametrize(
    "text",
    ["1-" * 50_000, "Resolution " * 10_000, "No. " * 20_000, "1" * 100_000, "12-NQ/" * 15_000,
     "12-NQ/TW" + "-TW" * 20_000, "Resolution No. 1" + " " * 100_000]
)  # fmt: skip
def test_hostile_text_is_read_to_its_end(text: str) -> None:
    # Were the time not linear, this would run for minutes.
    (*_, last) = PARSER.find(f"{text}\n\nConclusion No. 57-KL/TW")
    assert last.citation.text == "Conclusion No. 57-KL/TW"
