"""Search over the example data against the database itself: counts, names, what must be hidden."""

from collections.abc import Mapping
from random import Random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import String, case, cast, func, literal, null, select, union_all

from catalog.models import Case, Offering, Vendor
from catalog.search.documents import Viewer
from catalog.search.query import SearchQuery
from catalog.search.service import SearchService
from foundation.db import Database
from tests.harness.builders import NOW

FACETS = (
    "kind", "fictional", "case_kind", "category", "prefecture", "status", "fiscal_year",
    "procurement_method", "contract_model", "know_how",
)  # fmt: skip


def as_word(flag: Any) -> Any:
    return case((flag, "fictional"), else_="real")


OFFERINGS = (
    select(
        literal("offering").label("kind"),
        as_word(Offering.fictional).label("fictional"),
        null().label("case_kind"),
        Offering.system_type_code.label("category"),
        Vendor.prefecture_code.label("prefecture"),
        *(null().label(name) for name in FACETS[5:]),
    )
    .join(Vendor, Vendor.id == Offering.vendor_id)
    .where(Offering.publication_status == "published")
)
CASES = select(
    literal("case").label("kind"),
    as_word(Case.fictional).label("fictional"),
    Case.kind.label("case_kind"),
    Case.system_type_code.label("category"),
    Case.prefecture_code.label("prefecture"),
    func.nullif(Case.status, "").label("status"),
    cast(Case.fiscal_year_start, String).label("fiscal_year"),
    func.nullif(Case.procurement_method, "").label("procurement_method"),
    func.nullif(Case.contract_model, "").label("contract_model"),
    case((Case.know_how != "", "yes"), else_="no").label("know_how"),
).where(Case.publication_status == "published")
ENTRIES = union_all(OFFERINGS, CASES).subquery()


@pytest.fixture(scope="module")
def service(app: Flask) -> SearchService:
    service: SearchService = app.extensions["moyai_search"]
    return service


def count_in_sql(
    database: Database, facet: str, filters: Mapping[str, tuple[str, ...]]
) -> dict[str, int]:
    """The facet's values with their counts, its own choice left aside."""
    column = ENTRIES.c[facet]
    others = [ENTRIES.c[name].in_(values) for name, values in filters.items() if name != facet]
    statement = select(column, func.count()).where(*others, column.is_not(None)).group_by(column)
    with database.read_session() as session:
        return {row[0]: row[1] for row in session.execute(statement)}


@pytest.mark.parametrize("seed", range(50))
def test_facets_equal_sql_counts(service: SearchService, seed: int) -> None:
    random = Random(seed)
    everything = service.search(SearchQuery(), viewer=Viewer.PUBLIC, now=NOW)
    values = {facet.name: [v.value for v in facet.values] for facet in everything.facets}
    filters: dict[str, tuple[str, ...]] = {"kind": ("offering", "case")}
    for name in random.sample(FACETS[1:], random.choice((0, 1, 1, 2, 3))):
        filters[name] = tuple(random.sample(values[name], min(2, len(values[name]))))

    page = service.search(SearchQuery(filters=filters), viewer=Viewer.PUBLIC, now=NOW)

    shown = {f.name: {v.value: v.count for v in f.values if v.count} for f in page.facets}
    kinds = count_in_sql(service.database, "kind", filters)
    assert page.total == sum(kinds.values())
    for facet in FACETS[1:]:
        assert shown[facet] == count_in_sql(service.database, facet, filters), facet
    found_kinds = {kind: shown["kind"].get(kind, 0) for kind in ("offering", "case")}
    assert found_kinds == {"offering": 0, "case": 0} | kinds


def test_every_entry_is_found_by_its_exact_name(service: SearchService) -> None:
    snapshot = service.current().snapshot
    missed = []
    for number in snapshot.document_numbers():
        shown = snapshot.shown(number)
        page = service.search(SearchQuery(text=shown["title"]), viewer=Viewer.PUBLIC, now=NOW)
        first = [r for r in page.results if r.title == shown["title"]]
        # Entries of one name stand together at the top; each is among them.
        if (shown["kind"], shown["id"]) not in {(r.kind, r.id) for r in first[:20]}:
            missed.append(shown["title"])
        assert page.results[0].title == shown["title"]
    assert missed == []
    assert len(snapshot.document_numbers()) > 500


def test_the_index_has_exactly_what_the_sources_say(service: SearchService) -> None:
    assert service.is_whole()


def test_a_real_case_is_summed_up_in_a_sentence_that_repeats_nothing(
    service: SearchService,
) -> None:
    query = SearchQuery(text="五泉市 プロポーザル", filters={"fictional": ("real",)})
    [found] = service.search(query, viewer=Viewer.PUBLIC, now=NOW).results
    assert found.summary.startswith("五泉市による生成AIの単独調達（令和")
    excerpt = "".join(text for text, _ in found.highlights["body"])
    assert excerpt.startswith(found.summary)
    assert excerpt.count("単独調達") == excerpt.count("プロポーザル") == 1
