"""What of the catalog can be found: published offerings and cases, read in a few queries each."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from accounts.codes import FICTIONAL_PREFECTURE_CODE, BodyKind
from accounts.models import LocalBody
from catalog.answers import answer_text, facet_values, stated
from catalog.conformance import conforming_specs, model_specs, spec_names
from catalog.criteria import CRITERIA
from catalog.criterion import Disclosure
from catalog.entries import CaseKind, PublicationStatus
from catalog.funding import CONFORMS_TO_MODEL_SPEC, RECORD_TEXTS, programs_about, programs_named
from catalog.models import (
    Case,
    CaseParticipant,
    Offer,
    Offering,
    OfferingVersion,
    PricePlan,
    SystemType,
    Vendor,
)
from catalog.policy import ClassedKind
from catalog.queries.policy_classes import confirmed_scopes
from catalog.search import sources
from catalog.search.bands import band_of
from catalog.search.documents import SearchDocument
from catalog.search.facets import (
    FACET_CRITERIA,
    FACETS_BY_NAME,
    facet_of_criterion,
    system_type_facets,
)
from catalog.search.former_names import load_former_names
from catalog.search.prices import priced_units, reference_annual_yen
from catalog.search.products import (
    PUBLISHED_OFFERING,
    Product,
    list_cases_naming,
    products_by_case,
    specs_of,
)
from catalog.search.suggestion_sources import list_catalog_suggestions
from catalog.search.towns import (
    MUNICIPAL_POPULATION,
    Town,
    list_towns,
    make_town,
    middle_town,
    population_bands,
)
from foundation.clock import fiscal_year_label

_ENDS = ("。", "！", "？")
_WORDLESS = frozenset({"none", FICTIONAL_PREFECTURE_CODE})


def register_catalog_sources() -> None:
    """Let the catalog's own entries be found."""
    sources.register("offering", OfferingSource())
    sources.register("case", CaseSource())
    sources.register_labels("catalog", load_labels)
    sources.register_followers("offering", "case", list_cases_naming)
    sources.register_suggestions("catalog", list_catalog_suggestions)


def load_labels(session: Session) -> dict[str, dict[str, str]]:
    """The words for system types, in the order of the tree, and for prefectures."""
    types = session.execute(select(SystemType.code, SystemType.name).order_by(SystemType.position))
    prefectures = session.execute(
        select(LocalBody.prefecture_code, LocalBody.name, LocalBody.fictional)
        .where(LocalBody.kind == BodyKind.PREFECTURE.value)
        .order_by(LocalBody.code)
    )
    return {
        "category": {row.code: row.name for row in types},
        "prefecture": {
            row.prefecture_code: f"{row.name}（架空）" if row.fictional else row.name
            for row in prefectures
        },
    }


class OfferingSource:
    """Published offerings as their current version has them."""

    def list_ids(self, session: Session) -> Sequence[int]:
        """Ids of all published offerings."""
        statement = select(Offering.id).where(*PUBLISHED_OFFERING).order_by(Offering.id)
        return session.scalars(statement).all()

    def documents(self, session: Session, ids: Sequence[int]) -> Sequence[SearchDocument]:
        """Documents of those of the ids that are published."""
        statement = (
            select(
                Offering.id,
                OfferingVersion.name,
                OfferingVersion.summary,
                OfferingVersion.answers,
                Offering.fictional,
                Offering.updated_at,
                Offering.vendor_id,
                Vendor.name.label("vendor_name"),
                Vendor.prefecture_code,
                Vendor.sme,
                Vendor.startup,
                SystemType.code.label("system_type_code"),
                SystemType.name.label("system_type_name"),
                SystemType.area,
                SystemType.policy_scope,
                SystemType.keywords,
            )
            .join(OfferingVersion, OfferingVersion.offering_id == Offering.id)
            .join(Vendor, Vendor.id == Offering.vendor_id)
            .join(SystemType, SystemType.code == Offering.system_type_code)
            .where(OfferingVersion.number == Offering.current_version)
            .where(Offering.id.in_(ids), *PUBLISHED_OFFERING)
        )
        plans = _plans_by_offering(session, ids)
        names = load_former_names(session, ids)
        towns = list_towns(session, ids)
        scopes = confirmed_scopes(session, ClassedKind.OFFERING.value, ids)
        return [
            _offering_document(
                row,
                plans[row.id],
                towns[row.id],
                names.get(row.vendor_id, ()),
                scopes.get(row.id, row.policy_scope),
            )
            for row in session.execute(statement)
        ]


class CaseSource:
    """Published cases, real and fictional."""

    def list_ids(self, session: Session) -> Sequence[int]:
        """Ids of all published cases."""
        statement = select(Case.id).where(_PUBLISHED_CASE).order_by(Case.id)
        return session.scalars(statement).all()

    def documents(self, session: Session, ids: Sequence[int]) -> Sequence[SearchDocument]:
        """Documents of those of the ids that are published."""
        statement = (
            select(Case, SystemType, MUNICIPAL_POPULATION, LocalBody.peer_group)
            .join(SystemType, SystemType.code == Case.system_type_code)
            .outerjoin(LocalBody, LocalBody.code == Case.lead_body_code)
            .where(Case.id.in_(ids), _PUBLISHED_CASE)
        )
        names = _participants_by_case(session, ids)
        products = products_by_case(session, ids)
        return [
            _case_document(case, system_type, make_town(*size), names[case.id], products[case.id])
            for case, system_type, *size in session.execute(statement)
        ]


_PUBLISHED_CASE = Case.publication_status == PublicationStatus.PUBLISHED.value


def _offering_document(
    row: Row[Any],
    plans: Sequence[Row[Any]],
    towns: Sequence[Town],
    former_names: Sequence[str],
    policy_scope: str,
) -> SearchDocument:
    sellers = dict.fromkeys(plan.seller for plan in plans)
    facets, names = _offering_facets(row, plans, towns, policy_scope), spec_names()
    size = middle_town(towns)
    return SearchDocument(
        kind="offering",
        object_id=row.id,
        title=row.name,
        url=f"/offerings/{row.id}",
        summary=row.summary,
        vendor=_joined([row.vendor_name, *(s for s in sellers if s != row.vendor_name)], "、"),
        category=row.system_type_name,
        body=_joined(
            [
                row.summary,
                *_answers_in_words(row.answers, Disclosure.PUBLIC),
                *(plan.name for plan in plans),
                *_facet_words(facets, "hosting", "certification"),
                *(names[spec].title for spec in facets["spec"] if spec in names),
                *_affirmed(facets),
                row.keywords.replace("|", "、"),
                *former_names,
            ]
        ),
        government_body=_joined(_answers_in_words(row.answers, Disclosure.GOVERNMENT)),
        facets=facets,
        government_facets=_answer_facets(row.answers, Disclosure.GOVERNMENT),
        updated_at=row.updated_at,
        population=size.population,
        peer_group=size.peer_group,
        fictional=row.fictional,
    )


def _offering_facets(
    row: Row[Any], plans: Sequence[Row[Any]], towns: Sequence[Town], policy_scope: str
) -> dict[str, tuple[str, ...]]:
    definitions = [plan.definition for plan in plans]
    sizes = (("startup", row.startup), ("sme", row.sme))
    specs = conforming_specs(row.answers)
    met = [CONFORMS_TO_MODEL_SPEC] if model_specs().intersection(specs) else []
    return {
        **system_type_facets(row.system_type_code, row.area, policy_scope),
        **_answer_facets(row.answers, Disclosure.PUBLIC),
        "prefecture": _value(row.prefecture_code),
        "population_band": population_bands(towns),
        "price_band": band_of("price_band", reference_annual_yen(definitions)),
        "pricing_unit": priced_units(definitions),
        "vendor_size": tuple(size for size, told in sizes if told),
        "spec": specs,
        "funding_program": programs_about(row.system_type_code, met),
    }


def _answer_facets(
    answers: Mapping[str, Any], disclosure: Disclosure
) -> dict[str, tuple[str, ...]]:
    """The stated choices, by the facets that criteria.py declares."""
    facets: dict[str, tuple[str, ...]] = {}
    for criterion in FACET_CRITERIA:
        answer = answers.get(criterion.key)
        if answer and criterion.disclosure is disclosure:
            facets[facet_of_criterion(criterion)] = facet_values(criterion, answer)
    return facets


def _answers_in_words(answers: Mapping[str, Any], disclosure: Disclosure) -> list[str]:
    """The stated answers that are searched, of one disclosure class."""
    searched = [c for c in CRITERIA if c.indexed and c.disclosure is disclosure]
    given = stated(answers, searched)
    return [answer_text(c, given[c.key]) for c in searched if c.key in given]


def _case_document(
    case: Case,
    system_type: SystemType,
    size: Town,
    participants: Sequence[str],
    products: Sequence[Product],
) -> SearchDocument:
    facets = _case_facets(case, system_type, size, products)
    sentence = _case_in_a_sentence(case, system_type.name)
    places = "・".join(_facet_words(facets, "prefecture", "status", "contract_model"))
    words = system_type.keywords.replace("|", "、")
    return SearchDocument(
        kind="case",
        object_id=case.id,
        title=case.title,
        url=f"/cases/{case.id}",
        summary=_sentences([sentence, case.background]),
        vendor=_joined([case.lead_body_name, case.vendor_text], "、"),
        category=system_type.name,
        body=_sentences(
            [
                sentence,
                "、".join(name for name in participants if name != case.lead_body_name),
                "、".join(product.name for product in products),
                case.background,
                case.process_steps,
                case.know_how,
                case.issues_met,
                *(str(effect) for effect in case.measured_effects),
                *(text for text in _buying(case) if text not in sentence),
                case.cost_facts,
                f"{places}（{words}）" if words else places,
            ]
        ),
        facets=facets,
        updated_at=case.updated_at,
        joining_bodies=case.participant_count or 0,
        population=size.population,
        peer_group=size.peer_group,
        fictional=case.fictional,
    )


def _buying(case: Case) -> tuple[str, ...]:
    return (case.procurement_method_text, case.contract_model_text, case.cost_sharing_method)


def _case_in_a_sentence(case: Case, type_name: str) -> str:
    """「五泉市による生成AIの単独調達（令和7年度（2025年度）開始、公募型プロポーザル）」."""
    year = case.fiscal_year_start
    method = case.procurement_method
    details = [
        f"{fiscal_year_label(year)}開始" if year else "",
        FACETS_BY_NAME["procurement_method"].word(method) if method not in _WORDLESS else "",
        case.participants_text if case.participants_text != CaseKind(case.kind).label else "",
    ]
    known = "、".join(detail for detail in details if detail)
    lead = f"{case.lead_body_name}による" if case.lead_body_name else ""
    return f"{lead}{type_name}の{CaseKind(case.kind).label}" + (f"（{known}）" if known else "")


def _case_facets(
    case: Case, kind: SystemType, size: Town, products: Sequence[Product]
) -> dict[str, tuple[str, ...]]:
    year = case.fiscal_year_start
    return {
        **system_type_facets(kind.code, kind.area, kind.policy_scope),
        "case_kind": (case.kind,),
        "prefecture": _value(case.prefecture_code),
        "status": _value(case.status),
        "fiscal_year": _value(str(year) if year else None),
        "procurement_method": _value(case.procurement_method),
        "contract_model": _value(case.contract_model),
        "population_band": population_bands([size]),
        "price_band": band_of("price_band", case.annual_operating_cost_yen),
        "know_how": ("yes" if case.know_how else "no",),
        "spec": specs_of(products),
        "funding_program": programs_named(getattr(case, name) for name in RECORD_TEXTS),
    }


def _facet_words(facets: Mapping[str, tuple[str, ...]], *names: str) -> list[str]:
    """The words of the values, so that what one can narrow by can be typed as well."""
    return [
        FACETS_BY_NAME[name].word(value)
        for name in names
        for value in facets.get(name, ())
        if value not in _WORDLESS
    ]


def _affirmed(facets: Mapping[str, tuple[str, ...]]) -> list[str]:
    """「LGWAN接続口」 and the like, where the answer is yes."""
    return [
        FACETS_BY_NAME[name].label
        for name, yes in (("lgwan", "yes"), ("lgwan_asp", "registered"))
        if yes in facets.get(name, ())
    ]


def _plans_by_offering(session: Session, ids: Sequence[int]) -> Mapping[int, list[Row[Any]]]:
    statement = (
        select(Offer.offering_id, PricePlan.name, PricePlan.definition, Vendor.name.label("seller"))
        .join(PricePlan, PricePlan.offer_id == Offer.id)
        .join(Vendor, Vendor.id == Offer.seller_id)
        .where(Offer.offering_id.in_(ids), Offer.offered, PricePlan.offered)
        .order_by(Offer.id, PricePlan.position)
    )
    plans: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in session.execute(statement):
        plans[row.offering_id].append(row)
    return plans


def _participants_by_case(session: Session, ids: Sequence[int]) -> Mapping[int, list[str]]:
    statement = (
        select(CaseParticipant.case_id, LocalBody.name)
        .join(LocalBody, LocalBody.code == CaseParticipant.body_code)
        .where(CaseParticipant.case_id.in_(ids))
        .order_by(LocalBody.code)
    )
    return _grouped(session.execute(statement))


def _grouped(rows: Iterable[Any]) -> Mapping[int, list[str]]:
    grouped: dict[int, list[str]] = defaultdict(list)
    for owner, name in rows:
        grouped[owner].append(name)
    return grouped


def _sentences(parts: Iterable[str]) -> str:
    """Each part once and ended, so that an excerpt of them can be read."""
    told = dict.fromkeys(part.strip() for part in parts if part and part.strip())
    return "".join(part if part.endswith(_ENDS) else f"{part}。" for part in told)


def _joined(parts: Iterable[str], separator: str = "\n") -> str:
    return separator.join(part for part in parts if part)


def _value(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()
