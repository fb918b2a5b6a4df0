"""Every form of the product, what people type into it by mistake, and how it must answer."""

import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from operator import attrgetter

from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from lxml.etree import XPath
from lxml.html import HtmlElement
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from accounts.models import User
from accounts.roles import Actor, Role
from catalog.case_drafting.contents import sha256_of as case_sha256_of
from catalog.case_drafting.models import CaseDraft, CaseSubmission
from catalog.case_drafting.services import find_waiting, recall_case, start_case, submit_case
from catalog.case_inquiries import ask_contact_office
from catalog.desk.contents import sha256_of
from catalog.desk.drafts import start_offering
from catalog.desk.invitations import InvitedRole, invite_member
from catalog.desk.models import OfferingDraft, OfferingSubmission
from catalog.desk.submissions import Seen, recall_submission, submit_offering
from catalog.desk.vendor_changes import NewName, request_rename
from catalog.desk.vendor_models import VendorInvitation, VendorRename
from catalog.desk.waiting import find_waiting as find_waiting_entry
from catalog.importing.incoming import UNREADABLE, receive
from catalog.marks import MarkEntry, set_mark
from catalog.models import Case, CaseInquiry, Offering, PolicyItem, Vendor
from catalog.publishing import write_case
from foundation.db import Database
from foundation.text import normalize, printable
from procurement.domain.help import HelpKind
from procurement.domain.lots import Division, DivisionDraft
from procurement.help_models import HelpRequest
from procurement.lead_models import LeadChange
from procurement.ledger_models import Invoice
from procurement.models import Consent, Participation, Project, ProjectRole
from procurement.need_models import Need
from procurement.queries.previews import get_previews
from procurement.queries.standing import find_standing
from procurement.requirement_models import Requirement
from procurement.services.help import ask_help
from procurement.services.lots import add_lot
from procurement.services.notice import set_notice
from procurement.services.requirements import RequirementFields, add_requirement
from procurement.services.rfi import request_information
from procurement.services.shares import fix_share_version
from procurement.services.stages import record_first_stage
from procurement.survey_models import SurveyQuestion
from tests.harness.builders import (
    NOW,
    make_actor,
    make_offering,
    make_organization,
    make_vendor,
)
from tests.harness.catalog import ANSWERS, case_entry
from tests.harness.client import StrictClient, as_page
from tests.harness.contracts import (
    WITHOUT_AMOUNT,
    certify,
    make_contracting_project,
    sign_all,
)
from tests.harness.desk import PLAN
from tests.harness.example import sign_in
from tests.harness.ledger import bill, invoice_draft, make_collected_project
from tests.harness.needs import state
from tests.harness.page import Form, Page, words_of
from tests.harness.projects import APPROVED, World, make_project, make_world, move
from tests.harness.stages import TRIED
from tests.harness.surveys import ask
from tests.harness.tender import NOTICE
from tests.harness.unit_prices import make_priced_project

JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龥]")

INVITED = "joining@vendor.example"
UNPRINTABLE = "a\x00b\x1b\ufffe"
LONG = "あ" * 5000
TEXTS = (UNPRINTABLE, LONG, "😀𠮷", "<script>alert(1)</script>", "\u202e")
BROKEN_NUMBERS = ("-1", "−５", "1e309", "1" + "0" * 20, "NaN", "sNaN", "0x10", "1.2.3")
BROKEN_DAYS = ("2026-02-30", "0000-00-00", "令和99999年1月1日", "9999-12-31", "2026-13-01")
HARMLESS = ("", "　", "１２", "12.5", "２０２７年４月１日", "令和9年4月1日")
EVERYTHING = (*TEXTS, *BROKEN_NUMBERS, *BROKEN_DAYS, *HARMLESS)

_NUMBERS = {
    "quantity",
    "min_participants",
    "term_months",
    "equal_percent",
    "leaver_notice_months",
    "tolerance_percent",
    "standalone_yen",
    "amount_yen",
    "annual_cost_yen",
}
_DAYS = {
    *("starts_on", "approval_date", "join_closes_on", "consent_closes_on", "term_start"),
    *("wanted_from", "contract_ends_on", "closes_on"),
}
# Controls that show nothing of what was typed, or only one of their own choices.
_SHOWS_NOTHING = {"hidden", "password", "checkbox", "radio", "submit"}


def is_never_accepted(name: str, value: str) -> bool:
    """Whether a field of that name must refuse the value."""
    if name in _NUMBERS or name.startswith("maximum_"):
        return value in (*TEXTS, *BROKEN_NUMBERS, *BROKEN_DAYS)
    if name in _DAYS:
        return value in (*TEXTS, *BROKEN_NUMBERS, *BROKEN_DAYS, "12.5", "１２")
    return value == LONG and name != "confirmed"  # a ticked box is ticked, whatever it sends


@dataclass
class Town:
    """An application over a small world, and who uses it."""

    app: Flask
    database: Database
    lead: Actor
    stranger: Actor
    manager: Actor
    staff: Actor
    joined_manager: Actor
    forming: int
    agreed: int
    hidden: int
    need: int
    drafted: int
    surveyed: int
    contracting: int
    required: int
    reporter: Actor
    policy_item: int
    case: int
    sent: int
    collected: int
    reported_body: str
    unpriced: int
    certified: int
    lotted: int
    priced: int
    line: int
    operator: Actor
    offering: int
    help: int
    trade: "Trade"

    def client(self, actor: Actor | None) -> StrictClient:
        """A browser of that person, or of a visitor, whose pages are read strictly."""
        client = StrictClient(self.app)
        if actor is not None:
            self._sign_in(client, actor)
        return client

    def plain_client(self, actor: Actor) -> FlaskClient:
        """As `client`, for answers by the thousand."""
        client = self.app.test_client()
        self._sign_in(client, actor)
        return client

    def _sign_in(self, client: FlaskClient, actor: Actor) -> None:
        with self.database.read_session() as session:
            email = session.get_one(User, actor.user_id).email
        sign_in(client, email)


@dataclass
class Trade:
    """A vendor with an entry, asked for information; a case and what was asked of its office."""

    manager: Actor
    entry: int
    rename: int
    others: tuple[int, int]
    draft: int
    inquiry: int
    maker: int
    started: int
    mark: int
    registration: str
    joining: str
    waits: "Waits"


@dataclass
class Waits:
    """What waits for somebody: a whole draft, what was handed in, a council's case.

    drafted, written: an entry and a case nobody handed in yet; entry, case: submissions before
    the operator.
    """

    drafted: int
    written: int
    entry: int
    case: int
    council_case: int
    vendor: int


def _token(app: Flask, view: str, **claims: str) -> str:
    """What the link of a mail carries: see catalog/views/registration.py."""
    return str(URLSafeTimedSerializer(app.secret_key or "", salt=f"moyai {view}").dumps(claims))


def _invite(session: Session, manager: Actor) -> str:
    """The key of an open invitation to the manager's vendor."""
    key = secrets.token_urlsafe(32)
    invite_member(
        session,
        actor=manager,
        email=INVITED,
        role=InvitedRole.STAFF,
        key=key,
        link="https://moyai.example/",
        now=NOW,
    )
    return key


def _set_mark(session: Session, operator: Actor, entry: int) -> int:
    facts = MarkEntry(
        issuer=f"架空協議会{secrets.token_hex(4)}",
        reason="試行の結果",
        marked_on=NOW.date(),
        source="架空の議事録",
        url="",
    )
    return set_mark(session, actor=operator, now=NOW, offering_id=entry, entry=facts)


def _draft_entry(session: Session, maker: Actor, vendor_id: int, kind: str) -> int:
    """A whole draft of the vendor, its number."""
    offering = start_offering(
        session,
        actor=maker,
        now=NOW,
        key=f"whole-{secrets.token_hex(4)}",
        name="架空の書き終えた製品",
        summary="架空の対話サービスです。",
        system_type_code=kind,
    )
    draft = session.get_one(OfferingDraft, offering.id)
    offer = {"seller_id": vendor_id, "contract_conditions": "", "plans": [PLAN]}
    draft.content = dict(draft.content) | {"answers": dict(ANSWERS), "offers": [offer]}
    session.flush()
    return offering.id


def _hand_in_entry(session: Session, maker: Actor, offering_id: int) -> int:
    """The number of what then waits."""
    draft = session.get_one(OfferingDraft, offering_id)
    return submit_offering(
        session,
        actor=maker,
        now=NOW,
        offering_id=offering_id,
        seen=Seen(content_sha256=sha256_of(draft.content), version=0),
        change_note="",
    ).id


def _draft_case(session: Session, writer: Actor, kind: str) -> int:
    """A draft that can be handed in, its number."""
    case = start_case(session, actor=writer, now=NOW)
    written = {"title": "架空の書き終えた事例", "system_type_code": kind}
    case.content = dict(case.content) | written
    session.flush()
    return case.id


def _hand_in_case(session: Session, writer: Actor, draft_id: int) -> int:
    """The number of what then waits."""
    draft = session.get_one(CaseDraft, draft_id)
    seen = case_sha256_of(draft.content)
    handed = submit_case(session, actor=writer, now=NOW, draft_id=draft_id, seen_sha256=seen)
    return handed.id


def _make_waits(session: Session, maker: Actor, vendor_id: int, kind: str, writer: Actor) -> Waits:
    handed = _draft_entry(session, maker, vendor_id, kind)
    written, case = (_draft_case(session, writer, kind) for _ in range(2))
    council = case_entry(
        key="of-a-council", lead_body_code=None, lead_body_name="架空協議会", system_type_code=kind
    )
    make_organization(session, "council", alternate_key="leads", name="架空協議会")
    return Waits(
        drafted=_draft_entry(session, maker, vendor_id, kind),
        entry=_hand_in_entry(session, maker, handed),
        written=written,
        case=_hand_in_case(session, writer, case),
        council_case=write_case(session, council, now=NOW).id,
        vendor=make_vendor(session, publication_status="submitted").id,
    )


def _make_trade(
    session: Session, app: Flask, operator: Actor, world: World, project: int, case: int
) -> Trade:
    vendor, *others = (make_vendor(session) for _ in range(3))
    entry = make_offering(session, vendor)
    manager = make_actor(session, vendor.organization, Role.VENDOR_MANAGER)
    request_information(
        session,
        actor=world.lead,
        now=NOW,
        project_id=project,
        vendor_ids=[vendor.id],
        message="概算をお願いします。",
        closes_at=NOW + timedelta(days=60),
    )
    renamed = make_vendor(session)
    rename = request_rename(
        session,
        actor=make_actor(session, renamed.organization, Role.VENDOR_MANAGER),
        now=NOW,
        wanted=NewName(name="架空の新しい名", kana="", effective_on=APPROVED, reason="商号変更"),
    )
    return Trade(
        manager=manager,
        entry=entry.id,
        rename=rename.id,
        others=(others[0].id, others[1].id),
        draft=start_case(session, actor=world.staff[world.bodies[2].code], now=NOW).id,
        inquiry=ask_contact_office(
            session,
            actor=world.manager(world.bodies[0]),
            now=NOW,
            case_id=case,
            message="進め方を教えてください。",
        ),
        maker=vendor.id,
        started=start_offering(
            session,
            actor=manager,
            now=NOW,
            key="started",
            name="書きかけ",
            summary="架空の書きかけです。",
            system_type_code=entry.system_type_code,
        ).id,
        mark=_set_mark(session, operator, entry.id),
        registration=_token(app, "registration.register", email="new@vendor.example"),
        joining=_token(app, "registration.join", key=_invite(session, manager)),
        waits=_make_waits(
            session, manager, vendor.id, entry.system_type_code, world.staff[world.bodies[2].code]
        ),
    )


def make_town(app: Flask) -> Town:
    """Two leads; a project gathering bodies, one with a version to consent to, one hidden."""
    database: Database = app.extensions["moyai_database"]
    with database.transaction() as session:
        world, other = make_world(session), make_world(session)
        forming = make_project(session, world, joined=2)
        required = add_requirement(
            session,
            actor=world.lead,
            now=NOW,
            project_id=forming.id,
            wanted=RequirementFields(text="要件", settled="must"),
        )
        agreed = make_project(session, world, joined=3, title="合意した共同調達")
        move(session, world.lead, agreed, "start_agreement")
        standing = find_standing(session, world.lead, agreed.id)
        chosen = get_previews(session, agreed, standing).find(None)
        assert chosen
        assert chosen.preview
        fix_share_version(
            session,
            actor=world.lead,
            now=NOW,
            project_id=agreed.id,
            basis_id=chosen.basis.id,
            preview_sha256=chosen.preview.sha256,
        )
        record_first_stage(
            session,
            actor=world.lead,
            now=NOW,
            project_id=agreed.id,
            wanted=TRIED,
            seen_number=0,
        )
        hidden = make_project(session, other, joined=0, title="見えない共同調達")
        hidden.state, hidden.published = "intention_survey", False
        stated = [state(session, world.staff[body.code]) for body in world.bodies[:2]]
        last = world.bodies[2]
        drafted = make_project(session, world, joined=0, title="下書きの調査")
        surveyed = make_project(session, world, joined=0, title="調査中の共同調達")
        ask(session, world, surveyed, last.code)
        contracting, _, _ = make_contracting_project(session, world, "basic_and_individual")
        sign_all(session, world, contracting, WITHOUT_AMOUNT)
        reporter, policy_item = _make_ministry(session)
        case = write_case(session, case_entry(lead_body_code=last.code), now=NOW)
        collected, _, _ = make_collected_project(session, world)
        bill(session, world.lead, collected, invoice_draft())
        unpriced, _, _ = make_contracting_project(session, world, "basic_and_individual")
        priced = make_priced_project(session, world)
        certified, vendor, _ = make_contracting_project(session, world, "recommended_product")
        certify(session, world, certified, vendor, "架空チャット")
        line = session.scalars(select(Invoice.id).order_by(Invoice.id)).first() or 0
        office = make_organization(session, "operator", alternate_key="o")
        operator = make_actor(session, office, Role.OPERATOR)
        return Town(
            app=app,
            database=database,
            lead=world.lead,
            stranger=other.lead,
            manager=world.manager(last),
            staff=world.staff[last.code],
            joined_manager=world.manager(world.bodies[0]),
            forming=forming.id,
            agreed=agreed.id,
            hidden=hidden.id,
            need=stated[0].id,
            drafted=drafted.id,
            surveyed=surveyed.id,
            contracting=contracting.id,
            required=required.id,
            reporter=reporter,
            policy_item=policy_item,
            case=case.id,
            sent=_send_contracts(session, app, world.staff[last.code]),
            collected=collected.id,
            reported_body=world.bodies[0].code,
            unpriced=unpriced.id,
            certified=certified.id,
            lotted=_make_lots(session, world),
            priced=priced.id,
            line=line,
            operator=operator,
            offering=make_offering(session).id,
            help=_ask_help(session, world.staff[last.code], world.lead),
            trade=_make_trade(session, app, operator, world, forming.id, case.id),
        )


def _make_lots(session: Session, world: World) -> int:
    """A project divided in two, with a notice written for the first."""
    project = make_project(session, world)
    given = {"actor": world.lead, "now": NOW, "project_id": project.id}
    draft = DivisionDraft(name="県南", own_name="県北", divided_by=Division.REGION)
    add_lot(session, draft=draft, seen_count=0, **given)
    set_notice(session, wanted=NOTICE, seen_version=0, **given)
    return project.id


def _ask_help(session: Session, asker: Actor, asked: Actor) -> int:
    row = ask_help(
        session,
        actor=asker,
        now=NOW,
        kind=HelpKind.QUESTION,
        to_organization_id=asked.organization_id or 0,
        subject="相談",
        text="教えてください。",
    )
    return row.id


def _make_ministry(session: Session) -> tuple[Actor, int]:
    """A ministry's reporter and an item it is competent for."""
    ministry = make_organization(session, "ministry", name="架空省")
    item = PolicyItem(
        kind="commonization_target",
        decision_fy=2025,
        item_no=1,
        name="入札参加資格審査システム",
        ministries="架空省",
        source_doc="取りまとめ2026 概要（決定案）",
        source_lines="S3:654",
    )
    session.add(item)
    session.flush()
    return make_actor(session, ministry, Role.MINISTRY_REPORTER), item.id


def _send_contracts(session: Session, app: Flask, actor: Actor) -> int:
    """A file of a body that waits for somebody to go on with it."""
    with app.app_context():
        file = receive(
            session,
            actor=actor,
            now=NOW,
            kind_key="contracts",
            file_name="contracts.csv",
            content="団体コード,システム種別,事業者,契約の終わり,年額（税込・円）\r\n".encode(),
        )
    file.phase = UNREADABLE
    session.flush()
    return file.id


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A form: on which page, whose, what a right answer is.

    undo: takes back what an accepted answer did, so that the next one is asked the same.
    """

    page: str
    action: str
    who: str = ""
    valid: dict[str, str] = field(default_factory=dict)
    button: str = ""
    undo: Callable[[Town], None] = lambda town: None

    def read(self, town: Town, client: StrictClient) -> Form:
        """The form as it stands on its page now."""
        page = client.page(self.page.format(town=town))
        return page.form(self.action.format(town=town), button=self.button)

    def open(self, town: Town) -> tuple[StrictClient, Form]:
        client = town.client(attrgetter(self.who)(town) if self.who else None)
        return client, self.read(town, client)


def _rename_joined(town: Town) -> None:
    """Who came in by the invitation has another address: its link is asked as by nobody known."""
    with town.database.transaction() as session:
        session.execute(
            update(VendorInvitation).where(VendorInvitation.email == INVITED).values(outcome="")
        )
        session.execute(
            update(User)
            .where(User.email == INVITED)
            .values(email=f"{secrets.token_hex(6)}@vendor.example")
        )


def _take_out(town: Town) -> None:
    """The body of `manager` and `staff` never was in the forming project."""
    with town.database.transaction() as session:
        session.execute(
            delete(ProjectRole).where(
                ProjectRole.project_id == town.forming,
                ProjectRole.organization_id == town.manager.organization_id,
            )
        )
        session.execute(
            delete(Participation).where(
                Participation.project_id == town.forming,
                Participation.body_code == town.manager.body_code,
            )
        )


def _take_back_in(town: Town) -> None:
    """The body of `joined_manager` never left the forming project."""
    with town.database.transaction() as session:
        session.execute(
            update(Participation)
            .where(
                Participation.project_id == town.forming,
                Participation.body_code == town.joined_manager.body_code,
            )
            .values(status="joined", left_at=None, leave_reason="")
        )


def _need_nothing(town: Town) -> None:
    """Neither the body of `staff` nor any other but the first two ever said a need."""
    with town.database.transaction() as session:
        first = session.get_one(Need, town.need).body_code
        joined = select(Participation.body_code).where(Participation.project_id == town.forming)
        session.execute(delete(Need).where(Need.body_code != first, Need.body_code.not_in(joined)))


def _ask_nothing(town: Town) -> None:
    with town.database.transaction() as session:
        session.execute(delete(SurveyQuestion).where(SurveyQuestion.project_id == town.drafted))


def _require_nothing(town: Town) -> None:
    with town.database.transaction() as session:
        session.execute(
            delete(Requirement).where(
                Requirement.project_id == town.forming, Requirement.id != town.required
            )
        )


def _copy_nothing(town: Town) -> None:
    _require_nothing(town)
    with town.database.transaction() as session:
        session.execute(delete(SurveyQuestion).where(SurveyQuestion.project_id == town.forming))


def _offer_nothing(town: Town) -> None:
    with town.database.transaction() as session:
        session.execute(delete(LeadChange).where(LeadChange.project_id == town.forming))


def _answer_nothing(town: Town) -> None:
    with town.database.transaction() as session:
        session.execute(update(HelpRequest).values(status="asked", reply=""))


def _fix_nothing(town: Town) -> None:
    """Versions are never taken back: the list differs from the newest one again."""
    with town.database.transaction() as session:
        row = session.get_one(Requirement, town.required)
        row.settled = "wanted" if row.settled == "must" else "must"


def _ask_again(town: Town) -> None:
    with town.database.transaction() as session:
        session.execute(update(Consent).values(status="asked", maximum_yen={}))


def _send_again(town: Town) -> None:
    with town.database.transaction() as session:
        town.sent = _send_contracts(session, town.app, town.staff)


def _ask_office_nothing(town: Town) -> None:
    with town.database.transaction() as session:
        session.execute(delete(CaseInquiry).where(CaseInquiry.id != town.trade.inquiry))


def _reply_nothing(town: Town) -> None:
    with town.database.transaction() as session:
        inquiry = session.get_one(CaseInquiry, town.trade.inquiry)
        inquiry.reply, inquiry.replied_at, inquiry.replied_by = "", None, ""


def _keep_the_name(town: Town) -> None:
    with town.database.transaction() as session:
        session.execute(delete(VendorRename).where(VendorRename.id != town.trade.rename))


def _decide_nothing(town: Town) -> None:
    with town.database.transaction() as session:
        session.get_one(VendorRename, town.trade.rename).verdict = ""


def _stay(town: Town) -> None:
    with town.database.transaction() as session:
        session.get_one(Project, town.forming).state = "forming"


def _mark_again(town: Town) -> None:
    """What was withdrawn stays so: another one stands in its place."""
    with town.database.transaction() as session:
        town.trade.mark = _set_mark(session, town.operator, town.trade.entry)


def _show_again(town: Town) -> None:
    """The entry neither was taken down nor hidden."""
    with town.database.transaction() as session:
        session.get_one(Offering, town.trade.entry).publication_status = "published"


def _register_again(town: Town) -> None:
    with town.database.transaction() as session:
        session.get_one(Vendor, town.trade.waits.vendor).publication_status = "submitted"


def _recall_entry(town: Town) -> None:
    with town.database.transaction() as session:
        number = town.trade.waits.drafted
        waiting = find_waiting_entry(session, number)
        assert waiting
        recall_submission(
            session,
            actor=town.trade.manager,
            now=NOW,
            offering_id=number,
            submission_id=waiting.id,
        )


def _hand_in_entry_again(town: Town) -> None:
    """What was decided stays so: it is handed in once more."""
    waits = town.trade.waits
    with town.database.transaction() as session:
        offering_id = session.get_one(OfferingSubmission, waits.entry).offering_id
        waits.entry = _hand_in_entry(session, town.trade.manager, offering_id)


def _recall_case(town: Town) -> None:
    with town.database.transaction() as session:
        number = town.trade.waits.written
        recall_case(session, actor=town.staff, now=NOW, draft_id=number)


def _hand_in_case_again(town: Town) -> None:
    waits = town.trade.waits
    with town.database.transaction() as session:
        draft_id = session.get_one(CaseSubmission, waits.case).draft_id
        assert find_waiting(session, draft_id) is None
        waits.case = _hand_in_case(session, town.staff, draft_id)


def _name_nobody(town: Town) -> None:
    with town.database.transaction() as session:
        session.get_one(Case, town.trade.waits.council_case).lead_organization_id = None


_APPROVAL = {"approval_date": "2026-11-19", "approval_number": "情政第123号"}
_PROJECT = {
    "title": "共同調達の案件",
    "system_type_code": "generative_ai",
    "purpose": "目的",
    "term_start": "2027-04-01",
    "term_months": "24",
    "min_participants": "2",
}
_NEW_PASSWORD = "あたらしい合言葉は長い文です"
FORMS = {
    "login": Asked(
        page="/login",
        action="/login",
        valid={"email": "nobody@moyai.example", "password": "違う合言葉です"},
    ),
    "password": Asked(
        page="/account",
        action="/account/password",
        who="manager",
        valid={"current": "違う合言葉です", "new": _NEW_PASSWORD, "again": _NEW_PASSWORD},
    ),
    "new": Asked(page="/projects/new", action="/projects/new", who="lead", valid=_PROJECT),
    "edit": Asked(page="/projects/{town.forming}/edit", action="/edit", who="lead", valid=_PROJECT),
    "terms": Asked(
        page="/projects/{town.forming}/terms", action="/terms", who="lead", button="条件を保存"
    ),
    "basis": Asked(
        page="/projects/{town.forming}/terms", action="/bases", who="lead", button="前提に加える"
    ),
    "invite": Asked(page="/projects/{town.forming}/invite", action="/invite", who="lead"),
    "join": Asked(
        page="/projects/{town.forming}/join",
        action="/projects/{town.forming}/join",
        who="manager",
        button="参加する",
        valid={"quantity": "60", "contact_name": "情報担当", "note": "", **_APPROVAL},
        undo=_take_out,
    ),
    "prepare": Asked(
        page="/projects/{town.forming}/join",
        action="/projects/{town.forming}/join",
        who="staff",
        button="決裁者に渡す",
        valid={"quantity": "60"},
        undo=_take_out,
    ),
    "decline": Asked(
        page="/projects/{town.forming}/join", action="/decline", who="manager", undo=_take_out
    ),
    "consent": Asked(
        page="/projects/{town.agreed}/consent",
        action="/consent",
        who="manager",
        button="同意",
        valid=_APPROVAL,
        undo=_ask_again,
    ),
    "answers": Asked(
        page="/projects/{town.forming}/own",
        action="/own/answers",
        who="joined_manager",
        valid={"quantity": "60"},
    ),
    "ceiling": Asked(
        page="/projects/{town.forming}/own", action="/own/ceiling", who="joined_manager"
    ),
    "leave": Asked(
        page="/projects/{town.forming}/own",
        action="/own/leave",
        who="joined_manager",
        valid={"reason": "予算が付かなかったため", "confirmed": "y", **_APPROVAL},
        undo=_take_back_in,
    ),
    "fix": Asked(
        page="/projects/{town.agreed}/sharing",
        action="/sharing/fix",
        who="lead",
        valid={"confirmed": "y"},
    ),
    "planned price": Asked(
        page="/projects/{town.agreed}/planned-price",
        action="/planned-price",
        who="lead",
        valid={"amount_yen": "1000000"},
    ),
    "first stage": Asked(
        page="/projects/{town.forming}/stages",
        action="/stages/first",
        who="lead",
        valid={"first-pattern": "own", "first-stage1_cap_yen": "500000"},
    ),
    "second stage": Asked(
        page="/projects/{town.agreed}/stages",
        action="/stages/second",
        who="lead",
        valid={
            "second-stage2_decision": "proceed",
            "second-stage2_decided_on": "2026-11-20",
            "second-stage2_reason": "結果が目標を超えたため",
        },
    ),
    "breakdown": Asked(
        page="/projects/{town.contracting}/sharing",
        action="/sharing/breakdown",
        who="lead",
    ),
    "need": Asked(
        page="/interests/new?category=generative_ai",
        action="/interests/new",
        who="staff",
        button="登録する",
        valid={"wanted_from": "2027-04"},
        undo=_need_nothing,
    ),
    "need of another": Asked(
        page="/interests/new?category=generative_ai",
        action="/interests/new",
        who="lead",
        button="登録する",
        valid={"wanted_from": "2027-04"},
        undo=_need_nothing,
    ),
    "changed need": Asked(
        page="/interests/{town.need}/edit",
        action="/interests/{town.need}/edit",
        who="joined_manager",
        valid={"wanted_from": "2027-04"},
    ),
    "group": Asked(
        page="/interests/partners",
        action="/interests/partners",
        who="joined_manager",
        button="案件の案",
    ),
    "question": Asked(
        page="/projects/{town.drafted}/survey",
        action="/survey/questions",
        who="lead",
        button="質問を加える",
        valid={"text": "職員の数"},
        undo=_ask_nothing,
    ),
    "survey": Asked(
        page="/projects/{town.drafted}/survey",
        action="/survey/open",
        who="lead",
        button="調査を始める",
    ),
    "sheet": Asked(
        page="/projects/{town.surveyed}/survey",
        action="/survey/answer",
        who="staff",
        button="回答する",
    ),
    "requirement": Asked(
        page="/projects/{town.forming}/requirements",
        action="/requirements",
        who="lead",
        button="要件を加える",
        valid={"text": "LGWAN端末から使えること"},
        undo=_require_nothing,
    ),
    "changed requirement": Asked(
        page="/projects/{town.forming}/requirements/{town.required}",
        action="/requirements/{town.required}",
        who="lead",
        button="保存する",
        valid={"text": "要件"},
    ),
    "column": Asked(
        page="/projects/{town.forming}/requirements",
        action="/requirements/own",
        who="joined_manager",
    ),
    "specification": Asked(
        page="/projects/{town.forming}/specification",
        action="/specification/fix",
        who="lead",
        undo=_fix_nothing,
    ),
    "correction": Asked(
        page="/projects/{town.contracting}/specification",
        action="/specification/corrections",
        who="lead",
        valid={"text": "訂正", "reason": "誤記"},
    ),
    "template": Asked(
        page="/projects/{town.forming}/template",
        action="/template",
        who="lead",
        undo=_copy_nothing,
    ),
    "request for information": Asked(
        page="/projects/{town.forming}/rfi", action="/rfi", who="lead", button="依頼する"
    ),
    "offered lead": Asked(
        page="/projects/{town.forming}/lead",
        action="/lead/offer",
        who="lead",
        valid={"reason": "担当の交代"},
        undo=_offer_nothing,
    ),
    "office": Asked(
        page="/desk/body/office",
        action="/desk/body/office",
        who="staff",
        valid={"dx_staff": "2"},
    ),
    "staff pool": Asked(
        page="/desk/prefecture/staff-pool",
        action="/desk/prefecture/staff-pool",
        who="lead",
        valid={"office": "市町村支援担当", "phone": "03-0000-0000"},
    ),
    # Refused in the end, whatever is typed: a contract once signed could not be undone.
    "own contract": Asked(
        page="/projects/{town.contracting}/contracts",
        action="/contracts/own",
        who="joined_manager",
        valid={
            "own-signed_on": "2026-11-20",
            "own-starts_on": "2027-04-01",
            "own-ends_on": "2029-03-31",
            "own-amount_yen": "1000000",
            "own-clause": "第2号",
            "own-reason": "理由",
            "own-guarantee": "paid",
            **{f"own-{name}": value for name, value in _APPROVAL.items()},
        },
    ),
    "qualification": Asked(
        page="/projects/{town.contracting}/contracts",
        action="/contracts/qualification",
        who="lead",
        valid={"qualification-number": "A-1", "qualification-valid_until": "2028-03-31"},
    ),
    "report": Asked(
        page="/policy/items/{town.policy_item}/report",
        action="/report",
        who="reporter",
        valid={"as_of": "2026-11-01", "summary": "要件をまとめています。", "url": ""},
    ),
    "class of an entry": Asked(
        page="/admin/offerings/{town.offering}/policy",
        action="/policy",
        who="operator",
        valid={"basis": "資料を確かめた。"},
    ),
    "policy table": Asked(
        page="/admin/policy-items/{town.policy_item}",
        action="/admin/policy-items/",
        who="operator",
    ),
    "new policy item": Asked(
        page="/admin/policy-items/new",
        action="/admin/policy-items/new",
        who="operator",
        valid={
            "kind": "commonization_target",
            "decision_fy": "2027",
            "item_no": "31",
            "name": "架空の共通化システム",
            "source_doc": "見本の資料",
        },
    ),
    "class of a project": Asked(
        page="/projects/{town.forming}/policy",
        action="/policy",
        who="lead",
        valid={"basis": "資料を確かめた。"},
    ),
    "case": Asked(
        page="/cases/{town.case}/refresh",
        action="/refresh",
        who="staff",
        valid={"know_how": "先に仕様を合わせた。", "contact_office": "架空市情報課"},
    ),
    # A file is no text: whatever is typed in its place is refused.
    "checked table": Asked(page="/open-data/check-table", action="/check-table", who="staff"),
    "sent file": Asked(page="/imports", action="/imports", who="staff"),
    "discarded file": Asked(
        page="/imports/{town.sent}", action="/discard", who="staff", undo=_send_again
    ),
    "given file": Asked(
        page="/desk/vendor/offerings/{town.trade.entry}/files",
        action="/files",
        who="trade.manager",
        button="このファイルを加える",
        valid={"title": "料金表", "use": "price_list", "disclosure": "public"},
    ),
    "case in writing": Asked(
        page="/cases/drafts/{town.trade.draft}",
        action="/cases/drafts/{town.trade.draft}",
        who="staff",
        button="下書きを保存する",
    ),
    "question to an office": Asked(
        page="/cases/{town.case}/contact",
        action="/contact",
        who="joined_manager",
        valid={"message": "費用の分け方を教えてください。"},
        undo=_ask_office_nothing,
    ),
    "answer of an office": Asked(
        page="/cases/inquiries/{town.trade.inquiry}",
        action="/cases/inquiries/",
        who="staff",
        button="返信する",
        valid={"reply": "人口で分けました。"},
        undo=_reply_nothing,
    ),
    "facts of a vendor": Asked(
        page="/desk/vendor/facts",
        action="/desk/vendor/facts",
        who="trade.manager",
        valid={"kana": "かくう", "size_basis": "資本金"},
    ),
    "registration sent back": Asked(
        page="/admin/vendors/{town.trade.waits.vendor}/send-back",
        action="/send-back",
        who="operator",
        valid={"reason": "所在地を書いてください。"},
        undo=_register_again,
    ),
    # What is right changes with every correction: only what is wrong is asked.
    "confirmed number of a vendor": Asked(
        page="/admin/vendors/{town.trade.others[0]}/number",
        action="/number",
        who="operator",
        valid={"reason": "登記で確かめた番号"},
    ),
    "name of a vendor": Asked(
        page="/desk/vendor/name",
        action="/desk/vendor/name",
        who="trade.manager",
        valid={"name": "架空の別の名", "effective_on": "2026-11-01", "reason": "商号変更"},
        undo=_keep_the_name,
    ),
    "name to be decided": Asked(
        page="/admin/vendors/renames/{town.trade.rename}",
        action="/admin/vendors/renames/",
        who="operator",
        valid={"reply": "登記を確かめてください。"},
        undo=_decide_nothing,
    ),
    # Merged once, the same two are refused from then on.
    "merged vendors": Asked(
        page="/admin/vendors/merge",
        action="/admin/vendors/merge",
        who="operator",
        valid={"effective_on": "2026-11-01", "reason": "吸収合併"},
    ),
    "answer to a request": Asked(
        page="/projects/{town.forming}/rfi/answer",
        action="/rfi/answer",
        who="trade.manager",
        button="回答する",
        valid={
            "components-0-name": "利用料",
            "components-0-kind": "recurring",
            "components-0-period": "month",
            "components-0-unit": "body",
            "components-0-tiers-0-unit_price": "1000",
        },
    ),
    "vendor's invoice": Asked(
        page="/projects/{town.collected}/ledger/2026-05",
        action="/ledger/2026-05/invoices",
        who="lead",
        valid={
            "invoice-net_yen": "100000",
            "invoice-invoiced_on": "2026-11-01",
            "invoice-due_on": "2026-11-10",
        },
    ),
    "receipt": Asked(
        page="/projects/{town.collected}/ledger/2026-04?line={town.line}",
        action="/money",
        who="lead",
        valid={"money-amount_yen": "1", "money-received_on": "2026-11-05"},
    ),
    "usage": Asked(
        page="/projects/{town.collected}/ledger/2026-05",
        action="/usage/",
        who="joined_manager",
        valid={"usage-quantity": "5"},
    ),
    # Refused in the end, as no product is chosen: what is withdrawn stays so.
    "withdrawal": Asked(
        page="/projects/{town.certified}/contracts",
        action="/contracts/withdraw",
        who="lead",
        valid={
            "withdraw-ends_on": "2026-11-20",
            "withdraw-reason": "提供が終わるため",
            **{f"withdraw-{name}": value for name, value in _APPROVAL.items()},
        },
    ),
    # Refused in the end: such a table does not come to the award.
    "unit prices": Asked(
        page="/projects/{town.unpriced}/contracts",
        action="/contracts/unit-prices",
        who="lead",
        valid={"pricing-lines": "文字起こし、分、運用、12.5、20"},
    ),
    "changed prices": Asked(
        page="/projects/{town.priced}/contracts",
        action="/unit-prices/changes",
        who="lead",
        valid={
            "repricing-valid_from": "2027-04",
            "repricing-lines": "文字起こし、15",
            "repricing-reason": "変更契約第1号",
        },
    ),
    "use of items": Asked(
        page="/projects/{town.priced}/ledger/2026-05",
        action="/items/",
        who="joined_manager",
        valid={"items-item1": "5", "items-item2": "0", "items-item3": "1"},
    ),
    "legal basis": Asked(
        page="/projects/{town.collected}/ledger",
        action="/ledger/basis",
        who="lead",
        valid={"basis-legal_basis": "規約 第5条"},
    ),
    "year's costs": Asked(
        page="/projects/{town.collected}/costs/own",
        action="/costs/own/amounts",
        who="joined_manager",
        valid={
            "costs-fiscal_year": "2025",
            "costs-basis": "settlement",
            "costs-operating": "1000",
        },
    ),
    "year's costs of another": Asked(
        page="/projects/{town.collected}/costs/bodies/{town.reported_body}",
        action="/amounts",
        who="lead",
        valid={
            "costs-fiscal_year": "2024",
            "costs-basis": "settlement",
            "costs-operating": "1000",
        },
    ),
    "present cost of another": Asked(
        page="/projects/{town.forming}/costs/bodies/{town.reported_body}",
        action="/present",
        who="lead",
    ),
    "present cost": Asked(
        page="/projects/{town.forming}/costs/own",
        action="/costs/own/present",
        who="joined_manager",
    ),
    "own goal": Asked(
        page="/projects/{town.collected}/costs/own",
        action="/costs/own/goal",
        who="joined_manager",
        valid={"goal-target_yen": "1000"},
    ),
    "effect": Asked(
        page="/projects/{town.collected}/costs/entries",
        action="/costs/entries/effects",
        who="lead",
        valid={
            "effect-label": "議事録",
            "effect-metric": "作業時間",
            "effect-before": "52.4",
            "effect-after": "18.1",
            "effect-fiscal_year": "2025",
        },
    ),
    "grant": Asked(
        page="/projects/{town.collected}/costs/entries",
        action="/costs/entries/funding",
        who="lead",
        valid={
            "funding-name": "架空交付金",
            "funding-fiscal_year": "2025",
            "funding-amount_yen": "1000",
        },
    ),
    "cost-effect sheet": Asked(
        page="/projects/{town.collected}/costs/entries",
        action="/costs/entries/sheet",
        who="lead",
        valid={"sheet-kpi": "作業時間"},
    ),
    "merging": Asked(
        page="/projects/{town.forming}/merge",
        action="/merge",
        who="lead",
        valid={"reason": "同じ時期の調達"},
    ),
    # Refused in the end, whatever is typed: a lot stays.
    "lot": Asked(
        page="/projects/{town.contracting}/lots",
        action="/lots",
        who="lead",
        valid={
            "lot-divided_by": "region",
            "lot-own_name": "県北",
            "lot-name": "県南",
        },
    ),
    # Refused in the end, as none is chosen: what is announced stays so.
    "announcing": Asked(
        page="/projects/{town.lotted}/lots/notice",
        action="/lots/notice",
        who="lead",
        valid={},
    ),
    "splitting": Asked(
        page="/projects/{town.forming}/split",
        action="/split",
        who="joined_manager",
        valid={"title": "自団体の案件", "reason": "時期が違うため", **_APPROVAL},
        undo=_take_back_in,
    ),
    "help": Asked(
        page="/help/new?kind=scrutiny",
        action="/help/new",
        who="staff",
        valid={"subject": "見積の精査", "text": "高いでしょうか。", "annual_yen": "1000"},
    ),
    "help's reply": Asked(
        page="/help/{town.help}",
        action="/reply",
        who="lead",
        valid={"reply-reply": "回答です。"},
        undo=_answer_nothing,
    ),
    "help's route": Asked(page="/help/{town.help}", action="/route", who="lead"),
    "asking to register": Asked(
        page="/vendors/register",
        action="/vendors/register",
        valid={"email": "new@vendor.example"},
    ),
    "registration": Asked(
        page="/vendors/register/{town.trade.registration}",
        action="/vendors/register/",
        # The passwords differ: what else is wrong is said, and nobody is registered.
        valid={"name": "架空の事業者", "person_name": "架空 花子", "password": "合言葉"},
    ),
    "joining": Asked(
        page="/vendors/join/{town.trade.joining}",
        action="/vendors/join/",
        valid={"person_name": "架空 次郎", "password": "合言葉"},
        undo=_rename_joined,
    ),
    "invited member": Asked(
        page="/desk/vendor/members",
        action="/desk/vendor/members",
        who="trade.manager",
        button="招待",
        valid={"email": "member@vendor.example"},
    ),
    "entry's name": Asked(
        page="/desk/vendor/offerings/{town.trade.entry}/basic",
        action="/basic",
        who="trade.manager",
    ),
    "entry's answers": Asked(
        page="/desk/vendor/offerings/{town.trade.entry}/fit",
        action="/fit",
        who="trade.manager",
    ),
    "entry's sellers": Asked(
        page="/desk/vendor/offerings/{town.trade.entry}/prices",
        action="/prices",
        who="trade.manager",
        button="保存",
    ),
    "price plan": Asked(
        page="/desk/vendor/offerings/{town.trade.started}/plans/{town.trade.maker}/new",
        action="/plans/",
        who="trade.manager",
    ),
    "drafts handed in": Asked(
        page="/desk/vendor/submit",
        action="/desk/vendor/submit",
        who="trade.manager",
        valid={"draft": "1.1.x", "change_note": "改めました。"},
    ),
    "new entry": Asked(
        page="/desk/vendor/offerings/new",
        action="/desk/vendor/offerings/new",
        who="trade.manager",
        valid={"name": "架空の新製品", "summary": "架空です。"},
    ),
    "entry handed in": Asked(
        page="/desk/vendor/offerings/{town.trade.waits.drafted}/submit",
        action="/submit",
        who="trade.manager",
        valid={"change_note": "はじめての提出"},
        undo=_recall_entry,
    ),
    "entry's review": Asked(
        page="/admin/reviews/{town.trade.waits.entry}",
        action="/admin/reviews/",
        who="operator",
        valid={"reply": "料金の根拠を書いてください。"},
        undo=_hand_in_entry_again,
    ),
    "entry taken down": Asked(
        page="/desk/vendor/offerings/{town.trade.entry}/withdraw",
        action="/withdraw",
        who="trade.manager",
        valid={"reason": "販売を終えた"},
        undo=_show_again,
    ),
    "entry suspended": Asked(
        page="/admin/offerings/{town.trade.entry}/suspension",
        action="/suspension",
        who="operator",
        valid={"reason": "事実を確かめている"},
        undo=_show_again,
    ),
    "case handed in": Asked(
        page="/cases/drafts/{town.trade.waits.written}/submit",
        action="/submit",
        who="staff",
        undo=_recall_case,
    ),
    "case's review": Asked(
        page="/admin/reviews/cases/{town.trade.waits.case}",
        action="/admin/reviews/cases/",
        who="operator",
        valid={"reply": "費用の根拠を書いてください。"},
        undo=_hand_in_case_again,
    ),
    "case's council": Asked(
        page="/admin/case-leads/{town.trade.waits.council_case}",
        action="/admin/case-leads/",
        who="operator",
        undo=_name_nobody,
    ),
    "mark": Asked(
        page="/admin/offerings/{town.trade.entry}/marks",
        action="/marks",
        who="operator",
        valid={
            "issuer": "架空会",
            "reason": "試行の結果",
            "marked_on": "2026-11-01",
            "source": "架空の議事録",
        },
    ),
    "withdrawn mark": Asked(
        page="/admin/marks/{town.trade.mark}/withdraw",
        action="/withdraw",
        who="operator",
        valid={"reason": "推奨が終わった"},
        undo=_mark_again,
    ),
    "move": Asked(page="/projects/{town.forming}", action="/move", who="lead", undo=_stay),
}


def sweep(town: Town, asked: Asked, changes: Iterable[dict[str, str]]) -> list[str]:
    """Send the form with each of these changes; everything that went wrong."""
    client, form = asked.open(town)
    problems = []
    for change in changes:
        label = ", ".join(f"{name}={value[:20]!r}" for name, value in change.items())[:200]
        try:
            answer = form.submit(client, asked.valid | change)
            if answer.status_code >= 500:
                problems.append(f"{label}: {answer.status_code}")
            elif answer.status_code >= 400:
                page = as_page(answer)
                problems += [f"{label}: {problem}" for problem in _judge(page, asked, change, town)]
            else:
                problems += [
                    f"{name}={value[:20]!r} was accepted"
                    for name, value in change.items()
                    if is_never_accepted(name, value) and name in {*form.names, *asked.valid}
                ]
                asked.undo(town)
                form = asked.read(town, client)
        except AssertionError as error:
            problems.append(f"{label}: {str(error)[:300]}")
    return problems


_REASONS = XPath(
    " | ".join(
        [
            "//*[contains(concat(' ', @class, ' '), ' dads-notification-banner ')]",
            "//*[contains(concat(' ', @class, ' '), ' moyai-blockers ')]//li",
            "//main//li | //main//p",
        ]
    )
)
_ERRORS = XPath("//*[contains(concat(' ', @class, ' '), ' dads-form-control__error ')]")


def _judge(page: Page, asked: Asked, change: dict[str, str], town: Town) -> Iterator[str]:
    """What a refused form's page must do: say why in Japanese, keep what was typed."""
    errors = [words_of(element) for element in _ERRORS(page.root)]
    if not errors and not _REASONS(page.root):
        yield f"{page.status} without a reason: {page.text[:200]}"
    yield from (f"not in Japanese: {text!r}" for text in errors if not JAPANESE.search(text))
    try:
        form = page.form(asked.action.format(town=town), button=asked.button)
    except AssertionError:
        return  # the page says why the form is not offered any more
    values = form.values
    for name, typed in change.items():
        if not _shows_text(form.control(name)):
            continue
        kept = values.get(name, "")
        if normalize(kept) != normalize(printable(typed)):
            yield f"what was typed in {name} is lost: {kept[:30]!r}"


def _shows_text(control: HtmlElement | None) -> bool:
    return (
        control is not None
        and control.tag != "select"
        and control.get("type", "text") not in _SHOWS_NOTHING
    )
