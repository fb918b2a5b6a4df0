"""The lots of a project as a reader may know them: stages, bodies, vendors, totals per body."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.orm import Session, joinedload

from accounts.models import LocalBody
from accounts.roles import Actor
from catalog.models import Vendor
from procurement.contract_models import Contract
from procurement.domain.lots import (
    BodyTotal,
    Division,
    LotShares,
    is_announced,
    total_by_body,
)
from procurement.domain.states import State
from procurement.lot_models import ProjectLot
from procurement.models import Participation, Project, ProjectRole, ShareLine, ShareVersion
from procurement.queries.contracts import CONTRACTS_ARE_PUBLIC
from procurement.queries.project_rows import count_bodies
from procurement.queries.standing import Standing, is_public


@dataclass(frozen=True, kw_only=True)
class LotRow:
    """One lot. vendors: names, '' before they are public. own: status of the reader's body."""

    project_id: int
    number: int
    name: str
    title: str
    state: State
    bodies: int
    vendors: str
    own: str
    here: bool


@dataclass(frozen=True, kw_only=True)
class TotalRow:
    """A body's share of each lot of the page, and of all of them. None: no share, or not known."""

    name: str
    amounts: tuple[int | None, ...]
    total_yen: int | None


@dataclass(frozen=True, kw_only=True)
class LotsPage:
    """The lots the reader may know of, in their order. group_title '': not divided.

    count, names: of all lots, for the lead's form; the lead knows them all. announced: whether
    the notice of one of them is out.
    """

    group_title: str
    divided_by: Division | None
    lots: tuple[LotRow, ...]
    totals: tuple[TotalRow, ...]
    count: int
    names: tuple[str, ...]
    announced: bool


def are_lots_of_one(session: Session, project_id: int, other_id: int) -> bool:
    """Whether both are lots of one purchase. One query."""
    groups = select(ProjectLot.lot_group_id).where(
        ProjectLot.project_id.in_((project_id, other_id))
    )
    found = session.scalars(groups).all()
    return len(found) == 2 and found[0] == found[1]


def list_lots(session: Session, project_id: int) -> tuple[ProjectLot, ...]:
    """All lots of the project's group, whoever asks: for services. One query."""
    group = select(ProjectLot.lot_group_id).where(ProjectLot.project_id == project_id)
    return tuple(
        session.scalars(
            select(ProjectLot)
            .where(ProjectLot.lot_group_id == group.scalar_subquery())
            .options(joinedload(ProjectLot.project), joinedload(ProjectLot.group))
            .order_by(ProjectLot.number)
        )
    )


def get_lots_page(session: Session, project: Project, actor: Actor) -> LotsPage:
    """At most six queries, however many lots there are."""
    every = list_lots(session, project.id)
    standings = list_standings(session, actor, [lot.project_id for lot in every])
    known = [
        lot for lot in every if is_public(lot.project) or standings[lot.project_id].knows_of_it
    ]
    ids = [lot.project_id for lot in known]
    counts, vendors = count_bodies(session, ids), _list_vendors(session, known)
    shares = _list_shares(session, known, standings)
    totals = total_by_body(shares, actor.body_code or "")
    return LotsPage(
        group_title=every[0].group.title if every else "",
        divided_by=Division(every[0].group.divided_by) if every else None,
        lots=tuple(
            LotRow(
                project_id=lot.project_id,
                number=lot.number,
                name=lot.name,
                title=lot.project.title,
                state=State(lot.project.state),
                bodies=counts.get(lot.project_id, 0),
                vendors=vendors.get(lot.project_id, ""),
                own=standings[lot.project_id].participation or "",
                here=lot.project_id == project.id,
            )
            for lot in known
        ),
        totals=_named(session, totals),
        count=len(every),
        names=tuple(lot.name for lot in every),
        announced=any(is_announced(State(lot.project.state)) for lot in known),
    )


def list_standings(
    session: Session, actor: Actor, project_ids: Sequence[int]
) -> dict[int, Standing]:
    """As find_standing, for several projects at once. One query."""
    found: list[tuple[int, str, str]] = []
    if actor.organization_id is not None and project_ids:
        roles = select(ProjectRole.project_id, literal("role"), ProjectRole.role).where(
            ProjectRole.project_id.in_(project_ids),
            ProjectRole.organization_id == actor.organization_id,
        )
        places = select(
            Participation.project_id, literal("participation"), Participation.status
        ).where(
            Participation.project_id.in_(project_ids), Participation.body_code == actor.body_code
        )
        rows = session.execute(union_all(roles, places))
        found = [(number, kind, value) for number, kind, value in rows]
    return {
        id_: Standing(
            actor=actor,
            roles=frozenset(value for n, kind, value in found if (n, kind) == (id_, "role")),
            participation=next(
                (value for n, kind, value in found if (n, kind) == (id_, "participation")), None
            ),
        )
        for id_ in project_ids
    }


def _list_vendors(session: Session, lots: Sequence[ProjectLot]) -> dict[int, str]:
    """Names of the vendors under contract, of the lots whose contracts are public. One query."""
    ids = [lot.project_id for lot in lots if lot.project.state in CONTRACTS_ARE_PUBLIC]
    if not ids:
        return {}
    rows = session.execute(
        select(Contract.project_id, Vendor.name)
        .join(Vendor, Vendor.id == Contract.vendor_id)
        .where(Contract.project_id.in_(ids))
        .order_by(Contract.id)
    )
    names: dict[int, dict[str, None]] = {}
    for id_, name in rows:
        names.setdefault(id_, {})[name] = None
    return {id_: "、".join(found) for id_, found in names.items()}


def _list_shares(
    session: Session, lots: Sequence[ProjectLot], standings: dict[int, Standing]
) -> list[LotShares]:
    """The newest fixed version of each lot whose shares the reader may read. Two queries.

    A cancelled lot stands as one without shares: nobody pays what it once came to.
    """
    ids = [lot.project_id for lot in lots if lot.project.state != State.CANCELLED.value]
    versions = session.execute(
        select(ShareVersion.project_id, func.max(ShareVersion.id))
        .where(ShareVersion.project_id.in_(ids))
        .group_by(ShareVersion.project_id)
    )
    newest = {id_: version_id for id_, version_id in versions}
    readable = [
        lot.project_id
        for lot in lots
        if standings[lot.project_id].is_member or lot.project.state in CONTRACTS_ARE_PUBLIC
    ]
    sums: dict[int, dict[str, int]] = {id_: {} for id_ in readable}
    rows = session.execute(
        select(ShareVersion.project_id, ShareLine.body_code, func.sum(ShareLine.amount_yen))
        .join(ShareLine, ShareLine.share_version_id == ShareVersion.id)
        .where(ShareVersion.id.in_([newest[id_] for id_ in readable if id_ in newest]))
        .group_by(ShareVersion.project_id, ShareLine.body_code)
    )
    for id_, code, yen in rows:
        sums[id_][code] = int(yen)
    return [
        LotShares(
            number=lot.number,
            shares_yen=sums.get(lot.project_id) if lot.project_id in newest else None,
            fixed=lot.project_id in newest,
        )
        for lot in lots
    ]


def _named(session: Session, totals: Sequence[BodyTotal]) -> tuple[TotalRow, ...]:
    """With names, by code. One query."""
    codes = [each.code for each in totals]
    rows = session.execute(select(LocalBody.code, LocalBody.name).where(LocalBody.code.in_(codes)))
    names = {code: name for code, name in rows}
    return tuple(
        TotalRow(name=names[each.code], amounts=each.amounts, total_yen=each.total_yen)
        for each in totals
    )
