"""245 fictional cases among the 60 municipalities, priced from the one price table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from catalog.entries import (
    CaseEntry,
    CaseKind,
    CaseParticipantEntry,
    LeadBodyKind,
    OfferingEntry,
    VendorEntry,
)
from catalog.example.bodies import ExampleBody
from catalog.example.case_texts import case_texts
from catalog.example.funding import funding_facts
from catalog.example.prices import price_for
from catalog.example.tables import catalog_table
from foundation.clock import add_months, fiscal_year_of, fiscal_year_start
from foundation.money import with_tax

CASE_COUNT = 245
COUNCIL_NAME = "架空県電子自治体推進協議会"
ASSOCIATION_NAME = "架空県市町村総合事務組合"
TAX_PERCENT = Decimal(10)

_KINDS = {CaseKind.JOINT: 222, CaseKind.SINGLE: 14, CaseKind.TRIAL: 9}
_LEADS = {
    LeadBodyKind.PREFECTURE: 48,
    LeadBodyKind.MUNICIPALITY: 26,
    LeadBodyKind.COUNCIL: 16,
    LeadBodyKind.ASSOCIATION: 10,
}
_MODELS = {
    LeadBodyKind.PREFECTURE: ("selection_and_requote", "delegation", "basic_and_individual"),
    LeadBodyKind.MUNICIPALITY: ("basic_and_individual", "selection_and_requote"),
    LeadBodyKind.COUNCIL: ("basic_and_individual", "recommended_product"),
    LeadBodyKind.ASSOCIATION: ("intermediary",),
}
_METHODS = {
    "open_proposal": 52,
    "open_bidding": 16,
    "comprehensive_evaluation": 12,
    "quote_comparison": 9,
    "designated_bidding": 4,
    "negotiated_contract": 7,
}
_SHARING = {
    "人口割": 26,
    "均等割30％・人口割70％": 24,
    "均等割": 12,
    "数量割（利用割）": 24,
    "逓減割": 6,
    "": 8,
}
_BASES = {"contract": 46, "settlement": 26, "budget_initial": 16, "estimate": 12}
_SPECS = {"on_request": 52, "public": 26, "not_available": 14, "": 8}
# Fiscal years ago, from 0 to 7.
_AGE_WEIGHTS = (16, 19, 17, 14, 11, 9, 8, 6)
_SIZES = {2: 16, 3: 16, 4: 13, 6: 14, 8: 11, 12: 11, 18: 8, 26: 5, 38: 3, 60: 3}


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What all cases are drawn from. offerings: by system type."""

    prefecture: ExampleBody
    towns: tuple[ExampleBody, ...]
    vendors: Sequence[VendorEntry]
    offerings: Mapping[str, Sequence[OfferingEntry]]
    base: date


@dataclass(frozen=True, kw_only=True)
class Lead:
    """Who led the purchase."""

    kind: LeadBodyKind
    name: str
    code: str | None
    office: str


def make_cases(
    bodies: Sequence[ExampleBody],
    vendors: Sequence[VendorEntry],
    offerings: Sequence[OfferingEntry],
    base: date,
    random: Random,
) -> tuple[CaseEntry, ...]:
    """The cases by key; dates are before the base date, contracts may reach beyond it."""
    by_type: dict[str, list[OfferingEntry]] = {}
    for offering in offerings:
        by_type.setdefault(offering.system_type_code, []).append(offering)
    setting = Setting(
        prefecture=bodies[0],
        towns=tuple(bodies[1:]),
        vendors=vendors,
        offerings=by_type,
        base=base,
    )
    types = [row["system_type"] for row in catalog_table("example_types")]
    counts = [int(row["cases"]) for row in catalog_table("example_types")]
    drawn = random.sample(types, k=CASE_COUNT, counts=counts)
    kinds = random.sample(list(_KINDS), k=CASE_COUNT, counts=list(_KINDS.values()))
    return tuple(
        _case(number, kind, system_type, setting, random)
        for number, (kind, system_type) in enumerate(zip(kinds, drawn, strict=True), start=1)
    )


def _case(
    number: int, kind: CaseKind, system_type: str, setting: Setting, random: Random
) -> CaseEntry:
    members = _members(kind, setting, random)
    lead = _lead(kind, members, setting, random)
    linked = _linked(system_type, setting, random)
    start = _start(system_type, setting.base, random)
    name = next(r["name"] for r in catalog_table("system_types") if r["code"] == system_type)
    key = f"example-case-{number:03d}"
    return CaseEntry(
        key=key,
        kind=kind,
        fictional=True,
        title=_title(kind, name, lead, len(members)),
        system_type_code=system_type,
        lead_body_name=lead.name,
        lead_body_code=lead.code,
        lead_body_kind=lead.kind,
        prefecture_code="99",
        participants_text=_participants_text(members),
        participant_count=len(members),
        participants=tuple(CaseParticipantEntry(body_code=member.code) for member in members),
        contact_office=lead.office,
        cost_facts=funding_facts(key, system_type, fiscal_year_of(start)),
        offering_keys=tuple(offering.key for offering in linked),
        vendor_text=_vendor_text(linked, setting, random),
        **_dates(start, setting.base, random),
        **_procurement(kind, lead.kind, random),
        **_costs(kind, system_type, members, lead.kind, random),
        **case_texts(kind, system_type, lead.name, len(members), fiscal_year_of(start), random),
    )


def _members(kind: CaseKind, setting: Setting, random: Random) -> list[ExampleBody]:
    """One body, or neighbours by code with a few from elsewhere, in order of code."""
    if kind is CaseKind.SINGLE:
        return [random.choice(setting.towns)]
    size = random.choices(list(_SIZES), weights=list(_SIZES.values()))[0]
    if kind is CaseKind.TRIAL:
        size = min(size, 4)
    near = min(size, max(2, size * 7 // 10))
    first = random.randrange(len(setting.towns))
    chosen = [setting.towns[(first + step) % len(setting.towns)] for step in range(near)]
    others = [town for town in setting.towns if town not in chosen]
    chosen += random.sample(others, size - near)
    return sorted(chosen, key=lambda body: body.code)


def _lead(kind: CaseKind, members: Sequence[ExampleBody], setting: Setting, random: Random) -> Lead:
    if kind is CaseKind.SINGLE:
        lead_kind = LeadBodyKind.MUNICIPALITY
    else:
        lead_kind = random.choices(list(_LEADS), weights=list(_LEADS.values()))[0]
    if lead_kind is LeadBodyKind.PREFECTURE:
        prefecture = setting.prefecture
        return Lead(
            kind=lead_kind,
            name=prefecture.name,
            code=prefecture.code,
            office=f"{prefecture.name}総務部デジタル推進課（架空）",
        )
    if lead_kind is LeadBodyKind.MUNICIPALITY:
        town = max(members, key=lambda body: (body.population_census_2020, body.code))
        return Lead(
            kind=lead_kind, name=town.name, code=town.code, office=f"{town.name}情報政策課（架空）"
        )
    name = COUNCIL_NAME if lead_kind is LeadBodyKind.COUNCIL else ASSOCIATION_NAME
    return Lead(kind=lead_kind, name=name, code=None, office=f"{name}事務局（架空）")


def _title(kind: CaseKind, name: str, lead: Lead, count: int) -> str:
    if kind is CaseKind.SINGLE:
        return f"{name}の単独調達（{lead.name}）"
    what = "共同実証" if kind is CaseKind.TRIAL else "共同調達"
    return f"{name}の{what}（{lead.name}・{count}市町村）"


def _participants_text(members: Sequence[ExampleBody]) -> str:
    names = "、".join(member.name for member in members[:8])
    return names if len(members) <= 8 else f"{names} ほか{len(members) - 8}団体"


def _linked(system_type: str, setting: Setting, random: Random) -> list[OfferingEntry]:
    """The product used, where the case names one of the catalog."""
    candidates = setting.offerings.get(system_type, ())
    if not candidates or random.random() > 0.68:
        return []
    # The first products of a kind are used most: a few well-known ones, many with one case.
    weights = [12 // (place + 1) + 1 for place in range(len(candidates))]
    chosen = random.choices(candidates, weights=weights, k=2 if random.random() < 0.06 else 1)
    return list({offering.key: offering for offering in chosen}.values())


def _vendor_text(linked: Sequence[OfferingEntry], setting: Setting, random: Random) -> str:
    if linked:
        sellers = [offering.offers[0].seller_id for offering in linked]
        return "、".join(setting.vendors[seller - 1].name for seller in sellers)
    return random.choice(setting.vendors).name if random.random() < 0.55 else ""


def _start(system_type: str, base: date, random: Random) -> date:
    """The first day of use: April, July or October, never before the kind of system existed."""
    kinds = catalog_table("example_types")
    row = next(row for row in kinds if row["system_type"] == system_type)
    drawn = fiscal_year_of(base) - random.choices(range(8), weights=_AGE_WEIGHTS)[0]
    first = fiscal_year_start(max(drawn, int(row["first_fiscal_year"])))
    start = add_months(first, random.choice((0, 0, 3, 6)))
    return start if start <= base else first


def _dates(start: date, base: date, random: Random) -> dict[str, Any]:
    end = add_months(start, random.choice((12, 36, 36, 60, 60))) - timedelta(days=1)
    latest = base - timedelta(days=random.randint(2, 45))
    published = min(latest, start + timedelta(days=random.randint(60, 240)))
    confirmed = max(published, base - timedelta(days=random.randint(1, 520)))
    return {
        "fiscal_year_start": fiscal_year_of(start),
        "started_text": f"{start.year}-{start.month:02d}",
        "contract_start": start,
        "contract_end": end,
        "status": "in_use" if end >= base else "ended",
        "first_published_on": published,
        "last_confirmed_on": confirmed,
    }


def _procurement(kind: CaseKind, lead: LeadBodyKind, random: Random) -> dict[str, Any]:
    model = "" if kind is not CaseKind.JOINT else random.choice((*_MODELS[lead], ""))
    method = random.choices(list(_METHODS), weights=list(_METHODS.values()))[0]
    applicants = 1 if method == "negotiated_contract" else random.randint(1, 9)
    return {
        "procurement_method": method,
        "contract_model": model,
        "applicant_count": applicants if random.random() < 0.7 else None,
        "spec_availability": random.choices(list(_SPECS), weights=list(_SPECS.values()))[0],
    }


def _costs(
    kind: CaseKind,
    system_type: str,
    members: Sequence[ExampleBody],
    lead: LeadBodyKind,
    random: Random,
) -> dict[str, Any]:
    """Sums over the members, tax-included; joint prices lie under the sum of single ones."""
    if random.random() < 0.12:
        return {}
    prices = [price_for(system_type, member) for member in members]
    percent = joint_percent(len(members)) * random.randint(92, 100) // 100
    initial = with_tax(sum(p.initial_yen for p in prices) * percent // 100, TAX_PERCENT)
    annual = with_tax(sum(p.annual_yen for p in prices) * percent // 100, TAX_PERCENT)
    costs: dict[str, Any] = {
        "initial_cost_yen": initial,
        "annual_operating_cost_yen": annual if random.random() < 0.94 else None,
        "cost_basis": random.choices(list(_BASES), weights=list(_BASES.values()))[0],
        "tax_included": True,
    }
    if kind is CaseKind.JOINT:
        costs["cost_sharing_method"] = random.choices(
            list(_SHARING), weights=list(_SHARING.values())
        )[0]
    return costs


def joint_percent(bodies: int) -> int:
    """What bodies buying together pay, in percent of the sum of single prices; never under 70."""
    return max(70, 100 - 5 * (bodies.bit_length() - 1))
