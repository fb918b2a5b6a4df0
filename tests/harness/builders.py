"""Builders: plain functions that put one thing into the database and give it back.

Each needs only a session; everything else has a default that is valid, fictional and
unlike the last one made.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.codes import body_check_digit, corporate_check_digit
from accounts.models import LocalBody, Membership, Organization, User
from accounts.roles import Actor, OrganizationKind, Role
from catalog.models import (
    Case,
    Offer,
    Offering,
    OfferingVersion,
    PricePlan,
    SystemType,
    Vendor,
)

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)

# A plan everybody can compute by hand: 1,000 yen a month per account.
SIMPLE_PLAN: dict[str, Any] = {
    "components": [
        {
            "key": "use",
            "name": "利用料",
            "kind": "recurring",
            "unit": "account",
            "unit_price": "1000",
            "period": "month",
        }
    ]
}

_number = count(1)


def body_code(first_five: str) -> str:
    """The local government code that begins with these five digits."""
    return f"{first_five}{body_check_digit(first_five)}"


def corporate_number(last_twelve: str) -> str:
    """The corporate number that ends with these twelve digits."""
    return f"{corporate_check_digit(last_twelve)}{last_twelve}"


def _find_free_code(session: Session, n: int) -> str:
    """A code of prefecture 99 nobody has: the example has some, and a long run comes round."""
    taken = set(session.scalars(select(LocalBody.code).where(LocalBody.code.startswith("99"))))
    # 99000 would be the prefecture itself.
    codes = (body_code(f"99{(n + 499 + step) % 999 + 1:03d}") for step in range(999))
    return next(code for code in codes if code not in taken)


def list_free_codes(session: Session, how_many: int) -> list[str]:
    """Codes nobody has, ascending also where the numbers come round."""
    found: set[str] = set()
    while len(found) < how_many:
        found.add(_find_free_code(session, next(_number)))
    return sorted(found)


def make_body(session: Session, name: str = "", **facts: Any) -> LocalBody:
    """A fictional municipality (code 99…) with its organisation."""
    n = next(_number)
    code = facts.pop("code", None) or _find_free_code(session, n)
    defaults: dict[str, Any] = {
        "kana": "",
        "kind": "city",
        "prefecture_code": code[:2],
        "prefecture_name": "架空県",
        "population_census_2020": 10_000 * n,
        "population_register_2025": 10_000 * n,
        "households_2020": 4_000 * n,
        "fiscal_strength_index": Decimal("0.500"),
        "standard_fiscal_scale_thousand_yen": 5_000_000,
        "fictional": True,
    }
    body = LocalBody(code=code, name=name or f"架空{n}市", **(defaults | facts))
    session.add(body)
    session.flush()
    kind = "prefecture" if body.kind == "prefecture" else "municipality"
    make_organization(
        session, kind, name=body.name, body_code=code, prefecture_code=body.prefecture_code
    )
    return body


def make_organization(session: Session, kind: str, **facts: Any) -> Organization:
    """An organisation of that kind."""
    defaults = {"name": f"架空機関{next(_number)}", "fictional": True}
    organization = Organization(kind=kind, **(defaults | facts))
    session.add(organization)
    session.flush()
    return organization


def organization_of(session: Session, body: LocalBody) -> Organization:
    """The organisation that acts for a body."""
    return session.query(Organization).filter_by(body_code=body.code).one()


def make_user(session: Session, organization: Organization, *roles: Role, **facts: Any) -> User:
    """A user with these roles in the organisation. Its password is never checked: see sign_in."""
    n = next(_number)
    defaults: dict[str, Any] = {
        "email": f"user{n}@moyai.example",
        "name": f"担当 {n}",
        "password_hash": "!",
        "session_token": f"token-{n}",
        "created_at": NOW,
    }
    user = User(**(defaults | facts))
    session.add(user)
    session.flush()
    for role in roles:
        session.add(Membership(user_id=user.id, organization_id=organization.id, role=role))
    session.flush()
    return user


def make_actor(session: Session, organization: Organization, *roles: Role) -> Actor:
    """A new user of the organisation, as services receive it."""
    user = make_user(session, organization, *roles)
    return Actor(
        user_id=user.id,
        name=user.name,
        organization_id=organization.id,
        organization_kind=OrganizationKind(organization.kind),
        organization_name=organization.name,
        roles=frozenset(roles),
        body_code=organization.body_code,
        prefecture_code=organization.prefecture_code,
        fictional=organization.fictional,
    )


def make_system_type(session: Session, code: str = "generative_ai", **facts: Any) -> SystemType:
    """The system type with that code, made if it is not there."""
    found = session.get(SystemType, code)
    if found is not None:
        return found
    defaults = {"name": f"種別 {code}", "area": "ツール", "position": next(_number)}
    system_type = SystemType(code=code, **(defaults | facts))
    session.add(system_type)
    session.flush()
    return system_type


def make_vendor(session: Session, name: str = "", **facts: Any) -> Vendor:
    """A registered fictional vendor with its organisation."""
    n = next(_number)
    name = name or f"架空システム{n}株式会社"
    number = corporate_number(f"9998{n:08d}")
    organization = make_organization(
        session, "vendor", name=name, corporate_number=number, prefecture_code="99"
    )
    defaults: dict[str, Any] = {
        "prefecture_code": "99",
        "fictional": True,
        "registered_on": TODAY,
        "updated_at": NOW,
    }
    vendor = Vendor(organization_id=organization.id, name=name, **(defaults | facts))
    session.add(vendor)
    session.flush()
    return vendor


def make_offering(
    session: Session,
    vendor: Vendor | None = None,
    *,
    plan: dict[str, Any] | None = None,
    answers: dict[str, Any] | None = None,
    **facts: Any,
) -> Offering:
    """A published entry with version 1, one offer by its maker and one plan."""
    n = next(_number)
    published_at: datetime = facts.pop("published_at", NOW)
    vendor = vendor or make_vendor(session)
    system_type = make_system_type(session, facts.pop("system_type_code", "generative_ai"))
    defaults: dict[str, Any] = {
        "key": f"offering-{n}",
        "name": f"架空サービス{n}",
        "summary": f"架空のサービス {n} です。",
        "publication_status": "published",
        "current_version": 1,
        "fictional": True,
        "registered_on": TODAY,
        "updated_at": NOW,
    }
    offering = Offering(
        vendor_id=vendor.id, system_type_code=system_type.code, **(defaults | facts)
    )
    session.add(offering)
    session.flush()
    session.add(_first_version(offering, vendor, answers or {}, published_at))
    offer = Offer(offering_id=offering.id, seller_id=vendor.id)
    session.add(offer)
    session.flush()
    session.add(
        PricePlan(
            offer_id=offer.id,
            name="標準",
            definition=plan or SIMPLE_PLAN,
            tax_rate_percent=Decimal(10),
            price_basis="架空・仮定",
        )
    )
    session.flush()
    return offering


def _first_version(
    offering: Offering, vendor: Vendor, answers: dict[str, Any], published_at: datetime
) -> OfferingVersion:
    return OfferingVersion(
        offering_id=offering.id,
        number=1,
        name=offering.name,
        summary=offering.summary,
        vendor_name=vendor.name,
        system_type_code=offering.system_type_code,
        answers=answers,
        offers=[],
        content_sha256="0" * 64,
        published_at=published_at,
        published_by="運営者",
    )


def make_case(session: Session, **facts: Any) -> Case:
    """A published fictional joint case; amounts are not stated unless given."""
    n = next(_number)
    system_type = make_system_type(session, facts.pop("system_type_code", "generative_ai"))
    defaults: dict[str, Any] = {
        "key": f"case-{n}",
        "kind": "joint",
        "fictional": True,
        "title": f"架空の共同調達 {n}",
        "lead_body_name": f"架空{n}市",
        "prefecture_code": "99",
        "first_published_on": TODAY,
        "last_confirmed_on": TODAY,
        "updated_at": NOW,
    }
    case = Case(system_type_code=system_type.code, **(defaults | facts))
    session.add(case)
    session.flush()
    return case
