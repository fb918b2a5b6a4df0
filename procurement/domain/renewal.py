"""A renewed term, and the body that says nothing to it (domain §4: each wait has a way out).

A body with a contract does not lapse: its contract would stand with the vendor. But a contract
ends with its term. So after the deadline the lead records that a silent body does not take part
in the next term: it stays in the present one to its last day and leaves then.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from foundation.errors import Blocker
from procurement.domain.costs import Term
from procurement.domain.states import State

NOT_RENEWED = "回答がないまま期限を過ぎたため、次の期間に参加しない"


def last_day_before(terms: Sequence[Term]) -> date | None:
    """The last day of the present term; None while no term after it is being agreed.

    terms: of the fixed versions, the newest first. A term that begins on the same day as, or
    within, an earlier one is no next term.
    """
    if not terms:
        return None
    earlier = [term.end for term in terms[1:] if term.start < terms[0].start]
    if not earlier or max(earlier) > terms[0].start:
        return None
    return max(earlier) - timedelta(days=1)


def list_ending_blockers(
    state: State, *, name: str, has_contract: bool, last_day: date | None, others: int
) -> list[Blocker]:
    """Why it cannot be recorded that the body does not take part in the next term.

    others: how many bodies would be left in it. Deadline and reminders: consent.py.
    """
    checks = (
        (
            "wrong_state",
            state is State.OPERATION,
            "次の期間に参加しないことは、運用の段階で記録します。",
        ),
        (
            "no_contract",
            has_contract,
            f"{name}は契約を記録していません。期限切れにしてください。",
        ),
        (
            "no_next_term",
            last_day is not None,
            "今の期間が終わった後に始まる、次の期間の負担案が確定していません。"
            "案件の内容で次の期間を入力し、負担案の次の版を確定してください。",
        ),
        (
            "nobody_left",
            others > 0,
            "次の期間に残る団体がなくなります。更新せずに、期間の終わりに案件を終了してください。",
        ),
    )
    return [Blocker(code=code, message=message) for code, holds, message in checks if not holds]


def takes_part_in(ends_on: date | None, term_start: date | None) -> bool:
    """Whether a body whose last day is ends_on has a part in a term. None: no end, no term yet."""
    return ends_on is None or term_start is None or ends_on >= term_start
