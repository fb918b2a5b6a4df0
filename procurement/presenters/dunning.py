"""A 督促状 in words: the same for the page and the Word file."""

from collections.abc import Sequence
from dataclasses import dataclass

from foundation.clock import era_date
from foundation.filters import yen
from procurement.presenters.ledger import category_label
from procurement.presenters.paper_files import begin_paper, fill_table, list_texts, save_paper, say
from procurement.queries.dunning import LetterPage, LetterRow

NOTES = (
    "行き違いで納付済みのときは、ご容赦ください。",
    "遅延損害金・延滞金は計算していません。規約・協定・条例に定めがあるときは、"
    "自団体で確かめてください。",
    "この文書が法令上の督促に当たるかどうかを、もやいは判断しません。",
)


@dataclass(frozen=True, kw_only=True)
class LetterView:
    """What stands in the letter. rows: (name, text)."""

    title: str
    number: int
    letter_number: str
    issued_on: str
    to: str
    sender: str
    text: str
    rows: Sequence[tuple[str, str]]
    notes: Sequence[str]
    fictional: bool


def letter_view(
    title: str, sender: str, fictional: bool, page: LetterPage, letter: LetterRow
) -> LetterView:
    """The letter as it was sent: what had come in is what was owed less what was open."""
    month = f"{page.period.year}年{page.period.month}月分"
    return LetterView(
        title="督促状",
        number=letter.number,
        letter_number=letter.letter_number,
        issued_on=era_date(letter.issued_on),
        to=f"{page.body_name}　御中",
        sender=sender,
        text=(
            "次の請求について、納付期限を過ぎても納付を確認できません。"
            f"{era_date(letter.pay_by)}までに納付してください。"
        ),
        rows=(
            ("案件", title),
            ("請求", f"{page.number}番　{month}・{category_label(page.category)}"),
            ("請求額（税込）", yen(page.amount_yen)),
            ("収納済みの額", yen(page.amount_yen - letter.open_yen)),
            ("未収の額", yen(letter.open_yen)),
            ("納付期限", era_date(page.due_on)),
            ("督促状の発行日", f"{era_date(letter.issued_on)}（{letter.number}回目）"),
            ("指定期限", era_date(letter.pay_by)),
            ("決裁", f"{era_date(letter.approval_date)}　{letter.approval_number}"),
        ),
        notes=NOTES,
        fictional=fictional,
    )


def letter_docx(view: LetterView) -> bytes:
    """The letter as a Word file."""
    paper = begin_paper(view.title, view.fictional)
    if view.letter_number:
        say(paper, view.letter_number)
    say(paper, view.issued_on)
    say(paper, view.to)
    say(paper, view.sender)
    say(paper, view.text)
    fill_table(paper, view.rows)
    list_texts(paper, view.notes)
    return save_paper(paper)
