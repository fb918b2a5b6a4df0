"""予定価格: who knows it until when, and which prices it turns away (domain §3, §4)."""

from datetime import datetime
from decimal import Decimal

from foundation.errors import Blocker
from foundation.labels import LabelledEnum
from procurement.domain.evaluation_rule import STANDARD_RATE, PriceLimit
from procurement.domain.states import BEFORE_NOTICE, WITHOUT_NOTICE, ProcurementMethod, State

MAX_YEN = 10**12


class Disclosure(LabelledEnum):
    """When everybody may read it."""

    BEFORE = "before", "事前に公表する（公告から）"
    AFTER = "after", "事後に公表する（契約の段階から）"
    NEVER = "never", "公表しない"


def limit_of(amount_yen: int, *, tax_included: bool) -> PriceLimit:
    """A tax-included planned price is compared with the price and its tax, rounded down once."""
    return PriceLimit(
        amount_yen=amount_yen, tax_percent=STANDARD_RATE if tax_included else Decimal(0)
    )


def list_stage_blockers(
    state: State, method: ProcurementMethod | None, opened_at: datetime | None, *, chosen: bool
) -> list[Blocker]:
    """Why no planned price can be set any more: it stands before any price is known.

    opened_at: of the present round's proposals, or the moment its opening was asked for.
    chosen: a vendor without a notice has been named.
    """
    if state in BEFORE_NOTICE:
        return []
    direct = method in WITHOUT_NOTICE and state is State.CONTRACTING
    if direct and not chosen:
        return []
    if state is State.SOLICITATION and opened_at is None:
        return []
    message = "予定価格を決められるのは、開札（公告によらない場合は相手方の決定）の前だけです。"
    return [Blocker(code="too_late", message=message)]


def list_amount_blockers(amount_yen: int) -> list[Blocker]:
    """Whole yen of 1 or more."""
    if 1 <= amount_yen <= MAX_YEN:
        return []
    message = "予定価格を1円以上1兆円以下で入力してください。"
    return [Blocker(code="amount", message=message, field="amount_yen")]


def is_public(disclosure: Disclosure, state: State, *, decided: bool) -> bool:
    """Whether everybody may read it in this state. decided: the vendor is."""
    if disclosure is Disclosure.NEVER or state is State.CANCELLED:
        return False
    if disclosure is Disclosure.BEFORE:
        return state not in BEFORE_NOTICE
    return decided and state in (
        State.CONTRACTING,
        State.INTRODUCTION,
        State.OPERATION,
        State.CLOSED,
    )
