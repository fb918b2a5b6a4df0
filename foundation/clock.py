"""Dates as a Japanese office counts them: fiscal years, eras, working days, deadlines.

Nothing here asks what time it is: the present comes in as an argument.
"""

from datetime import UTC, date, datetime, time, timedelta, timezone

import jpholiday

JST = timezone(timedelta(hours=9), "JST")
FISCAL_YEAR_STARTS_IN = 4

# First day of each era; years before Meiji 6 used another calendar and do not occur here.
_ERAS = (
    (date(2019, 5, 1), "令和"),
    (date(1989, 1, 8), "平成"),
    (date(1926, 12, 25), "昭和"),
    (date(1912, 7, 30), "大正"),
    (date(1873, 1, 1), "明治"),
)


def fiscal_year_of(day: date) -> int:
    """The Gregorian year of the April in which the day's fiscal year began."""
    return day.year if day.month >= FISCAL_YEAR_STARTS_IN else day.year - 1


def fiscal_year_start(fiscal_year: int) -> date:
    """1 April of the fiscal year."""
    return date(fiscal_year, FISCAL_YEAR_STARTS_IN, 1)


def fiscal_year_label(fiscal_year: int) -> str:
    """「令和8年度（2026年度）」. A fiscal year is named after the era of its 1 April."""
    era, year = _era_year(fiscal_year_start(fiscal_year))
    # 2019 年度 began in Heisei 31 but offices print it as 令和元年度.
    if fiscal_year == 2019:
        era, year = "令和", 1
    return f"{era}{_year_text(year)}年度（{fiscal_year}年度）"


def era_date(day: date) -> str:
    """「令和8年11月20日」."""
    era, year = _era_year(day)
    return f"{era}{_year_text(year)}年{day.month}月{day.day}日"


def _era_year(day: date) -> tuple[str, int]:
    for first_day, name in _ERAS:
        if day >= first_day:
            return name, day.year - first_day.year + 1
    raise ValueError(f"no era for {day.isoformat()}")


def _year_text(year: int) -> str:
    return "元" if year == 1 else str(year)


def to_jst(moment: datetime) -> datetime:
    """The same moment on a Japanese wall clock. Refuses a moment without a zone."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(JST)


def jst_today(now: datetime) -> date:
    """The calendar day in Japan at this moment."""
    return to_jst(now).date()


def jst_moment(day: date, at: time = time(17, 0)) -> datetime:
    """The UTC moment of a Japanese wall-clock time; deadlines are 17:00 unless said otherwise."""
    return datetime.combine(day, at, tzinfo=JST).astimezone(UTC)


def add_months(day: date, months: int) -> date:
    """The same day some months on, or the last day of a shorter month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, days_in_month(year, month + 1)))


def days_in_month(year: int, month: int) -> int:
    """28 to 31."""
    after = date(year + 1, 1, 1) if month == 12 else date(year, month + 1, 1)
    return (after - date(year, month, 1)).days


def month_start(day: date) -> date:
    """The first day of the day's month."""
    return day.replace(day=1)


def months_between(start: date, end: date) -> int:
    """Whole calendar months from start's month to end's month; 0 within one month."""
    return (end.year - start.year) * 12 + end.month - start.month


def is_working_day(day: date) -> bool:
    """A day Japanese local bodies work: not a weekend, a holiday, or 29 December to 3 January."""
    year_end = (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3)
    return day.weekday() < 5 and not year_end and not jpholiday.is_holiday(day)


def next_working_day(day: date) -> date:
    """The day itself if worked, else the first worked day after it."""
    while not is_working_day(day):
        day += timedelta(days=1)
    return day


def add_working_days(day: date, count: int) -> date:
    """The count-th working day after the day; 0 gives the first worked day from it on."""
    day = next_working_day(day)
    for _ in range(count):
        day = next_working_day(day + timedelta(days=1))
    return day


def previous_working_day(day: date) -> date:
    """The day itself if worked, else the last worked day before it."""
    while not is_working_day(day):
        day -= timedelta(days=1)
    return day


def back_working_days(day: date, count: int) -> date:
    """The count-th working day before the day; 0 gives the last worked day up to it."""
    day = previous_working_day(day)
    for _ in range(count):
        day = previous_working_day(day - timedelta(days=1))
    return day


def count_working_days(start: date, end: date) -> int:
    """Worked days from start to end, both counted; 0 when end is before start."""
    days = (start + timedelta(days=n) for n in range((end - start).days + 1))
    return sum(map(is_working_day, days))
