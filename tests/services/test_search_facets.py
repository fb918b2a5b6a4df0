"""Every facet of the example data against what the database says, entry by entry."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import LocalBody, Organization
from catalog.criteria import CRITERIA
from catalog.models import Case, Offering, OfferingVersion, SystemType, Vendor, case_offering
from catalog.search.documents import Viewer
from catalog.search.query import SearchQuery
from catalog.search.service import SearchService
from procurement.models import Project, ProjectOffering
from procurement.queries.project_rows import IS_PUBLIC
from tests.harness.builders import NOW

Values = dict[str, set[str]]
AREAS = {"総務部門": "administration", "事業部門": "operations", "ツール": "tool"}
RENAMED = {
    "purposes": "purpose", "technologies": "technology", "lgwan_endpoint": "lgwan",
    "lgwan_asp_registration": "lgwan_asp", "certifications": "certification",
}  # fmt: skip
# By what the source of each program names, read by a person; ended ones are named by cases only.
PROGRAM_OF_TYPE = {
    "school_administration": {"school-dx-subsidy"},
    "giga_device": {"giga-fund"},
    "core_business": {"standardization-fund"},
}
PROGRAM_WORDS = {
    "new-local-grant": "新しい地方経済・生活環境創生交付金",
    "digital-garden-types": "デジタル田園都市国家構想交付金 TYPES",
    "digital-use-bond": "デジタル活用推進事業債",
    "school-dx-subsidy": "次世代校務DX環境整備の補助",
    "giga-fund": "GIGA端末の都道府県基金",
    "school-network-subsidy": "学校ネットワーク改善の補助",
    "standardization-fund": "デジタル基盤改革支援基金",
}
BANDS = {
    "p0": 0, "p5k": 5_000, "p10k": 10_000, "p30k": 30_000, "p50k": 50_000, "p100k": 100_000,
    "p200k": 200_000, "p500k": 500_000,
}  # fmt: skip
FACETS = (
    "kind", "fictional", "category", "area", "policy_scope", "deadline", "population_band",
    "vendor_size", "pricing_unit", "spec", "funding_program",
    *(RENAMED.get(c.key, c.key) for c in CRITERIA if c.facet),
)  # fmt: skip


@pytest.fixture(scope="module")
def service(app: Flask) -> SearchService:
    service: SearchService = app.extensions["moyai_search"]
    return service


@pytest.fixture(scope="module")
def entries(service: SearchService) -> list[Values]:
    """What each published entry is, read without any of the search's own code."""
    with service.database.read_session() as session:
        return [*offerings(session), *cases(session), *projects(session)]


def offerings(session: Session) -> list[Values]:
    rows = session.execute(
        select(Offering, OfferingVersion, Vendor)
        .join(OfferingVersion, OfferingVersion.offering_id == Offering.id)
        .join(Vendor, Vendor.id == Offering.vendor_id)
        .where(OfferingVersion.number == Offering.current_version)
        .where(Offering.publication_status == "published")
    ).all()
    return [offering_values(session, *row) for row in rows]


def offering_values(
    session: Session, offering: Offering, version: OfferingVersion, vendor: Vendor
) -> Values:
    values = common("offering", offering.fictional, offering.system_type)
    for criterion in CRITERIA:
        answer = version.answers.get(criterion.key)
        if criterion.facet and answer:
            name = RENAMED.get(criterion.key, criterion.key)
            if criterion.columns:  # of a table, the rows that say yes
                first = criterion.columns[0].key
                answer = [row for row, said in answer.items() if said[first] in criterion.affirmed]
            values[name] = set(answer if isinstance(answer, list) else [answer])
    values["spec"] = conforming(version)
    values["funding_program"] = PROGRAM_OF_TYPE.get(offering.system_type_code, set()) | (
        {"new-local-grant"} if "disaster-model" in values["spec"] else set()
    )
    values["vendor_size"] = {
        name for name, told in (("startup", vendor.startup), ("sme", vendor.sme)) if told
    }
    values["pricing_unit"] = {
        component["unit"]
        for offer in version.offers
        for plan in offer["plans"]
        for component in plan["definition"]["components"]
        if component["kind"] == "recurring"
    }
    used = session.scalars(
        select(Case)
        .join(case_offering, case_offering.c.case_id == Case.id)
        .where(case_offering.c.offering_id == offering.id, Case.publication_status == "published")
    ).all()
    values["population_band"] = {
        band
        for case in used
        for code in (case.lead_body_code, *(p.body_code for p in case.participants))
        for band in band_of_body(session, code)
    }
    return values


def cases(session: Session) -> list[Values]:
    found = session.scalars(select(Case).where(Case.publication_status == "published")).all()
    return [
        common("case", case.fictional, case.system_type)
        | {
            "population_band": band_of_body(session, case.lead_body_code),
            "spec": specs_of(session, case.offerings),
            "funding_program": {
                key
                for key, words in PROGRAM_WORDS.items()
                if any(words in text for text in (case.cost_facts, case.background))
            },
        }
        for case in found
    ]


def specs_of(session: Session, used: list[Offering]) -> set[str]:
    return {
        spec
        for offering in used
        if offering.publication_status == "published"
        for version in session.scalars(
            select(OfferingVersion).where(
                OfferingVersion.offering_id == offering.id,
                OfferingVersion.number == offering.current_version,
            )
        )
        for spec in conforming(version)
    }


def conforming(version: OfferingVersion) -> set[str]:
    said = version.answers.get("spec_conformance", [])
    return {one["spec"] for one in said if one["status"] != "not_conforming"}


def projects(session: Session) -> list[Values]:
    found = session.scalars(select(Project).where(IS_PUBLIC)).all()
    return [
        common("project", project.fictional, project.system_type)
        | {
            "population_band": band_of_body(
                session, session.get_one(Organization, project.lead_organization_id).body_code
            ),
            "funding_program": {"new-local-grant"}
            | PROGRAM_OF_TYPE.get(project.system_type_code, set()),
            "spec": specs_of(
                session,
                session.scalars(
                    select(Offering)
                    .join(ProjectOffering, ProjectOffering.offering_id == Offering.id)
                    .where(
                        ProjectOffering.project_id == project.id,
                        ProjectOffering.relation.in_(("awarded", "in_use")),
                    )
                ).all(),
            ),
            "deadline": deadline(_closing(project)),
        }
        for project in found
    ]


def _closing(project: Project) -> datetime | None:
    """By hand: bodies may join until then, or vendors propose. A drafted notice closes nothing."""
    if project.state == "forming":
        return project.join_closes_at
    before = ("intention_survey", "specification", "estimate", "agreement", "cancelled")
    return None if project.state in before else project.proposals_close_at


def common(kind: str, fictional: bool, system_type: SystemType) -> Values:
    return {
        "kind": {kind},
        "fictional": {"fictional" if fictional else "real"},
        "category": {system_type.code},
        "area": {AREAS[system_type.area]},
        "policy_scope": {system_type.policy_scope},
    }


def band_of_body(session: Session, code: str | None) -> set[str]:
    body = session.get(LocalBody, code) if code else None
    population = body.population_census_2020 if body and body.kind != "prefecture" else None
    if not population:
        return set()
    return {[band for band, lower in BANDS.items() if population >= lower][-1]}


def deadline(closes_at: datetime | None) -> set[str]:
    if closes_at is None:
        return set()
    if closes_at < NOW:
        return {"past"}
    return {"soon" if closes_at - NOW <= timedelta(days=30) else "later"}


def count(entries: list[Values], facet: str, filters: Mapping[str, tuple[str, ...]]) -> Counter:
    return Counter(
        value
        for entry in entries
        if all(
            entry.get(name, set()) & set(chosen)
            for name, chosen in filters.items()
            if name != facet
        )
        for value in entry.get(facet, ())
    )


def test_the_tables_of_this_test_know_every_value(entries: list[Values]) -> None:
    met = {name for entry in entries for name, values in entry.items() if values}
    assert met == set(FACETS)


@pytest.mark.parametrize("seed", range(50))
def test_counts_equal_a_count_by_hand(
    service: SearchService, entries: list[Values], seed: int
) -> None:
    random = Random(seed)
    filters: dict[str, tuple[str, ...]] = {}
    # `kind` of an existing entry and one or two more of its own values: seldom nothing is left.
    example = random.choice(entries)
    filled = sorted(name for name, values in example.items() if values)
    for name in random.sample(filled, random.choice((1, 2, 3))):
        others = sorted({value for entry in entries for value in entry.get(name, ())})
        filters[name] = tuple({random.choice(sorted(example[name])), random.choice(others)})

    page = service.search(
        SearchQuery(filters={"kind": ("offering", "case", "project"), **filters}),
        viewer=Viewer.PUBLIC,
        now=NOW,
    )

    shown = {f.name: {v.value: v.count for v in f.values if v.count} for f in page.facets}
    asked = {"kind": ("offering", "case", "project"), **filters}
    for facet in FACETS:
        counted = shown.get(facet, {})
        expected = dict(count(entries, facet, asked))
        if facet == "kind":
            counted = {k: n for k, n in counted.items() if k in ("offering", "case", "project")}
        assert counted == expected, (facet, filters)
    matching = [e for e in entries if all(e.get(n, set()) & set(v) for n, v in asked.items())]
    assert page.total == len(matching) > 0
