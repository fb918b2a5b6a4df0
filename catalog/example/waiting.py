"""What waits at the desks of the example, and its files, questions and names of before."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import Membership, Organization
from accounts.queries import get_actor
from accounts.roles import Actor, OrganizationKind, Role
from catalog.case_drafting import services as cases
from catalog.case_drafting.contents import sha256_of
from catalog.case_inquiries import ask_contact_office
from catalog.desk import drafts, submissions
from catalog.desk import files as desk_files
from catalog.desk.contents import sha256_of as sha256_of_entry
from catalog.desk.models import OfferingDraft
from catalog.desk.registration import number_of
from catalog.desk.vendor_changes import NewName, request_rename
from catalog.entry_files import FileDisclosure, FileUse
from catalog.importing.incoming import receive
from catalog.models import Case, Offering, SystemType, Vendor, VendorChange
from catalog.search.outbox import queue
from foundation.clock import jst_today
from foundation.settings import find_setting, put_setting
from foundation.uploads.store import FileStore

WAITING_SETTING = "example_waiting"
_OPERATOR = "operator@moyai.example"
_VENDOR = "vendor-manager@moyai.example"
_TOWN, _NEIGHBOUR = "hoyui-staff@moyai.example", "tsunanoe-staff@moyai.example"
_FILES = (
    ("製品のご案内（見本）", FileUse.MATERIAL, FileDisclosure.PUBLIC, "guide.csv"),
    ("導入の手引き（見本）", FileUse.MATERIAL, FileDisclosure.GOVERNMENT, "manual.csv"),
)
_CONTRACTS = "団体コード,システム種別,事業者,契約の終わり,年額（税込・円）\r\n"


def load_example_waiting(session: Session, now: datetime, store: FileStore) -> int:
    """Do each once; the number of the file that was sent in and is still to be read, 0 if none."""
    if find_setting(session, WAITING_SETTING) is not None:
        return 0
    operator = get_actor(session, _OPERATOR)
    vendor, town = get_actor(session, _VENDOR), get_actor(session, _TOWN)
    _give_files(session, vendor, operator, now, store)
    _rename_vendors(session, vendor, operator, now)
    _hand_in_case(session, town, now)
    _ask_office(session, (town, get_actor(session, _NEIGHBOUR)), now)
    put_setting(session, WAITING_SETTING, "1")
    return _send_contracts(session, town, now)


def _list_uploads() -> list[desk_files.Upload]:
    return [
        desk_files.Upload(
            content=f"項目,内容\r\n件名,{title}\r\n".encode(),
            name=name,
            title=title,
            use=use,
            disclosure=disclosure,
        )
        for title, use, disclosure, name in _FILES
    ]


def _give_files(
    session: Session, vendor: Actor, operator: Actor, now: datetime, store: FileStore
) -> None:
    """Files at the first entry of another vendor, looked at by the operator."""
    offering = session.scalars(
        select(Offering)
        .join(Vendor, Vendor.id == Offering.vendor_id)
        .where(Vendor.organization_id != vendor.organization_id, Offering.fictional)
        .where(Offering.publication_status == "published")
        .order_by(Offering.id)
    ).first()
    if offering is None:
        return
    maker = _manager_of(session, offering.vendor)
    for upload in _list_uploads():
        desk_files.add_file(
            session, actor=maker, now=now, offering_id=offering.id, upload=upload, store=store
        )
    content = drafts.current_content(session, offering, session.get(OfferingDraft, offering.id))
    submission = submissions.submit_offering(
        session,
        actor=maker,
        now=now,
        offering_id=offering.id,
        seen=submissions.Seen(
            content_sha256=sha256_of_entry(content), version=offering.current_version
        ),
        change_note="資料を添付しました。（見本）",
    )
    submissions.approve_submission(
        session,
        actor=operator,
        now=now,
        submission_id=submission.id,
        seen_sha256=submission.content_sha256,
        seen_number=number_of(offering.vendor),
        reply="確かめました。（見本）",
    )


def _rename_vendors(session: Session, vendor: Actor, operator: Actor, now: datetime) -> None:
    """One vendor had another name until last year; another one asks for a new name."""
    others = session.scalars(
        select(Vendor)
        .where(Vendor.fictional, Vendor.publication_status == "published")
        .where(Vendor.organization_id != vendor.organization_id)
        .order_by(Vendor.id.desc())
    ).all()
    if len(others) < 2:
        return
    renamed, asking = others[:2]
    session.add(
        VendorChange(
            vendor_id=renamed.id,
            kind="rename",
            old_name="架空むかしの屋号（見本）",
            effective_on=jst_today(now) - timedelta(days=365),
            reason="商号変更（見本）",
            decided_at=now,
            decided_by=operator.label,
        )
    )
    session.flush()
    made = select(Offering.id).where(Offering.vendor_id == renamed.id)
    for offering_id in session.scalars(made).all():
        queue(session, "offering", offering_id, now=now)
    wanted = NewName(
        name="架空あたらしい屋号（見本）",
        kana="",
        effective_on=jst_today(now) - timedelta(days=7),
        reason="商号変更（見本）",
    )
    request_rename(session, actor=_manager_of(session, asking), now=now, wanted=wanted)


def _manager_of(session: Session, vendor: Vendor) -> Actor:
    organization = session.get_one(Organization, vendor.organization_id)
    return Actor(
        name="見本",
        organization_id=organization.id,
        organization_kind=OrganizationKind(organization.kind),
        organization_name=organization.name,
        roles=frozenset({Role.VENDOR_MANAGER}),
        fictional=organization.fictional,
    )


def _hand_in_case(session: Session, town: Actor, now: datetime) -> None:
    draft = cases.start_case(session, actor=town, now=now)
    kind = session.scalars(select(SystemType.code).order_by(SystemType.position)).first()
    content = {
        **draft.content,
        "title": "議事録作成サービスの共同調達（見本）",
        "system_type_code": kind or "",
        "know_how": "参加する団体と仕様を先に合わせると、見積の条件がそろいます。",
    }
    cases.save_case(
        session,
        actor=town,
        now=now,
        draft_id=draft.id,
        content=content,
        seen_sha256=sha256_of(draft.content),
    )
    cases.submit_case(
        session, actor=town, now=now, draft_id=draft.id, seen_sha256=sha256_of(content)
    )


def _ask_office(session: Session, askers: Sequence[Actor], now: datetime) -> None:
    """A question to the first office that reads here, by a body that is not itself."""
    reached = select(Membership.organization_id)
    rows = session.execute(
        select(Case.id, Organization.id)
        .join(Organization, Organization.body_code == Case.lead_body_code)
        .where(Case.fictional, Case.publication_status == "published")
        .where(Organization.id.in_(reached))
        .order_by(Case.id)
    )
    for (case_id, organization_id), asker in ((row, each) for row in rows for each in askers):
        if asker.organization_id != organization_id:
            ask_contact_office(
                session,
                actor=asker,
                now=now,
                case_id=case_id,
                message="負担の分け方を決めるまでの進め方を教えてください。（見本）",
            )
            return


def _send_contracts(session: Session, town: Actor, now: datetime) -> int:
    kind = session.scalars(select(SystemType.name).order_by(SystemType.position)).first()
    row = f"{town.body_code},{kind},架空システム株式会社,2028-03-31,1200000\r\n"
    return receive(
        session,
        actor=town,
        now=now,
        kind_key="contracts",
        file_name="contracts.csv",
        content=(_CONTRACTS + row).encode(),
    ).id
