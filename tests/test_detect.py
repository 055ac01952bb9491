"""Language detection: the traps real pages set, determinism, and cheapness on long texts."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normalise.data import Language
from normalise.stages.detect import Detector, _samples

DETECTOR = Detector()
ENGLISH = Language("en", 0.99)
NORWEGIAN = Language("nb", 0.99)

DOCUMENTS = {
    "en": "The commune's Party cells reviewed the year's work and admitted nine new members. "
    "Most of them work at the school and the health station.",
    "nb": "Partikomiteen i kommunen gikk gjennom årets arbeid og tok opp ni nye medlemmer. "
    "De fleste av dem arbeider på skolen og helsestasjonen.",
    "nn": "Partikomiteen i kommunen gjekk gjennom arbeidet dette året og tok opp ni nye medlemer. "
    "Dei fleste av dei arbeider på skulen, og ein av dei er ikkje frå bygda.",
    "da": "Partikomiteen i kommunen gennemgik årets arbejde og optog ni nye medlemmer. "
    "De fleste af dem arbejder på skolen og på sundhedscentret.",
    "sv": "Partikommittén i kommunen gick igenom årets arbete och tog in nio nya medlemmar. "
    "De flesta av dem arbetar på skolan och vårdcentralen.",
    "vi": "Các chi bộ trong xã đã kiểm điểm công tác năm qua và kết nạp chín đảng viên mới.",
    "zh": "全乡各党支部回顾了一年来的工作，并发展了九名新党员。",
    "zt": "全鄉各黨支部回顧了一年來的工作，並發展了九名新黨員。",
    "ja": "村の党支部はこの一年の活動を振り返り、新たに九人の党員を迎えた。",
    "ko": "면의 당지부들은 한 해의 사업을 되돌아보고 새 당원 아홉 명을 받아들였다.",
    "th": "เซลล์พรรคในตำบลได้ทบทวนงานตลอดทั้งปีและรับสมาชิกใหม่เก้าคน",
    "ru": "Партийные ячейки общины подвели итоги года и приняли девять новых членов.",
    "de": "Die Parteizellen der Gemeinde prüften die Arbeit des Jahres und nahmen neun "
    "Mitglieder auf.",
    "ar": "استعرضت خلايا الحزب في البلدة عمل السنة وقبلت تسعة أعضاء جدد.",
}


@pytest.mark.parametrize("code", DOCUMENTS)
def test_each_language_is_named(code: str) -> None:
    found = DETECTOR.detect_document(DOCUMENTS[code])
    assert found.code == code
    assert 0.5 < found.confidence <= 1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("The party cells met.", "en"),
        ("The congress has 50 natural delegates.", "en"),
        ("He met former Politburo members.", "en"),
        ("Partiet møttes.", "nb"),
        ("Komiteen vedtok planen i går.", "nb"),
        ("Partiets komité vedtog planen.", "da"),
        ("党支部使用 Facebook 和 WhatsApp 联系党员", "zh"),
        ("Das Komitee tagte gestern.", "de"),
    ],
)
def test_a_few_words_are_taken_for_what_is_likely(text: str, code: str) -> None:
    assert DETECTOR.detect_document(text).code == code


@pytest.mark.parametrize("text", ["", "   \n\n", "2020-2025", "30/4 – 1/5", "![]() |", "12 %", "A"])
def test_nothing_to_go_by_is_und(text: str) -> None:
    assert DETECTOR.detect_document(text) == Language("und", 0.0)
    assert DETECTOR.detect_block(text, NORWEGIAN) == Language("nb", 0.0)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Xã Nà Hang tổ chức hội nghị tổng kết công tác xây dựng Đảng", "vi"),
        ("Quang canh hoi nghi tong ket cong tac xay dung Dang nam 2025", "vi"),
        ("ĐẢNG BỘ XÃ NÀ HANG TỔNG KẾT NĂM", "vi"),
        ("Lederen av partikomiteen hilste på kameratene etter møtet. |", "nb"),
        ("THE PROVINCIAL PARTY COMMITTEE MEETS", "en"),
        ("Mr. Nguyễn Văn Thắng and Ms. Trần Thị Hoa met Lê Đình Phúc in Nà Hang.", "en"),
        ("Photo: Hoàng Văn Đức", "en"),
        ("Nguyen Thi Thanh Huyen", "en"),
        ("Tran Thi Hoa", "en"),
        ("4-good Party cells in Tan Trao", "en"),
        ("Comment (0)", "en"),
        ("<b>Read</b> the [whole story](https://example.org/doc-bao-va-xem-tin-tuc) here", "en"),
        ("See https://example.org/xay-dung-doi-ngu-can-bo-dam-nghi-dam-lam/", "en"),
    ],
)
def test_blocks_of_an_english_page(text: str, code: str) -> None:
    assert DETECTOR.detect_block(text, ENGLISH).code == code


@pytest.mark.parametrize(
    "text",
    ["Kamerat Tran Thi Hoa talte på møtet. |", "Kilde: Thanh Ha", "Kommentar (0)", "PARTIET",
     "Delegater på møtet", "Nyheter og bilder: Thanh Ha", "Hau A Minh, Ma The Long, Le Thi Dung",
     "Den 14. nasjonale partikongressen", "Politbyrået"],
)  # fmt: skip
def test_short_norwegian_blocks_are_not_taken_for_a_neighbour(text: str) -> None:
    assert DETECTOR.detect_block(text, NORWEGIAN).code == "nb"


def test_english_line_on_a_norwegian_page_is_seen() -> None:
    line = "The meeting was held in the hall of the Provincial Party Committee."
    assert DETECTOR.detect_block(line, NORWEGIAN).code == "en"


def test_a_foreign_header_does_not_decide_the_document() -> None:
    page = "Cổng thông tin điện tử - Nền tảng quảng bá\n\n" + (DOCUMENTS["en"] + "\n\n") * 4
    assert DETECTOR.detect_document(page).code == "en"


def test_mixed_page_goes_to_the_language_with_most_prose() -> None:
    page = "\n\n".join([DOCUMENTS["nb"]] * 5 + [DOCUMENTS["en"]] * 2)
    found = DETECTOR.detect_document(page)
    assert found.code == "nb"
    assert found.confidence < 0.95


def test_answers_do_not_depend_on_what_came_before() -> None:
    page = "Det var en gang\nDer var en gang\nIl était une fois"
    first = DETECTOR.detect_document(page)
    for text in DOCUMENTS.values():
        DETECTOR.detect_document(text)
    assert first == DETECTOR.detect_document(page) == Detector().detect_document(page)


def test_a_detector_travels_to_other_processes() -> None:
    copy = pickle.loads(pickle.dumps(DETECTOR))
    assert copy.detect_document(DOCUMENTS["nb"]) == DETECTOR.detect_document(DOCUMENTS["nb"])


def test_twenty_megabytes_cost_little_more_than_a_page() -> None:
    text = (DOCUMENTS["nb"] + "\n\n") * (20_000_000 // len(DOCUMENTS["nb"]))
    assert sum(map(len, _samples(text))) < 10_000
    assert DETECTOR.detect_document(text).code == "nb"


HEADINGS = Path(__file__).parent.parent / "benchmarks/data/headings.txt"


def test_short_english_headings_are_english() -> None:
    headings = HEADINGS.read_text("utf-8").splitlines()
    wrong = [head for head in headings if DETECTOR.detect_document(head).code != "en"]
    assert len(headings) == 90
    assert len(wrong) <= 1, wrong


@pytest.mark.parametrize("text", ["Retirement", "Personnel", "Cadre planning", "Party badges"])
def test_a_heading_of_an_english_page_is_not_french_or_norwegian(text: str) -> None:
    assert DETECTOR.detect_document(text).code == "en"
    assert DETECTOR.detect_block(text, ENGLISH).code == "en"


@pytest.mark.parametrize(
    "text", ["WTO, ASEAN, GDP", "PARTY CELLS", "Nguyen Van Nam", "QD-TTg 1234/2025", "XIV"]
)
def test_capitals_names_and_codes_decide_nothing(text: str) -> None:
    assert DETECTOR.detect_block(text, NORWEGIAN).code == "nb"


@pytest.mark.parametrize("text", ["Nguyen Van Nam", "Trần Thị Hoa, Lê Văn Nam"])
def test_a_document_of_names_is_und(text: str) -> None:
    assert DETECTOR.detect_document(text) == Language("und", 0.0)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Parti hücreleri bu yılın çalışmalarını gözden geçirdi ve dokuz yeni üye aldı.", "tr"),
        ("A község pártszervezetei áttekintették az év munkáját, és új tagokat vettek fel.", "hu"),
        ("Les cellules du Parti ont fait le bilan de l'année et admis neuf membres.", "fr"),
        ("Las células del Partido revisaron el trabajo del año y admitieron miembros.", "es"),
        ("Sel-sel partai meninjau pekerjaan tahun ini dan menerima sembilan anggota baru.", "id"),
        ("Οι πυρήνες του κόμματος εξέτασαν το έργο της χρονιάς.", "el"),
    ],
)
def test_other_languages_are_named_too(text: str, code: str) -> None:
    assert DETECTOR.detect_document(text).code == code


def test_the_choice_can_be_narrowed() -> None:
    danish = DOCUMENTS["da"]
    assert Detector(["en", "nb"]).detect_document(danish).code == "nb"
    assert Detector(["en", "vi"]).detect_block(danish, ENGLISH).code in ("en", "vi")
    assert Detector(["en", "nb"]).detect_document(DOCUMENTS["ru"]) == Language("und", 0.0)
    assert Detector(["en", "zt"]).detect_document(DOCUMENTS["zt"]).code == "zt"
    assert Detector(["en", "tr"]).detect_document("Parti hücreleri yeni üye aldı.").code == "tr"


def test_a_narrowed_detector_travels_to_other_processes() -> None:
    copy = pickle.loads(pickle.dumps(Detector(["en", "nb"])))
    assert copy.detect_document(DOCUMENTS["da"]).code == "nb"


def test_the_languages_of_the_pages_need_no_slow_model() -> None:
    probe = (
        "import sys; from normalise.stages.detect import Detector\n"
        f"for text in {[DOCUMENTS[code] for code in ('en', 'nb', 'nn', 'vi', 'zh', 'th')]!r}:\n"
        "    Detector().detect_block(text, Detector().detect_document(text))\n"
        "sys.exit(any(m in sys.modules for m in ('numpy', 'py3langid', 'langdetect')))"
    )
    assert subprocess.run([sys.executable, "-c", probe], check=False).returncode == 0


def test_importing_loads_no_model() -> None:
    probe = (
        "import sys, normalise.stages.detect;"
        "sys.exit(any(m in sys.modules for m in ('numpy', 'py3langid', 'langdetect')))"
    )
    assert subprocess.run([sys.executable, "-c", probe], check=False).returncode == 0


@settings(max_examples=60)
@given(st.text(max_size=300))
def test_any_text_is_answered(text: str) -> None:
    document = DETECTOR.detect_document(text)
    block = DETECTOR.detect_block(text, document)
    assert 0 <= document.confidence <= 1
    assert 0 <= block.confidence <= 1
    assert block.code
