"""督促状: a letter about what is open of an overdue invoice (F19).

No interest is computed: the domain's rules name none, and what applies is in each collection's
own agreement or ordinance.
"""

from dataclasses import dataclass
from datetime import date

from foundation.clock import era_date
from foundation.errors import Blocker

MAX_LETTER_NUMBER = 60


@dataclass(frozen=True, kw_only=True)
class LetterDraft:
    """What is typed. letter_number: as the sender numbers its papers, '' for none."""

    letter_number: str
    pay_by: date


@dataclass(frozen=True, kw_only=True)
class Overdue:
    """The invoice as it stands. last_pay_by: of the newest letter, None before the first."""

    open_yen: int
    due_on: date
    live: bool
    last_pay_by: date | None


def list_overdue_blockers(invoice: Overdue, today: date) -> list[Blocker]:
    """Why no letter is due now."""
    last = invoice.last_pay_by
    checks = (
        ("reversed", invoice.live, "取り消した請求には、督促状を送れません。"),
        ("paid", invoice.open_yen > 0, "この請求に未収はありません。"),
        (
            "not_due",
            invoice.due_on < today,
            f"納付期限（{era_date(invoice.due_on)}）をまだ過ぎていません。",
        ),
        (
            "waiting",
            last is None or last < today,
            f"前の督促状の指定期限（{era_date(last or today)}）を過ぎてから送れます。",
        ),
    )
    return [Blocker(code=code, message=message) for code, holds, message in checks if not holds]


def list_letter_blockers(draft: LetterDraft, today: date) -> list[Blocker]:
    """What cannot stand in a letter of today, by field."""
    checks = (
        ("pay_by", draft.pay_by > today, "指定期限を、明日以後の日付にしてください。"),
        (
            "letter_number",
            len(draft.letter_number.strip()) <= MAX_LETTER_NUMBER,
            f"文書番号を{MAX_LETTER_NUMBER}文字以内で入力してください。",
        ),
    )
    return [
        Blocker(code=field, message=message, field=field)
        for field, holds, message in checks
        if not holds
    ]
