"""The datasets everybody may download, made from what a visitor may read."""

from collections.abc import Callable, Mapping
from datetime import date

from sqlalchemy.orm import Session

from accounts.roles import VISITOR
from catalog import exports
from catalog.conformance import naming_specs
from catalog.criteria import PUBLIC_ONLY, visible_criteria
from catalog.queries import cases, offerings
from catalog.queries.marks import list_marks
from catalog.spec_names import load_spec_names
from foundation.audit import find_head

TITLES: Mapping[str, str] = {
    "offerings": "掲載サービスと回答",
    "price-plans": "料金プラン（税抜）",
    "cases": "調達事例",
}


def make_zip(session: Session, name: str, as_of: date) -> bytes:
    """The dataset of that name as it stands today. Raises KeyError for an unknown name."""
    head = find_head(session)
    label = f"{head.seq}:{head.hash}" if head else ""
    return exports.dataset_zip(_MAKERS[name](session, as_of), as_of, label)


def _offerings(session: Session, as_of: date) -> exports.Dataset:
    rows = offerings.list_all_offerings(session)
    contents = offerings.list_current_contents(session, VISITOR, [row.id for row in rows])
    with naming_specs(lambda: load_spec_names(session)):
        return exports.offerings_dataset(
            rows,
            contents,
            visible_criteria(PUBLIC_ONLY),
            list_marks(session),
            as_of,
        )


def _plans(session: Session, _as_of: date) -> exports.Dataset:
    rows = offerings.list_all_offerings(session)
    contents = offerings.list_current_contents(session, VISITOR, [row.id for row in rows])
    return exports.plans_dataset(rows, contents)


def _cases(session: Session, _as_of: date) -> exports.Dataset:
    return exports.cases_dataset(cases.list_case_pages(session))


_MAKERS: Mapping[str, Callable[[Session, date], exports.Dataset]] = {
    "offerings": _offerings,
    "price-plans": _plans,
    "cases": _cases,
}
