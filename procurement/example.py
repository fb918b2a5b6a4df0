"""Example projects: one in each early state, walked through the real services.

Every event is recorded at the moment of loading: a chain's times never run backwards.
Deadlines and approval dates count from the base date kept at the first run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.roles import SYSTEM, Actor
from catalog.example.bodies import ExampleBody, quantities_of
from catalog.example.load import get_base_date
from catalog.example.world import SEED, make_world
from catalog.models import Offer, Offering, PricePlan
from catalog.plan_units import Unit
from foundation.clock import fiscal_year_of, fiscal_year_start, jst_moment
from foundation.settings import find_setting, put_setting
from procurement.domain.consent import default_maximum
from procurement.domain.lifecycle import State
from procurement.domain.terms import DEFAULT_TOLERANCE_PERCENT
from procurement.example_actors import actor_of
from procurement.example_costs import load_example_costs
from procurement.example_moves import fix_preview
from procurement.example_offices import load_example_help, load_example_offices
from procurement.example_oumi import load_oumi
from procurement.example_requirements import run_example_matrix, run_example_specification
from procurement.example_stages import begin_trial
from procurement.example_survey import run_example_survey
from procurement.example_vendors import answer_as_vendors, ask_vendors
from procurement.models import Project, ShareVersion
from procurement.queries.consents import lines_by_year
from procurement.services.ceilings import set_internal_ceiling
from procurement.services.consents import consent
from procurement.services.estimates import add_estimate_basis
from procurement.services.invitations import invite_bodies, request_join, state_interest
from procurement.services.joining import JoinAnswers, join_project
from procurement.services.moves import move_project
from procurement.services.projects import ProjectFields, open_project
from procurement.services.terms import set_sharing_terms

PROJECTS_SETTING = "example_projects"
PREFECTURE = "990001"
COUNCIL = "example-council"
# The bodies of accounts/data/example_users.csv, by what their people are to try.
LEADING_TOWN, ASKED_TOWN, JOINING_TOWN, SMALL_TOWN = "992011", "992020", "993018", "994014"
PILOT_TOWNS = frozenset({LEADING_TOWN, ASKED_TOWN, JOINING_TOWN, SMALL_TOWN})
_BUDGETS = ("appropriated", "before_vote", "before_vote", "multi_year_commitment", "")


@dataclass(frozen=True, kw_only=True)
class Plot:
    """What one example project is to look like.

    join_days, consent_days: from the base date. others: how many bodies join besides `joined`.
    tried_first: it goes by two stages, and the first one runs.
    """

    title: str
    purpose: str
    system_type: str
    lead: str
    unit: Unit
    state: State
    contract_model: str = ""
    join_days: int = 30
    consent_days: int = 75
    min_participants: int = 5
    terms: dict[str, Any] = field(default_factory=dict)
    joined: tuple[str, ...] = ()
    others: int = 0
    interested: int = 0
    tried_first: bool = False


PLOTS = (
    Plot(
        title="議事録作成サービスの共同利用に向けた意向調査（架空）",
        purpose="音声認識による議事録作成を、県内の市町村で共同利用できるかを調べます。"
        "導入の時期、会議の数、今の費用をお聞きします。",
        system_type="minutes_transcription",
        lead=PREFECTURE,
        unit=Unit.BODY,
        state=State.INTENTION_SURVEY,
        interested=11,
    ),
    Plot(
        title="電子申請サービスの共同調達（架空）",
        purpose="住民と事業者の申請をオンラインで受け付けるサービスを、県と市町村で共同で調達し、"
        "画面と様式をそろえます。県は初期費用の一部を負担します。",
        system_type="electronic_application",
        lead=PREFECTURE,
        unit=Unit.RESIDENT,
        state=State.FORMING,
        contract_model="basic_and_individual",
        terms={
            "rules": {"initial": "equal", "recurring": "mixed:equal=30,population=70"},
            "parts": [
                {
                    "payer": "prefecture",
                    "part": "50%",
                    "category": "initial",
                    "name": "架空県",
                }
            ],
        },
        joined=(LEADING_TOWN,),
        others=11,
        interested=4,
    ),
    Plot(
        title="生成AIサービスの共同調達（架空）",
        purpose="職員が使う生成AIを共同で調達し、利用規程のひな形と研修を共有します。"
        "費用は均等割とアカウント数の割合を組み合わせて分担します。",
        system_type="generative_ai",
        lead=COUNCIL,
        unit=Unit.ACCOUNT,
        state=State.FORMING,
        contract_model="basic_and_individual",
        join_days=6,
        min_participants=4,
        terms={"rules": {"initial": "own_use", "recurring": "mixed:equal=60,quantity=40"}},
        joined=(ASKED_TOWN,),
        others=6,
        interested=3,
        tried_first=True,
    ),
    Plot(
        title="文書管理・電子決裁サービスの共同調達（架空）",
        purpose="更新時期が近い市町で文書管理・電子決裁を共同で調達し、文書分類と規程をそろえます。"
        "個別の改修はしないことを参加の条件とします。",
        system_type="document_management",
        lead=LEADING_TOWN,
        unit=Unit.ACCOUNT,
        state=State.AGREEMENT,
        contract_model="basic_and_individual",
        join_days=10,
        consent_days=25,
        terms={"rules": {"initial": "equal", "recurring": "mixed:equal=10,quantity=90"}},
        joined=(LEADING_TOWN, ASKED_TOWN, SMALL_TOWN),
        others=4,
    ),
)


def load_example_projects(session: Session, now: datetime, base_date: date | None = None) -> int:
    """Write the example projects once; how many, 0 if they are there already.

    Needs the reference facts and the fictional world. base_date: by default the one kept.
    """
    if find_setting(session, PROJECTS_SETTING) is not None:
        return 0
    base = base_date or get_base_date(session, now)
    towns = {body.code: body for body in make_world(base).bodies[1:]}
    for plot in PLOTS:
        _play(session, plot, towns, base, now)
    load_oumi(session, base, now)
    load_example_offices(session, base, now)
    load_example_help(session, now)
    counts = {"project": len(PLOTS) + 1, "cost_row": load_example_costs(session, base)}
    put_setting(session, PROJECTS_SETTING, SEED)
    record(session, SYSTEM, "load_example_projects", "example", SEED, counts, now)
    return counts["project"]


def _play(
    session: Session, plot: Plot, towns: dict[str, ExampleBody], base: date, now: datetime
) -> None:
    random = Random(f"{SEED}/{plot.title}")
    lead = actor_of(session, plot.lead)
    project = open_project(session, actor=lead, now=now, wanted=_fields(plot, base))
    pool = sorted(set(towns) - PILOT_TOWNS)
    random.shuffle(pool)
    members = (*plot.joined, *pool[: plot.others])
    curious = pool[plot.others : plot.others + plot.interested]
    _invite(session, project, lead, [*members, *curious, *PILOT_TOWNS], now)
    if plot.state is State.INTENTION_SURVEY:
        _state_interest(session, project, curious, now)
        run_example_survey(
            session,
            project,
            lead=lead,
            answering=curious[:7],
            closes_at=jst_moment(base + timedelta(days=21)),
            now=now,
        )
        run_example_matrix(session, project, lead, now)
        return
    _move(session, project, "open_recruitment", lead, now)
    _state_interest(session, project, curious, now)
    _set_terms(session, project, lead, plot, now)
    if plot.tried_first:
        begin_trial(session, project, lead, now, base)
    ask_vendors(session, project, base, now)
    for code in members:
        _join(session, project, towns[code], base, now, random)
    answer_as_vendors(session, project, now)
    if plot.lead == PREFECTURE and curious:
        request_join(session, actor=lead, now=now, project_id=project.id, body_code=pool[-1])
    if plot.state is State.AGREEMENT:
        run_example_specification(session, project, lead, members[1:], now)
        _move(session, project, "start_agreement", lead, now)
        _agree(session, project, lead, members, base, now)


def _move(session: Session, project: Project, action: str, lead: Actor, now: datetime) -> None:
    move_project(
        session,
        actor=lead,
        now=now,
        project_id=project.id,
        action=action,
        seen_state=project.state,
    )


def _fields(plot: Plot, base: date) -> ProjectFields:
    return ProjectFields(
        title=plot.title,
        purpose=plot.purpose,
        system_type_code=plot.system_type,
        prefecture_code="99",
        contract_model=plot.contract_model,
        agreement_basis="project_agreement" if plot.terms else "",
        main_unit=plot.unit.value,
        min_participants=plot.min_participants,
        join_closes_at=jst_moment(base + timedelta(days=plot.join_days)),
        consent_closes_at=jst_moment(base + timedelta(days=plot.consent_days)),
        term_start=next_term_start(base),
        term_months=60,
    )


def next_term_start(base: date) -> date:
    """The first of April that leaves at least four months for budget and contract."""
    start = fiscal_year_start(fiscal_year_of(base) + 1)
    soon = start - base < timedelta(days=120)
    return fiscal_year_start(start.year + 1) if soon else start


def _invite(
    session: Session, project: Project, lead: Actor, codes: Sequence[str], now: datetime
) -> None:
    others = [code for code in codes if code != lead.body_code]
    invite_bodies(session, actor=lead, now=now, project_id=project.id, body_codes=others)


def _state_interest(
    session: Session, project: Project, codes: Sequence[str], now: datetime
) -> None:
    for code in codes:
        actor = actor_of(session, code)
        state_interest(session, actor=actor, now=now, project_id=project.id, body_code=code)


def _set_terms(session: Session, project: Project, lead: Actor, plot: Plot, now: datetime) -> None:
    set_sharing_terms(
        session,
        actor=lead,
        now=now,
        project_id=project.id,
        wanted=plot.terms,
        seen_version=project.row_version,
    )
    for plan_id in _plan_ids(session, plot.system_type):
        add_estimate_basis(
            session, actor=lead, now=now, project_id=project.id, price_plan_id=plan_id
        )


def _plan_ids(session: Session, system_type: str) -> list[int]:
    """Two plans for joint use at different prices, so that an estimate is a range."""
    statement = (
        select(PricePlan.id, PricePlan.definition)
        .join(Offer, Offer.id == PricePlan.offer_id)
        .join(Offering, Offering.id == Offer.offering_id)
        .where(Offering.system_type_code == system_type, Offering.fictional)
        .where(PricePlan.name == "共同利用プラン", Offer.seller_id == Offering.vendor_id)
        .order_by(Offering.key)
    )
    (first_id, first), *others = session.execute(statement).all()
    prices = _prices(first)
    other = next((plan_id for plan_id, plan in others if _prices(plan) != prices), None)
    return [first_id] if other is None else [first_id, other]


def _prices(definition: Mapping[str, Any]) -> list[Any]:
    """What everybody pays by a plan: its components but the options."""
    return [part for part in definition["components"] if part["kind"] != "option"]


def _join(
    session: Session,
    project: Project,
    town: ExampleBody,
    base: date,
    now: datetime,
    random: Random,
) -> None:
    actor = actor_of(session, town.code)
    approved = base - timedelta(days=random.randint(2, 25))
    alone = random.randint(70, 160) * 20_000 if random.random() < 0.35 else None
    answers = JoinAnswers(
        quantity=quantities_of(town).of(Unit(project.main_unit)),
        budget_status=random.choice(_BUDGETS),
        contact_name=f"{town.name}情報担当（架空）",
        standalone_yen=alone,
    )
    join_project(
        session,
        actor=actor,
        now=now,
        project_id=project.id,
        body_code=town.code,
        answers=answers,
        approval_date=approved,
        approval_number=f"{town.name[:-1]}情第{random.randint(10, 480)}号",
    )
    if random.random() < 0.5:
        set_internal_ceiling(
            session,
            actor=actor,
            now=now,
            project_id=project.id,
            body_code=town.code,
            amount_yen=random.randint(150, 900) * 10_000,
            shown_to_secretariat=random.random() < 0.5,
        )


def _agree(
    session: Session,
    project: Project,
    lead: Actor,
    members: Sequence[str],
    base: date,
    now: datetime,
) -> None:
    """Version 1 is fixed; the lead and the first others have consented, the rest are asked."""
    note = "首長会議での説明を経て確定（架空）"
    version = fix_preview(session, project, lead, now, note)
    willing = [code for code in members if code not in (ASKED_TOWN, SMALL_TOWN)]
    for place, code in enumerate(willing[:3]):
        _consent(session, project, version, code, base - timedelta(days=place), now)


def _consent(
    session: Session,
    project: Project,
    version: ShareVersion,
    code: str,
    approved: date,
    now: datetime,
) -> None:
    shares = lines_by_year(session, version.id)[code]
    consent(
        session,
        actor=actor_of(session, code),
        now=now,
        project_id=project.id,
        body_code=code,
        version_number=version.number,
        maximum_yen=default_maximum(shares, DEFAULT_TOLERANCE_PERCENT),
        approval_date=approved,
        approval_number=f"同意第{approved:%m%d}号（架空）",
    )
