"""What a body says it needs: its words, its months, and counts too small to be shown.

A need is government information; its annual cost and what blocks it are not (domain §8).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from foundation.labels import LabelledEnum

# Below this many bodies a count could give one of them away: 「5団体未満」.
SMALLEST_SHOWN = 5
# From this many bodies in one prefecture on, its coordinator is told (once per system type).
ALERT_AT = 3


class NeedStatus(LabelledEnum):
    """A need entered by a coordinator counts only once the body confirms it (domain §4)."""

    REQUESTED = "requested", "団体の確認待ち"
    STATED = "stated", "登録済み"
    WITHDRAWN = "withdrawn", "取り下げ"


class Network(LabelledEnum):
    """From which of a body's three separated networks the system is used."""

    ANY = "any", "どちらでもよい"
    LGWAN = "lgwan", "LGWAN接続系"
    INTERNET = "internet", "インターネット接続系"
    MY_NUMBER = "my_number", "マイナンバー利用事務系"


class MustHave(LabelledEnum):
    """What a body cannot do without."""

    DOMESTIC_DATA = "domestic_data", "データの国内保存"
    SINGLE_SIGN_ON = "single_sign_on", "シングルサインオン"
    OPERATION_LOG = "operation_log", "操作記録の取得"
    DATA_RETURN = "data_return", "終了時のデータ返還"
    ACCESSIBILITY = "accessibility", "アクセシビリティの確保"
    CERTIFIED = "certified", "情報セキュリティの第三者認証"
    DATA_LINK = "data_link", "他システムとのデータ連携"
    STAFF_TRAINING = "staff_training", "職員への研修"
    AS_IT_IS = "as_it_is", "標準機能のまま使う（カスタマイズなし）"
    OWN_FORMS = "own_forms", "独自様式への対応（カスタマイズ）"
    CLOUD_ONLY = "cloud_only", "クラウドサービスに限る"
    ON_PREMISES = "on_premises", "庁内サーバーに限る"


# What one specification cannot hold together.
CONFLICTS: tuple[tuple[MustHave, MustHave], ...] = (
    (MustHave.AS_IT_IS, MustHave.OWN_FORMS),
    (MustHave.CLOUD_ONLY, MustHave.ON_PREMISES),
)


def list_contradictions(must_haves: Collection[str]) -> list[tuple[MustHave, MustHave]]:
    """The pairs one body names although no system could meet both."""
    return [(one, other) for one, other in CONFLICTS if one in must_haves and other in must_haves]


def month_index(day: date) -> int:
    """Months since year 0: consecutive months differ by one."""
    return day.year * 12 + day.month - 1


def month_day(index: int) -> date:
    """The first day of the month with that index."""
    return date(index // 12, index % 12 + 1, 1)


def ready_month(wanted_from: date, contract_ends_on: date | None) -> int:
    """The first month the body can use something new: wished for, and no longer bound."""
    wanted = month_index(wanted_from)
    if contract_ends_on is None:
        return wanted
    return max(wanted, month_index(contract_ends_on) + 1)


@dataclass(frozen=True, kw_only=True)
class Demand:
    """What several bodies need of one system type. ends: fiscal year → contracts ending in it."""

    system_type_code: str
    fictional: bool
    bodies: int
    population: int
    quantity: int
    unit: str
    ends: Mapping[int, int]


@dataclass(frozen=True, kw_only=True)
class CoarseDemand:
    """A demand as everybody may read it: no figure from which one body could be worked out.

    bodies, population, quantity: None where too few bodies stand behind them. population is
    floored to 10,000 and quantity to two digits; ends leaves small years out.
    """

    system_type_code: str
    fictional: bool
    bodies: int | None
    population: int | None
    quantity: int | None
    unit: str
    ends: Mapping[int, int]


def coarsen(demand: Demand) -> CoarseDemand:
    """The public form of a demand."""
    shown = demand.bodies >= SMALLEST_SHOWN
    return CoarseDemand(
        system_type_code=demand.system_type_code,
        fictional=demand.fictional,
        bodies=demand.bodies if shown else None,
        population=demand.population // 10_000 * 10_000 if shown else None,
        quantity=two_digits(demand.quantity) if shown else None,
        unit=demand.unit,
        ends={
            year: count
            for year, count in sorted(demand.ends.items())
            if shown and count >= SMALLEST_SHOWN
        },
    )


def two_digits(quantity: int) -> int:
    """Floored to its two leading digits: 12,345 is 12,000."""
    step = int("1" + "0" * max(len(str(quantity)) - 2, 0))
    return quantity // step * step
