"""What the vendor of an entry asked to protect, and why: for answers to freedom-of-information
requests (F14). Which answers and files, not what they say."""

import csv
import io
from collections.abc import Iterator

from catalog.answers import answer_text, is_unstated
from catalog.criterion import Criterion, Disclosure
from catalog.protection import find_reason
from catalog.queries.offerings import OfferingPage
from catalog.questions.protection import REASONS, WORDS
from foundation.text import harmless_cell

HEADING = (
    "番号",
    "名称",
    "版",
    "実データ・架空データ",
    "種類",
    "項目",
    "公開の範囲",
    "事業者が述べた内容と理由",
    "理由の区分",
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
        # A reason stands in the row of what it is about.
        if criterion.disclosure is not Disclosure.PUBLIC and criterion.key != REASONS:
            yield from _answer(page, criterion)


def _answer(page: OfferingPage, criterion: Criterion) -> Iterator[tuple[str, ...]]:
    answer = page.content.answers.get(criterion.key)
    reason = find_reason(page.content.answers, criterion.key)
    if is_unstated(answer) and reason is None:
        return
    if criterion.key == WORDS:
        said, kind = answer_text(criterion, answer), "事業者の申し出"
    else:
        said = reason.text if reason else ""
        kind = "回答（記載なし）" if is_unstated(answer) else "回答"
    yield (
        kind,
        criterion.label,
        criterion.disclosure.label,
        said,
        reason.kind if reason else "",
    )


def _files(page: OfferingPage) -> Iterator[tuple[str, ...]]:
    for file in page.content.files:
        if file.recorded:
            yield ("添付ファイル", file.title, file.disclosure.label, "", "")
