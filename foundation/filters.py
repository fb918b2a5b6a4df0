"""How figures, moments and dates are written on a page. Pure; web.py gives them to Jinja."""

from collections.abc import Callable
from datetime import date, datetime

from foundation import clock, money
from foundation.long_lists import options

UNKNOWN = "記載なし"


def yen(amount: int | None) -> str:
    """「1,234,000円」, or 「記載なし」 where no amount is known."""
    return UNKNOWN if amount is None else money.yen(amount)


def number(value: int | None) -> str:
    """Thousands separated, or 「記載なし」 where no figure is known."""
    return UNKNOWN if value is None else money.number(value)


def jst(moment: datetime | None) -> str:
    """「2026年11月20日 17時00分」 on a Japanese wall clock."""
    if moment is None:
        return UNKNOWN
    at = clock.to_jst(moment)
    return f"{at.year}年{at.month}月{at.day}日 {at.hour}時{at.minute:02d}分"


def jst_date(moment: datetime | date | None) -> str:
    """「2026年11月20日」, the day in Japan."""
    if moment is None:
        return UNKNOWN
    day = clock.to_jst(moment).date() if isinstance(moment, datetime) else moment
    return f"{day.year}年{day.month}月{day.day}日"


def era_date(day: datetime | date | None) -> str:
    """「令和8年11月20日」, the day in Japan."""
    if day is None:
        return UNKNOWN
    return clock.era_date(clock.to_jst(day).date() if isinstance(day, datetime) else day)


def fy(fiscal_year: int | None) -> str:
    """「令和8年度（2026年度）」."""
    return UNKNOWN if fiscal_year is None else clock.fiscal_year_label(fiscal_year)


FILTERS: dict[str, Callable[..., str]] = {
    "yen": yen,
    "number": number,
    "jst": jst,
    "jst_date": jst_date,
    "era": era_date,
    "era_date": era_date,
    "fy": fy,
    "options": options,
}
