"""The groups proposed to a reader, with what each would save by published plans."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.roles import Action, Actor, may
from catalog.chance import tie_month
from catalog.models import Offer, Offering, PricePlan
from catalog.plan_units import Quantities, Unit
from catalog.plans import Plan
from procurement.domain.joint_saving import KNOWN_UNITS, JointSaving, can_be_priced, estimate_saving
from procurement.domain.partners import (
    PartnerGroup,
    PartnerScope,
    propose_groups,
    rank_groups,
)
from procurement.domain.pricing import Buyer
from procurement.models import Project, ProjectRole
from procurement.queries.need_units import unit_of
from procurement.queries.needs import (
    NeedRow,
    coordinates,
    list_declared_costs,
    list_stated_needs,
)
from procurement.queries.standing import LEADING_ROLES

PAGE_SIZE = 10


@dataclass(frozen=True, kw_only=True)
class DeclaredSaving:
    """For the coordinator only: what bodies declared, against what plans ask of them together.

    bodies: how many of the group declared and can be priced. Never mixed with plan figures.
    """

    bodies: int
    declared_yen: int
    by_plan: JointSaving


@dataclass(frozen=True, kw_only=True)
class GroupRow:
    """A proposed group with the rows behind it. saving None: no plan can be priced."""

    group: PartnerGroup
    needs: tuple[NeedRow, ...]
    saving: JointSaving | None
    declared: DeclaredSaving | None
    project_ids: tuple[int, ...]  # of the reader's own organisation, still asking about this


@dataclass(frozen=True, kw_only=True)
class PartnersPage:
    """One page of groups. month: of the lot among equals."""

    rows: tuple[GroupRow, ...]
    total: int
    page: int
    pages: int
    month: str


@dataclass(frozen=True, kw_only=True)
class PartnerFilter:
    """What the list is narrowed to; '' for no narrowing."""

    category: str = ""
    scope: str = ""


class Savings:
    """Reckons savings of groups; the plans of a system type are read once."""

    def __init__(self, session: Session, rows: Iterable[NeedRow], *, fictional: bool) -> None:
        self._session = session
        self._fictional = fictional
        self._rows = {(row.system_type_code, row.body_code): row for row in rows}

    @cached_property
    def _plans(self) -> Mapping[str, Sequence[Plan]]:
        return _read_plans(self._session, fictional=self._fictional)

    def of(self, group: PartnerGroup) -> JointSaving | None:
        """By published plans, for those whose quantities are known."""
        return self._estimate(group, group.codes)

    def lowest_of(self, group: PartnerGroup) -> int | None:
        """What groups are ranked by: the least that any plan would save."""
        saving = self.of(group)
        return None if saving is None else saving.saving.low_yen

    def declared(
        self, group: PartnerGroup, costs: Mapping[tuple[str, str], int]
    ) -> DeclaredSaving | None:
        """The bodies that declared a cost, against the plans for the same bodies."""
        unit = unit_of(group.system_type_code)
        codes = [
            code
            for code in group.codes
            if (code, group.system_type_code) in costs and self._buyer(group, code, unit)
        ]
        by_plan = self._estimate(group, codes)
        if by_plan is None:
            return None
        return DeclaredSaving(
            bodies=len(codes),
            declared_yen=sum(costs[code, group.system_type_code] for code in codes),
            by_plan=by_plan,
        )

    def _estimate(self, group: PartnerGroup, codes: Iterable[str]) -> JointSaving | None:
        unit = unit_of(group.system_type_code)
        buyers = [self._buyer(group, code, unit) for code in codes]
        known = [buyer for buyer in buyers if buyer is not None]
        return estimate_saving(self._plans.get(group.system_type_code, ()), known, unit)

    def _buyer(self, group: PartnerGroup, code: str, unit: Unit) -> Buyer | None:
        """The body as a buyer; None where a figure the plans count is not known."""
        row = self._rows[group.system_type_code, code]
        if not row.population or not row.households:
            return None
        counts = {"body": 1, "resident": row.population, "household": row.households}
        if unit not in KNOWN_UNITS:
            if row.quantity is None:
                return None
            counts[unit.value] = row.quantity
        return Buyer(code=code, quantities=Quantities.from_dict(counts))


def list_partner_groups(
    session: Session, actor: Actor, *, narrowed: PartnerFilter, page: int, now: datetime
) -> PartnersPage:
    """The groups this reader could gather, best first. At most four queries.

    A body sees the groups it lies in, a coordinator those with a body of its prefecture.
    """
    rows = list_stated_needs(session, fictional=actor.fictional, system_type_code=narrowed.category)
    savings = Savings(session, rows, fictional=actor.fictional)
    groups = [
        group
        for group in propose_groups(row.facts for row in rows)
        if _concerns(group, actor) and narrowed.scope in ("", group.scope)
    ]
    month = tie_month(now)
    ranked = rank_groups(groups, savings.lowest_of, month)
    pages = max(1, -(-len(ranked) // PAGE_SIZE))
    shown = ranked[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return PartnersPage(
        rows=_with_figures(session, actor, shown, rows, savings),
        total=len(ranked),
        page=page,
        pages=pages,
        month=month,
    )


def find_groups_of(
    session: Session, row: NeedRow, rows: Sequence[NeedRow]
) -> tuple[tuple[PartnerGroup, JointSaving | None], ...]:
    """The groups one need lies in, inside the prefecture first. rows: all of its system type."""
    savings = Savings(session, rows, fictional=row.fictional)
    own = [g for g in propose_groups(r.facts for r in rows) if row.body_code in g.codes]
    own.sort(key=lambda group: group.scope is not PartnerScope.PREFECTURE)
    return tuple((group, savings.of(group)) for group in own)


def _concerns(group: PartnerGroup, actor: Actor) -> bool:
    if coordinates(actor) or actor.body_code is None:
        return actor.prefecture_code is None or actor.prefecture_code in group.prefecture_codes
    return actor.body_code in group.codes


def _with_figures(
    session: Session,
    actor: Actor,
    groups: Sequence[PartnerGroup],
    rows: Sequence[NeedRow],
    savings: Savings,
) -> tuple[GroupRow, ...]:
    by_key = {(row.system_type_code, row.body_code): row for row in rows}
    types = {group.system_type_code for group in groups}
    costs = list_declared_costs(session, actor, types)
    asking = _projects_asking(session, actor, types)
    return tuple(
        GroupRow(
            group=group,
            needs=tuple(by_key[group.system_type_code, code] for code in group.codes),
            saving=savings.of(group),
            declared=savings.declared(group, costs) if costs else None,
            project_ids=asking.get(group.system_type_code, ()),
        )
        for group in groups
    )


def _projects_asking(
    session: Session, actor: Actor, system_type_codes: Iterable[str]
) -> dict[str, tuple[int, ...]]:
    """Projects of the reader's own organisation that still gather, by system type."""
    if actor.organization_id is None or not may(actor, Action.OPEN_PROJECT):
        return {}
    found = session.execute(
        select(Project.system_type_code, Project.id)
        .join(ProjectRole, ProjectRole.project_id == Project.id)
        .where(
            ProjectRole.organization_id == actor.organization_id,
            ProjectRole.role.in_(LEADING_ROLES),
            Project.system_type_code.in_(list(system_type_codes)),
            Project.state.in_(("intention_survey", "forming")),
        )
        .order_by(Project.id.desc())
    )
    ids: dict[str, tuple[int, ...]] = {}
    for system_type_code, project_id in found:
        ids[system_type_code] = (*ids.get(system_type_code, ()), project_id)
    return ids


def _read_plans(session: Session, *, fictional: bool) -> dict[str, list[Plan]]:
    """System type → the plans offered now that can serve an estimate. One query."""
    found = session.execute(
        select(Offering.system_type_code, PricePlan.definition)
        .join(Offer, Offer.id == PricePlan.offer_id)
        .join(Offering, Offering.id == Offer.offering_id)
        .where(
            Offering.publication_status == "published",
            Offering.fictional.is_(fictional),
            PricePlan.offered.is_(True),
        )
        .order_by(PricePlan.id)
    )
    plans: dict[str, list[Plan]] = defaultdict(list)
    for system_type_code, definition in found:
        plan = Plan.from_dict(definition)
        if can_be_priced(plan, unit_of(system_type_code)):
            plans[system_type_code].append(plan)
    return plans
