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
from catalog.search.value_words import speaking_facets
from foundation.db import Database
from tests.harness.builders import NOW

# 「しない」「不可」: what says no to something is no name for it.
UNSPOKEN = frozenset(("none", "not_tested"))
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


@pytest.mark.parametrize("viewer", list(Viewer))
def test_what_can_be_clicked_can_be_typed(service: SearchService, viewer: Viewer) -> None:
    """A value's word finds at least the entries with the value, and is not taken for another."""
    everything = service.search(SearchQuery(), viewer=viewer, now=NOW)
    spoken = [group for group in everything.facets if group.name in speaking_facets()]
    missed, tried = [], 0
    for group, value in ((each, value) for each in spoken for value in each.values):
        if value.count and value.value not in UNSPOKEN:
            query = SearchQuery(text=value.label, filters={group.name: (value.value,)})
            page = service.search(query, viewer=viewer, now=NOW)
            tried += 1
            if (page.total, page.answered_text, page.partial) != (value.count, "", False):
                missed.append((group.name, value.label, value.count, page.total))
    assert missed == []
    assert tried > 80


@pytest.mark.parametrize(
    ("typed", "facet", "value"),
    [
        ("SaaS", "delivery_model", "saas"),
        ("ISO27001", "certification", "iso27001"),
        ("ISO/IEC 27017", "certification", "iso27017"),
        ("Pマーク", "certification", "p_mark"),
        ("SAML", "sign_in", "saml"),
        ("OpenID", "sign_in", "oidc"),
        ("二要素認証", "sign_in", "mfa"),
        ("オンプレ", "hosting", "on_premises"),
        ("マイナポータル", "connects_to", "myna_portal_api"),
        ("ジービズID", "connects_to", "gbiz_id"),
        ("SOBO-WEB", "connects_to", "sobo_web"),
        ("e-Gov", "connects_to", "e_gov"),
        ("24時間対応", "support_hours", "always"),
        ("中小企業", "vendor_size", "sme"),
        ("スタートアップ企業", "vendor_size", "startup"),
    ],
)
def test_a_value_is_found_by_what_it_is_called_at_the_desk(
    service: SearchService, typed: str, facet: str, value: str
) -> None:
    clicked = SearchQuery(filters={facet: (value,)})
    both = SearchQuery(text=typed, filters={facet: (value,)})
    page = service.search(both, viewer=Viewer.PUBLIC, now=NOW)
    assert page.total == service.count(clicked, viewer=Viewer.PUBLIC, now=NOW) > 0
    assert page.answered_text == ""
    assert all(facet in dict(result.matched_in) for result in page.results)


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
