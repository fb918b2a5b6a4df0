"""What the vendor of an entry asked to protect, and why: for answers to freedom-of-information
requests (F14). Which answers and files, not what they say."""

import csv
import io
from collections.abc import Iterator

from catalog.answers import answer_text, is_unstated
from catalog.criterion import Disclosure
from catalog.queries.offerings import OfferingPage
from foundation.text import harmless_cell

# The question in which a vendor says what it asks for, in its own words.
ASKED = "protected_information"
HEADING = (
    "番号",
    "名称",
    "版",
    "実データ・架空データ",
    "種類",
    "項目",
    "公開の範囲",
    "事業者が述べた内容と理由",
)


def protected_csv(page: OfferingPage) -> bytes:
    """UTF-8 with BOM, one row per answer or file that is not for everybody."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEADING)
    kind = "架空データ" if page.row.fictional else "実データ"
    head = (str(page.row.id), page.content.name, str(page.content.row.number), kind)
    for row in (*_answers(page), *_files(page)):
        writer.writerow([harmless_cell(cell) for cell in (*head, *row)])
    return text.getvalue().encode("utf-8-sig")


def _answers(page: OfferingPage) -> Iterator[tuple[str, ...]]:
    for criterion in page.criteria:
        answer = page.content.answers.get(criterion.key)
        if criterion.disclosure is Disclosure.PUBLIC or is_unstated(answer):
            continue
        asked = criterion.key == ASKED
        said = answer_text(criterion, answer) if asked else ""
        kind = "事業者の申し出" if asked else "回答"
        yield (kind, criterion.label, criterion.disclosure.label, said)


def _files(page: OfferingPage) -> Iterator[tuple[str, ...]]:
    for file in page.content.files:
        if file.recorded:
            yield ("添付ファイル", file.title, file.disclosure.label, "")
