"""What the example's bodies reported of their own costs, and one of them as its goal (架空)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation.clock import fiscal_year_of
from procurement.domain.budget import in_thousands
from procurement.domain.costs import CostBasis, CostCategory, category_of_line
from procurement.example_actors import actor_of
from procurement.models import Project, ShareLine, ShareVersion
from procurement.queries.own_costs import list_own_rows, sha256_of_rows
from procurement.services.costs import YearCosts, record_costs, set_cost_goal

SOURCE = "架空の予算書・決算書"


@dataclass(frozen=True, kw_only=True)
class _Report:
    session: Session
    project: Project
    now: datetime
    code: str

    def say(self, year: int, basis: CostBasis, amounts: dict[CostCategory, int | None]) -> None:
        rows = list_own_rows(self.session, self.project.id, self.code)
        record_costs(
            self.session,
            actor=actor_of(self.session, self.code),
            now=self.now,
            project_id=self.project.id,
            wanted=YearCosts(fiscal_year=year, basis=basis, amounts=amounts, source=SOURCE),
            seen_sha256=sha256_of_rows(rows),
        )


def load_example_reports(session: Session, project: Project, now: datetime) -> int:
    """The first year's budgets of all bodies but the last, and what they spent the year before."""
    assert project.term_start is not None
    year = fiscal_year_of(project.term_start)
    shares = _shares(session, project, year)
    codes = sorted(shares)
    for place, code in enumerate(codes[:-1]):
        report = _Report(session=session, project=project, now=now, code=code)
        asked = {category: _asked(yen) for category, yen in shares[code].items()}
        alone = asked[CostCategory.OPERATING] * 13 // 10
        report.say(year - 1, CostBasis.SETTLEMENT, {CostCategory.OPERATING: alone})
        report.say(year, CostBasis.BUDGET_INITIAL, {**asked})
        if place == 0:
            more = asked[CostCategory.OPERATING] + 300_000
            report.say(year, CostBasis.BUDGET_REVISED, {**asked, CostCategory.OPERATING: more})
    set_cost_goal(
        session,
        actor=actor_of(session, codes[0]),
        now=now,
        project_id=project.id,
        target_yen=_asked(shares[codes[0]][CostCategory.OPERATING]),
        note="共同利用の前の年度より2割以上少なくする（架空）",
        seen_version=0,
    )
    return len(codes) - 1


def _asked(yen: int) -> int:
    """As a budget asks for it: whole thousands, rounded up."""
    return in_thousands(yen) * 1000


def _shares(session: Session, project: Project, year: int) -> dict[str, dict[CostCategory, int]]:
    lines = session.scalars(
        select(ShareLine)
        .join(ShareVersion, ShareVersion.id == ShareLine.share_version_id)
        .where(ShareVersion.project_id == project.id, ShareLine.fiscal_year == year)
    )
    found: dict[str, dict[CostCategory, int]] = {}
    for line in lines:
        sums = found.setdefault(line.body_code, {})
        category = category_of_line(line.category)
        sums[category] = sums.get(category, 0) + line.amount_yen
    return found
