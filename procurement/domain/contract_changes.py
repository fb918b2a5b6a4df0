"""After the signature: changes, an early end, and what is contracted beyond the award (§4)."""

from dataclasses import dataclass
from datetime import date

from foundation.errors import Blocker
from foundation.labels import LabelledEnum
from procurement.domain.states import State


class ExtensionKind(LabelledEnum):
    """Why more than the award is contracted."""

    LATE_JOINER = "late_joiner", "途中参加"
    CHANGE = "change", "変更"


class ChangeKind(LabelledEnum):
    """What happens to a signed contract."""

    CHANGE = "change", "変更契約"
    END = "end", "解約"
    REPLACED = "replaced", "製品の変更による終了"


# After these the contract is over; a replaced one has a successor, and its body stays.
ENDING = frozenset({ChangeKind.END, ChangeKind.REPLACED})
AFTER_CONTRACTING = (State.INTRODUCTION, State.OPERATION)


@dataclass(frozen=True, kw_only=True)
class ChangeDraft:
    """amount_yen: more (or less, negative) than before, tax-excluded. ends_on: the last day."""

    kind: ChangeKind
    amount_yen: int = 0
    ends_on: date | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class ChangeFacts:
    """left_yen: what the award and its extensions leave, None where there is no limit.

    open_contracts: contracts that have not ended, this one among them.
    """

    state: State
    starts_on: date | None
    current_yen: int
    left_yen: int | None
    open_contracts: int


def list_change_blockers(draft: ChangeDraft, facts: ChangeFacts) -> list[Blocker]:
    """Why a signed contract cannot be changed, or ended, like this."""
    blockers = []
    if facts.state not in AFTER_CONTRACTING:
        message = "契約の変更・解約は、導入・運用の段階で記録します。"
        blockers.append(Blocker(code="wrong_state", message=message))
    if not draft.reason.strip():
        message = "理由を入力してください。"
        blockers.append(Blocker(code="reason", message=message, field="reason"))
    if draft.ends_on and facts.starts_on and draft.ends_on < facts.starts_on:
        message = "期間の終わりを、はじめより後にしてください。"
        blockers.append(Blocker(code="period", message=message, field="ends_on"))
    if draft.kind is ChangeKind.END:
        return blockers + _list_end_blockers(draft, facts)
    return blockers + _list_amount_blockers(draft, facts)


def _list_end_blockers(draft: ChangeDraft, facts: ChangeFacts) -> list[Blocker]:
    blockers = []
    if facts.open_contracts <= 1:
        message = "最後の契約は解約できません。案件を終了または中止してください。"
        blockers.append(Blocker(code="last_contract", message=message))
    if draft.ends_on is None:
        message = "解約する日を入力してください。"
        blockers.append(Blocker(code="ends_on", message=message, field="ends_on"))
    return blockers


def _list_amount_blockers(draft: ChangeDraft, facts: ChangeFacts) -> list[Blocker]:
    if not draft.amount_yen and draft.ends_on is None:
        message = "変わる額か、新しい期間の終わりを入力してください。"
        return [Blocker(code="nothing", message=message, field="amount_yen")]
    if facts.current_yen + draft.amount_yen < 0:
        message = "減額が、今の契約額を超えています。"
        return [Blocker(code="negative", message=message, field="amount_yen")]
    if facts.left_yen is not None and draft.amount_yen > facts.left_yen:
        message = "増額が、決定した額（承認した変更を含む、税抜）を超えます。"
        return [Blocker(code="over_award", message=message, field="amount_yen")]
    return []
