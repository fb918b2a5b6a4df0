"""提案上限額: the most that may be asked for one part of a price, of a body and cost kind (§3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from foundation.errors import Blocker
from foundation.labels import LabelledEnum
from foundation.money import with_tax, yen

MOST_CEILINGS = 6_000  # 1,788 bodies with three kinds of cost each
MAX_YEN = 10**12


class CostKind(LabelledEnum):
    """What is paid for, as notices of joint proposals divide their ceilings."""

    MONTHLY = "monthly", "月額"
    INITIAL_SETUP = "initial_setup", "初期"
    LGWAN_SETUP = "lgwan_setup", "LGWAN接続"
    YEARLY = "yearly", "年額"
    TOTAL = "total", "期間全体"


@dataclass(frozen=True, kw_only=True)
class Ceiling:
    """key: by what a proposal names its own amount. tax_percent: 0 where it is tax-excluded."""

    key: str
    label: str
    amount_yen: int
    tax_percent: Decimal = Decimal(0)

    def is_passed_by(self, offered_yen: int) -> bool:
        """Whether a tax-excluded amount is above it; an equal one is not."""
        return with_tax(offered_yen, self.tax_percent) > self.amount_yen

    def reason(self, offered_yen: int) -> str:
        """Why a proposal with this amount is out; '' where it is not."""
        if not self.is_passed_by(offered_yen):
            return ""
        compared = with_tax(offered_yen, self.tax_percent)
        basis = f"（税込 {yen(compared)}）" if self.tax_percent else ""
        return (
            f"{self.label}の{yen(offered_yen)}{basis}が"
            f"提案上限額 {yen(self.amount_yen)}を超えています。"
        )


def key_of(body_code: str, kind: str) -> str:
    """By what an amount of a body and cost kind is named in a proposal."""
    return f"{body_code}/{kind}"


def list_reasons(ceilings: Sequence[Ceiling], offered: Mapping[str, int]) -> list[str]:
    """Every ceiling that is passed; an amount that is missing was refused when it came in."""
    found = (each.reason(offered[each.key]) for each in ceilings if each.key in offered)
    return [reason for reason in found if reason]


def list_offer_blockers(
    ceilings: Sequence[Ceiling], offered: Mapping[str, int], field: str
) -> list[Blocker]:
    """Parts without an amount, and amounts of parts that were not asked for."""
    missing = [each.label for each in ceilings if each.key not in offered]
    known = {each.key for each in ceilings}
    strange = [key for key in offered if key not in known]
    blockers = []
    if missing:
        message = f"提案上限額のある{_some(missing)}の金額を入力してください。"
        blockers.append(Blocker(code="offer_missing", message=message, field=field))
    if strange:
        message = f"提案上限額のない{_some(strange)}の金額は書けません。行を消してください。"
        blockers.append(Blocker(code="offer_unknown", message=message, field=field))
    return blockers


def _some(names: Sequence[str]) -> str:
    """The first three, and how many more."""
    rest = f"ほか{len(names) - 3}件" if len(names) > 3 else ""
    return "、".join(names[:3]) + rest
