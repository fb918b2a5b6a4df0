"""A fictional purchase of the 20 standard tasks, in which the 30 % line shows (F18, 架空).

Three bodies use it since two fiscal years and have reported what they paid; for the next term
two have agreed and the third is silent.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.queries import get_actor
from accounts.roles import SYSTEM
from catalog.example.world import SEED, make_world
from catalog.plan_units import Unit
from foundation.clock import add_months, fiscal_year_of, fiscal_year_start, jst_moment
from foundation.settings import find_setting, put_setting
from procurement.domain.consent import REMINDERS_BEFORE_LAPSE
from procurement.domain.cost_goals import BASELINE_YEAR
from procurement.domain.costs import CostBasis, CostCategory
from procurement.example_actors import actor_of
from procurement.example_contracts import (
    choose,
    date_back,
    introduce,
    list_vendors,
    make_draft,
    sign_as,
    sign_for_all,
)
from procurement.example_moves import fix_preview
from procurement.example_steps import (
    Walk,
    agree,
    consent_all,
    join_all,
    net_total,
    open_for_bodies,
    plan_of_type,
)
from procurement.models import ShareVersion
from procurement.queries.consents import lines_by_year
from procurement.queries.own_costs import list_own_rows, sha256_of_rows
from procurement.services.consents import remind
from procurement.services.costs import YearCosts, record_costs
from procurement.services.projects import ProjectFields, open_project

SETTING = "example_standard"
TITLE = "基幹業務システムの共同利用（標準20業務・架空）"
PURPOSE = (
    "標準化対象の20業務の標準準拠システムを、3つの市と町が県の取りまとめで共同で利用しています。"
)
POLICY_REASON = "標準準拠システムへの移行を終えた団体で、運用の費用を分け合うため（架空）"
COORDINATOR = "pref@moyai.example"
BODIES = ("992011", "992038", "993026")
SILENT = "993026"
TERM_MONTHS = 48
TERMS = {"rules": {"initial": "equal", "recurring": "mixed:equal=20,population=80"}}
KNOW_HOW = "帳票の様式を移行の前にそろえ、印刷と封入をまとめて発注しました（架空）。"
# Of what is paid a year, percent: what it was in the base year of the state's goal. By 143 % the
# goal is just reached, by 125 % it is not.
BASELINES = {"992011": 160, "992038": 143, "993026": 125}
SOURCE = "架空の決算書"


def load_example_standard(session: Session, now: datetime, base: date) -> int:
    """Make the project once; 1, or 0 if it is there. Needs the example's world and people."""
    if find_setting(session, SETTING) is not None:
        return 0
    walk = _open(session, now, base)
    version = _contract(walk)
    introduce(walk, BODIES, KNOW_HOW, now)
    date_back(walk)
    _report(walk, version)
    _renew(walk)
    put_setting(session, SETTING, SEED)
    record(session, SYSTEM, "load_example_projects", "example", SEED, {"project": 1}, now)
    return 1


def _open(session: Session, now: datetime, base: date) -> Walk:
    """The term began two whole fiscal years ago."""
    this_term = fiscal_year_start(fiscal_year_of(add_months(base.replace(day=1), -4)))
    start = fiscal_year_start(this_term.year - 2)
    lead = get_actor(session, COORDINATOR)
    wanted = ProjectFields(
        title=TITLE,
        purpose=PURPOSE,
        system_type_code="core_business",
        prefecture_code="99",
        contract_model="basic_and_individual",
        agreement_basis="project_agreement",
        procurement_method="negotiated_contract",
        procurement_method_reason="標準仕様に合う事業者を比べたため（架空）",
        main_unit=Unit.RESIDENT.value,
        min_participants=2,
        join_closes_at=jst_moment(base + timedelta(days=5)),
        consent_closes_at=jst_moment(base + timedelta(days=10)),
        term_start=start,
        term_months=TERM_MONTHS,
    )
    project = open_project(session, actor=lead, now=now, wanted=wanted, policy_reason=POLICY_REASON)
    towns = {body.code: body for body in make_world(base).bodies[1:]}
    return Walk(
        session=session,
        project=project,
        lead=lead,
        towns=towns,
        base=base,
        now=now,
        term_start=start,
    )


def _contract(walk: Walk) -> ShareVersion:
    """Gathered, agreed and contracted at the estimate; the final shares."""
    open_for_bodies(walk, BODIES, TERMS, plan_of_type(walk.session, "core_business"))
    join_all(walk, BODIES)
    price = net_total(agree(walk, BODIES))
    walk.move("start_contracting", walk.now)
    vendor = list_vendors(walk)[0]
    choose(walk, vendor, price, 0)
    version = fix_preview(
        walk.session, walk.project, walk.lead, walk.now, "決定した金額による（架空）"
    )
    sign_for_all(walk, make_draft(walk, "基本第20号"))
    for n, code in enumerate(BODIES):
        draft = replace(make_draft(walk, f"基幹第{n + 1}号"), amount_yen=price // len(BODIES))
        sign_as(walk, code, vendor, draft)
    walk.move("start_introduction", walk.now)
    return version


def _report(walk: Walk, version: ShareVersion) -> None:
    """Settlements of the base year and of two years of use, and this year's budget."""
    first = walk.term_start.year
    lines = lines_by_year(walk.session, version.id)
    for code in BODIES:
        running = lines[code][first + 1]
        built = lines[code][first] - running
        _say(walk, code, BASELINE_YEAR, CostBasis.SETTLEMENT, running * BASELINES[code] // 100)
        _say(walk, code, first, CostBasis.SETTLEMENT, running, built)
        _say(walk, code, first + 1, CostBasis.SETTLEMENT, running * 98 // 100)
        _say(walk, code, first + 2, CostBasis.BUDGET_INITIAL, running)


def _say(
    walk: Walk, code: str, year: int, basis: CostBasis, running: int, built: int | None = None
) -> None:
    """The body's own people report a year. built: for the set-up, None: nothing."""
    record_costs(
        walk.session,
        **walk.given | {"actor": actor_of(walk.session, code)},
        wanted=YearCosts(
            fiscal_year=year,
            basis=basis,
            amounts={CostCategory.OPERATING: running, CostCategory.BUILD_OTHER: built},
            source=SOURCE,
        ),
        seen_sha256=sha256_of_rows(list_own_rows(walk.session, walk.project.id, code)),
    )


def _renew(walk: Walk) -> None:
    """The next term is fixed; the silent body was reminded twice and the deadline is over."""
    project = walk.project
    project.term_start = add_months(walk.term_start, TERM_MONTHS)
    project.consent_closes_at = jst_moment(walk.base + timedelta(days=10))
    walk.session.flush()
    note = "更新の期間の負担案（架空）"
    version = fix_preview(walk.session, project, walk.lead, walk.now, note)
    consent_all(walk, [code for code in BODIES if code != SILENT], version)
    for _ in range(REMINDERS_BEFORE_LAPSE):
        asked = remind(walk.session, **walk.given, body_code=SILENT)
        asked.last_reminded_at = walk.now - timedelta(days=9)  # once a day at most
        walk.session.flush()
    project.consent_closes_at = jst_moment(walk.base - timedelta(days=3))
    walk.session.flush()
