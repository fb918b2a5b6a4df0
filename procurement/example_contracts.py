"""Steps that example projects share from the chosen vendor to the use, by the real services."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from accounts.queries import get_actor
from catalog.models import Offering, Vendor
from foundation.clock import add_months, jst_moment
from procurement.domain.contracts import ContractKind, Guarantee
from procurement.domain.introduction import Check, IntroductionStep
from procurement.domain.signing import ContractDraft
from procurement.example_actors import actor_of
from procurement.example_steps import Walk
from procurement.queries.contracts import find_qualification
from procurement.services.contract_partners import choose_vendor, record_qualification
from procurement.services.contracts import Approval, sign_overall, sign_own
from procurement.services.introduction import record_check, start_use, write_know_how

VENDOR = "vendor-manager@moyai.example"


def list_vendors(walk: Walk) -> list[Vendor]:
    """The example's own vendor, and another that makes products of the kind."""
    own = get_actor(walk.session, VENDOR).organization_id
    other = (
        select(Vendor)
        .join(Offering, Offering.vendor_id == Vendor.id)
        .where(Offering.system_type_code == walk.project.system_type_code, Vendor.fictional)
        .where(Vendor.organization_id != own, Vendor.publication_status == "published")
        .order_by(Vendor.id)
    )
    mine = select(Vendor).where(Vendor.organization_id == own)
    found = [walk.session.scalars(each).first() for each in (mine, other)]
    return [vendor for vendor in found if vendor is not None]


def choose(walk: Walk, vendor: Vendor, price_yen: int | None, seen: int) -> None:
    """The lead names the vendor. seen: the number of the award before, 0 for none."""
    choose_vendor(
        walk.session,
        **walk.given,
        vendor_id=vendor.id,
        price_yen=price_yen,
        quotes_taken=2,
        reason="条件を満たす事業者のうちから選んだため（架空）",
        seen_number=seen,
    )


def date_back(walk: Walk) -> None:
    """The deadlines as they would have been before the term."""
    walk.project.join_closes_at = jst_moment(walk.term_start - timedelta(days=240))
    walk.project.consent_closes_at = jst_moment(walk.term_start - timedelta(days=180))
    walk.session.flush()


# Contracts


def make_draft(walk: Walk, number: str) -> ContractDraft:
    """What every contract of the example says; kind and amount follow from the model."""
    months = walk.project.term_months
    assert months is not None
    ends_on = add_months(walk.term_start, months) - timedelta(days=1)
    return ContractDraft(
        kind=ContractKind.INDIVIDUAL,
        number=number,
        signed_on=walk.term_start - timedelta(days=10),
        starts_on=walk.term_start,
        ends_on=ends_on,
        tax_percent=Decimal(10),
        clause="地方自治法施行令第167条の2第1項第2号",
        reason="条件を満たす事業者のうちから選んだため（架空）",
        guarantee=Guarantee.INSURED,
    )


def _approval(walk: Walk) -> Approval:
    return Approval(day=walk.prepared_on, number="契第8号（架空）")


def sign_for_all(walk: Walk, draft: ContractDraft) -> int:
    """The lead's contract for everybody, which names no amount; its id."""
    draft = replace(draft, amount_yen=None, guarantee=None, clause="", reason="")
    return sign_overall(walk.session, **walk.given, draft=draft, approval=_approval(walk)).id


def sign_as(walk: Walk, code: str, vendor: Vendor, draft: ContractDraft) -> None:
    """The body has the vendor on its list, and contracts."""
    actor = actor_of(walk.session, code)
    given = walk.given | {"actor": actor}
    if not find_qualification(walk.session, actor.organization_id, vendor.id).row_version:
        record_qualification(
            walk.session,
            **given,
            number=f"架-{code}",
            valid_until=draft.ends_on or walk.base,
            seen_version=0,
            vendor_id=vendor.id,
        )
    sign_own(walk.session, **given, body_code=code, draft=draft, approval=_approval(walk))


def introduce(walk: Walk, codes: Sequence[str], know_how: str, now: datetime) -> None:
    """Each body's steps are done, all use it from the first day, and the know-how is written."""
    given: dict[str, Any] = {
        "session": walk.session,
        "actor": walk.lead,
        "now": now,
        "project_id": walk.project.id,
    }
    for code in codes:
        seen = 0
        for n, step in enumerate(IntroductionStep):
            check = Check(done_on=walk.term_start - timedelta(days=8 - n))
            seen = record_check(**given, body_code=code, step=step, check=check, seen_id=seen).id
        start_use(**given, body_code=code, starts_on=walk.term_start)
    write_know_how(**given, know_how=know_how, no_know_how_reason="", seen_version=0)
    walk.move("start_operation", now)
