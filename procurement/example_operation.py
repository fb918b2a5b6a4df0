"""One fictional project walked to its operation by the real services: 事務委託 by the prefecture.

A notice closes before it is opened, so its few moments lie a thousandth of a second apart; the
deadlines that readers see are put back to when they would have been.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.queries import get_actor
from accounts.roles import SYSTEM, Actor, OrganizationKind, Role
from catalog.example.world import SEED, make_world
from catalog.models import Offer, Offering, PricePlan, Vendor
from catalog.plan_units import Unit
from foundation.clock import add_months, fiscal_year_of, fiscal_year_start, jst_moment
from foundation.settings import find_setting, put_setting
from procurement.domain.contracts import ContractKind, Guarantee
from procurement.domain.signing import ContractDraft
from procurement.domain.tender import ProposalContent
from procurement.example_actors import EXAMPLE_NAME, actor_of
from procurement.example_benefits import load_example_benefits
from procurement.example_contracts import introduce
from procurement.example_ledger import Books, load_example_ledger
from procurement.example_moves import fix_preview
from procurement.example_reports import load_example_reports
from procurement.example_steps import TICK, Walk, agree, join_all, net_total, open_for_bodies
from procurement.queries.judging import get_judging_page
from procurement.services.contract_partners import record_qualification
from procurement.services.contracts import Approval, sign_overall, sign_own
from procurement.services.judging import (
    decide_award,
    declare_no_conflict,
    hand_in_scores,
    invite_judge,
)
from procurement.services.notice import NoticeFields, set_notice
from procurement.services.projects import ProjectFields, open_project
from procurement.services.proposals import hand_in, open_proposals

SETTING = "example_operation"
TITLE = "庁内文書と決裁の共同利用（運用中・架空）"
PURPOSE = (
    "県が事務の委託を受けて契約し、5つの市と町で文書管理・電子決裁サービスを利用しています。"
    "費用は毎月、均等割と利用者数の割合で分担します。"
)
MEMBERS = ("992011", "992020", "992038", "992046", "993026")
OPENERS = ("pref@moyai.example", "pref-second@moyai.example")
JUDGE = "judge@moyai.example"
WINNER = "vendor-manager@moyai.example"
TERM_MONTHS = 60
TERMS = {
    "rules": {"initial": "equal", "recurring": "mixed:equal=20,quantity=80"},
    "parts": [{"payer": "prefecture", "part": "30%", "category": "initial", "name": "架空県"}],
}
RULE = {
    "full_score": 1000,
    "criteria": [
        {"group": "企画", "key": "実施体制", "max_points": 300},
        {"group": "機能", "key": "使いやすさ", "max_points": 400},
    ],
    "price": {"formula": "ratio_to_lowest", "max_points": 300},
    "tie_break": ["lot"],
}
SCORES = ({"実施体制": "240", "使いやすさ": "330"}, {"実施体制": "225", "使いやすさ": "310"})
KNOW_HOW = "文書分類を先にそろえたことで、移行の作業が団体ごとに約2週間短くなりました（架空）。"


def load_example_operation(session: Session, now: datetime, base: date) -> int:
    """Make the project once; 1, or 0 if it is there. Needs the example's world and people."""
    if find_setting(session, SETTING) is not None:
        return 0
    lead = get_actor(session, OPENERS[0])
    start = fiscal_year_start(fiscal_year_of(add_months(base.replace(day=1), -4)))
    project = open_project(session, actor=lead, now=now, wanted=_fields(base, start))
    towns = {body.code: body for body in make_world(base).bodies[1:]}
    walk = Walk(
        session=session,
        project=project,
        lead=lead,
        towns=towns,
        base=base,
        now=now,
        term_start=start,
    )
    open_for_bodies(walk, MEMBERS, TERMS, _plan_id(session, _winner(session).id))
    join_all(walk, MEMBERS)
    version = agree(walk, MEMBERS)
    _tender(walk, net_total(version) * 96 // 100)
    _contract(walk)
    introduce(walk, MEMBERS, KNOW_HOW, walk.later)
    _date_back(walk)
    _keep_books(walk)
    put_setting(session, SETTING, SEED)
    record(session, SYSTEM, "load_example_projects", "example", SEED, {"project": 1}, walk.later)
    return 1


def _fields(base: date, start: date) -> ProjectFields:
    return ProjectFields(
        title=TITLE,
        purpose=PURPOSE,
        system_type_code="document_management",
        prefecture_code="99",
        contract_model="delegation",
        agreement_basis="delegation_rules",
        procurement_method="open_proposal",
        procurement_method_reason="機能と体制を価格とあわせて比べるため（架空）",
        main_unit=Unit.ACCOUNT.value,
        min_participants=3,
        join_closes_at=jst_moment(base + timedelta(days=5)),
        consent_closes_at=jst_moment(base + timedelta(days=10)),
        term_start=start,
        term_months=TERM_MONTHS,
    )


def _winner(session: Session) -> Vendor:
    organization_id = get_actor(session, WINNER).organization_id
    return session.scalars(select(Vendor).where(Vendor.organization_id == organization_id)).one()


def _plan_id(session: Session, vendor_id: int) -> int:
    statement = (
        select(PricePlan.id)
        .join(Offer, Offer.id == PricePlan.offer_id)
        .join(Offering, Offering.id == Offer.offering_id)
        .where(Offering.vendor_id == vendor_id, PricePlan.name == "共同利用プラン")
    )
    return session.scalars(statement.order_by(PricePlan.id)).first() or 0


def _tender(walk: Walk, price: int) -> None:
    """Notice, two proposals, opening by two persons, one judge, award."""
    session, project, now = walk.session, walk.project, walk.now
    moments = [now + n * TICK for n in (1, 2, 3)]
    wanted = NoticeFields(
        rule=RULE,
        questions_close_at=moments[0],
        answers_due_at=moments[1],
        proposals_close_at=moments[2],
        notice_number="架空県告示第7号",
    )
    given: dict[str, Any] = {"session": session, "project_id": project.id}
    set_notice(**given, actor=walk.lead, now=now, wanted=wanted, seen_version=0)
    walk.move("publish_notice", now)
    for n, (actor, yen) in enumerate(
        [(get_actor(session, WINNER), price), (_other_bidder(session), price * 103 // 100)]
    ):
        content = ProposalContent(
            price_yen=yen, summary="提案の要旨（架空）", lot_digits=f"10{n}", mandatory_met=True
        )
        hand_in(**given, actor=actor, now=now, content=content)
    for email in OPENERS:
        open_proposals(**given, actor=get_actor(session, email), now=walk.later)
    invite_judge(**given, actor=walk.lead, now=walk.later, email=JUDGE)
    walk.move("start_evaluation", walk.later)
    judge = get_actor(session, JUDGE)
    declare_no_conflict(**given, actor=judge, now=walk.later)
    vendors = [row.vendor_id for row in get_judging_page(session, project).opened]
    scores = {str(id_): sheet for id_, sheet in zip(vendors, SCORES, strict=True)}
    hand_in_scores(**given, actor=judge, now=walk.later, given=scores)
    seen = get_judging_page(session, project).sha256
    decide_award(**given, actor=walk.lead, now=walk.later, seen_sha256=seen)
    walk.move("award", walk.later)


def _other_bidder(session: Session) -> Actor:
    """A manager of another fictional vendor of the kind, who has no account here."""
    vendor = session.scalars(
        select(Vendor)
        .join(Offering, Offering.vendor_id == Vendor.id)
        .where(Offering.system_type_code == "document_management", Vendor.fictional)
        .where(Vendor.id != _winner(session).id, Vendor.publication_status == "published")
        .order_by(Vendor.id)
    ).first()
    if vendor is None:
        raise RuntimeError("the example has one vendor of the kind only")
    return Actor(
        name=EXAMPLE_NAME,
        organization_id=vendor.organization_id,
        organization_kind=OrganizationKind.VENDOR,
        organization_name=vendor.name,
        roles=frozenset({Role.VENDOR_MANAGER}),
        fictional=True,
    )


def _contract(walk: Walk) -> None:
    """Each body's rules with their vote, then the one contract of the delegate."""
    session, project = walk.session, walk.project
    given: dict[str, Any] = {"session": session, "now": walk.later, "project_id": project.id}
    day = walk.term_start - timedelta(days=10)
    for n, code in enumerate(MEMBERS):
        draft = ContractDraft(
            kind=ContractKind.DELEGATION,
            number=f"規約第{n + 1}号",
            signed_on=day,
            vote_on=day - timedelta(days=n),
        )
        approval = Approval(day=day, number=f"議第{n + 20}号（架空）")
        actor = actor_of(session, code)
        sign_own(**given, actor=actor, body_code=code, draft=draft, approval=approval)
    until = add_months(walk.term_start, TERM_MONTHS) - timedelta(days=1)
    record_qualification(
        **given, actor=walk.lead, number="架-0033", valid_until=until, seen_version=0
    )
    page = get_judging_page(session, project)
    draft = ContractDraft(
        kind=ContractKind.REPRESENTATIVE,
        number="架空県情第31号",
        signed_on=day,
        starts_on=walk.term_start,
        ends_on=until,
        amount_yen=page.award.price_yen if page.award else None,
        tax_percent=Decimal(10),
        clause="地方自治法施行令第167条の2第1項第2号",
        reason="公募型プロポーザルで最も優れた提案だったため（架空）",
        guarantee=Guarantee.INSURED,
    )
    approval = Approval(day=day, number="架空県決第88号")
    fix_preview(session, project, walk.lead, walk.later, "決定した金額による最終の負担案（架空）")
    sign_overall(**given, actor=walk.lead, draft=draft, approval=approval)
    walk.move("start_introduction", walk.later)


def _date_back(walk: Walk) -> None:
    """The deadlines as they would have been a year before the term."""
    project = walk.project
    project.join_closes_at = jst_moment(walk.term_start - timedelta(days=240))
    project.consent_closes_at = jst_moment(walk.term_start - timedelta(days=180))
    project.proposals_close_at = jst_moment(walk.term_start - timedelta(days=90))
    walk.session.flush()


def _keep_books(walk: Walk) -> None:
    award = get_judging_page(walk.session, walk.project).award
    books = Books(
        session=walk.session,
        project=walk.project,
        lead=walk.lead,
        now=walk.later,
        price_yen=award.price_yen if award else 0,
    )
    load_example_ledger(books)
    load_example_reports(walk.session, walk.project, walk.later)
    load_example_benefits(walk.session, walk.project, walk.lead, walk.later)
