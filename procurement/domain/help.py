"""Asking for help (F23, F12): what may be asked of whom, and what comes after what."""

from foundation.errors import Blocker
from foundation.labels import LabelledEnum

MAX_SUBJECT = 120
MAX_TEXT = 4000
MAX_YEN = 1_000_000_000_000


class HelpKind(LabelledEnum):
    """A question of any kind, or a quote to be looked at (F12)."""

    QUESTION = "question", "相談"
    SCRUTINY = "scrutiny", "見積の精査"


class HelpStatus(LabelledEnum):
    """Where a request stands."""

    ASKED = "asked", "受付待ち"
    TAKEN = "taken", "対応中"
    ANSWERED = "answered", "回答済み"
    WITHDRAWN = "withdrawn", "取下げ"


class HelpAction(LabelledEnum):
    """One step of a request."""

    ASKED = "asked", "依頼した"
    TAKEN = "taken", "受け付けた"
    ROUTED = "routed", "回した"
    ANSWERED = "answered", "回答した"
    WITHDRAWN = "withdrawn", "取り下げた"


OPEN = (HelpStatus.ASKED, HelpStatus.TAKEN)
# Other vendors' prices are no vendor's to see: a quote is looked at by public bodies only.
ASKED_OF: dict[HelpKind, tuple[str, ...]] = {
    HelpKind.QUESTION: ("prefecture", "ministry", "vendor"),
    HelpKind.SCRUTINY: ("prefecture", "ministry"),
}


def list_asking_blockers(
    kind: HelpKind, subject: str, text: str, initial_yen: int | None, annual_yen: int | None
) -> list[Blocker]:
    """What is wrong with a request as typed."""
    checks = [
        (0 < len(subject.strip()) <= MAX_SUBJECT, "subject", f"件名を{MAX_SUBJECT}文字以内で"),
        (0 < len(text.strip()) <= MAX_TEXT, "text", f"内容を{MAX_TEXT:,}文字以内で"),
        (_within(initial_yen), "initial_yen", "初期費用を0円以上で"),
        (_within(annual_yen), "annual_yen", "年額を0円以上で"),
    ]
    if kind is HelpKind.SCRUTINY:
        named = initial_yen is not None or annual_yen is not None
        checks.append((named, "annual_yen", "精査を依頼する見積の初期費用か年額を"))
    return [
        Blocker(code=field, message=f"{message}入力してください。", field=field)
        for holds, field, message in checks
        if not holds
    ]


def list_addressee_blockers(kind: HelpKind, organization_kind: str) -> list[Blocker]:
    """Why an organisation of that kind cannot be asked this."""
    if organization_kind in ASKED_OF[kind]:
        return []
    message = "見積の精査は、事業者には依頼できません。都道府県か府省庁を選んでください。"
    if kind is HelpKind.QUESTION:
        message = "依頼先を選び直してください。"
    return [Blocker(code="addressee", message=message, field="to")]


def list_open_blockers(status: HelpStatus) -> list[Blocker]:
    """Why nothing more can be done with a request."""
    if status in OPEN:
        return []
    message = f"この依頼は「{status.label}」です。必要なときは、新しく依頼してください。"
    return [Blocker(code="not_open", message=message)]


def _within(yen: int | None) -> bool:
    return yen is None or 0 <= yen <= MAX_YEN
