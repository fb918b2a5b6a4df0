"""Facts of an entry that somebody looked at on a day, and which of these days are long past."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from catalog.criteria import criteria_by_key

DAY = "checked_on"
STALE_MARK = "確認から1年以上経過"

# How many whole years after the day a fact was looked at it is to be looked at again. The one
# place that says so: the page, the vendor's desk and the notices read it here.
STALE_AFTER_YEARS: Mapping[str, int] = {
    "certificates": 1,
    "external_listings": 1,
}


@dataclass(frozen=True, kw_only=True)
class StaleFact:
    """A row of an answer. years: whole years since the day it was looked at."""

    criterion: str
    row: str
    label: str
    checked_on: date
    years: int

    @property
    def words(self) -> str:
        """「ISMAP：確認から1年以上経過」, as pages say it."""
        return f"{self.label}：{STALE_MARK}"


def list_stale_facts(answers: Mapping[str, Any], today: date) -> tuple[StaleFact, ...]:
    """Those of the answers that are due to be looked at again; without a day none is."""
    return tuple(
        fact
        for key, years in STALE_AFTER_YEARS.items()
        for fact in _facts(key, answers.get(key), today)
        if fact.years >= years
    )


def stale_by_criterion(
    answers: Mapping[str, Any], criteria: Iterable[str], today: date
) -> dict[str, tuple[StaleFact, ...]]:
    """Of these criteria, the ones with stale facts; a reader is told of what it may read only."""
    found: dict[str, tuple[StaleFact, ...]] = {}
    asked = frozenset(criteria)
    for fact in list_stale_facts(answers, today):
        if fact.criterion in asked:
            found[fact.criterion] = (*found.get(fact.criterion, ()), fact)
    return found


def whole_years(since: date, today: date) -> int:
    """Whole years between the two days; 29 February has its year full on 1 March."""
    return today.year - since.year - ((today.month, today.day) < (since.month, since.day))


def _facts(criterion: str, table: Any, today: date) -> list[StaleFact]:
    labels = criteria_by_key()[criterion].choice_labels
    rows: Mapping[str, Any] = table if isinstance(table, Mapping) else {}
    return [
        StaleFact(
            criterion=criterion,
            row=key,
            label=labels.get(key, key),
            checked_on=checked,
            years=whole_years(checked, today),
        )
        for key, row in rows.items()
        if row.get(DAY)
        for checked in [date.fromisoformat(row[DAY])]
    ]
