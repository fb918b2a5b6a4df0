"""A draft as the case it would become, and every reason why it cannot become one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import LocalBody, Organization
from accounts.roles import OrganizationKind
from catalog.case_drafting.contents import entry_of, given_of, list_too_long
from catalog.case_drafting.filling import list_outside_faults
from catalog.case_drafting.models import CaseDraft
from catalog.checks import list_case_blockers
from catalog.entries import CaseEntry, LeadBodyKind
from catalog.models import Case, Offering, SystemType
from catalog.queries.cases import readable_offering
from foundation.clock import jst_today
from foundation.errors import Blocker

_KINDS = {
    OrganizationKind.PREFECTURE: LeadBodyKind.PREFECTURE,
    OrganizationKind.MUNICIPALITY: LeadBodyKind.MUNICIPALITY,
    OrganizationKind.ASSOCIATION: LeadBodyKind.ASSOCIATION,
    OrganizationKind.COUNCIL: LeadBodyKind.COUNCIL,
}


def list_draft_faults(session: Session, draft: CaseDraft, now: datetime) -> list[Blocker]:
    """Every reason why the draft cannot be handed in."""
    content = draft.content
    faults = list_too_long(content)
    if session.get(SystemType, content.get("system_type_code") or "") is None:
        message = "システム種別を選んでください。"
        faults.append(Blocker(code="system_type", message=message, field="system_type_code"))
    if "@" in (content.get("contact_office") or ""):
        message = "メールアドレスは書けません。部署の名称だけを書いてください。"
        faults.append(Blocker(code="address", message=message, field="contact_office"))
    codes = set(content.get("participants") or ())
    known = set(session.scalars(select(LocalBody.code).where(LocalBody.code.in_(codes))))
    if codes - known:
        message = f"団体コード「{'、'.join(sorted(codes - known))}」の団体はありません。"
        faults.append(Blocker(code="body_unknown", message=message, field="participants"))
    faults += _list_offering_faults(session, draft, content)
    faults += list_outside_faults(session, draft.id)
    return faults + list_case_blockers(make_entry(session, draft, content, now))


def _list_offering_faults(
    session: Session, draft: CaseDraft, content: Mapping[str, Any]
) -> list[Blocker]:
    """Entries that are not there, or fictional where the case is real and the other way."""
    keys = list(content.get("offering_keys") or ())
    if not keys:
        return []
    fictional = session.get_one(Organization, draft.organization_id).fictional
    statement = select(Offering.key).where(
        Offering.key.in_(keys), Offering.fictional == fictional, readable_offering()
    )
    missing = sorted(set(keys) - set(session.scalars(statement)))
    if not missing:
        return []
    message = f"掲載サービス「{'、'.join(missing)}」は、この事例と結び付けられません。"
    return [Blocker(code="offering_unknown", message=message, field="offering_keys")]


def make_entry(
    session: Session, draft: CaseDraft, content: Mapping[str, Any], now: datetime
) -> CaseEntry:
    """The content with what follows from who leads it, or from the case that readers see."""
    today = jst_today(now)
    case = find_case_of(session, draft)
    if case is not None:
        return entry_of(content, given_of(case) | {"last_confirmed_on": today})
    lead = session.get_one(Organization, draft.organization_id)
    given = {
        "key": draft.key,
        "fictional": lead.fictional,
        "lead_body_name": lead.name,
        "lead_body_code": lead.body_code,
        "lead_body_kind": _KINDS.get(OrganizationKind(lead.kind), LeadBodyKind.OTHER),
        "prefecture_code": lead.prefecture_code,
        "first_published_on": today,
        "last_confirmed_on": today,
    }
    return entry_of(content, given)


def find_case_of(session: Session, draft: CaseDraft) -> Case | None:
    """The published case that the draft changes, locked."""
    return session.get(Case, draft.case_id, with_for_update=True) if draft.case_id else None
