"""The sharing as it would be now: one preview per basis of the estimate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from foundation.errors import Blocker, Refused
from procurement.domain.allocation import Cap
from procurement.domain.sharing import SharePreview, preview
from procurement.domain.sharing_members import DeclaredStandalone, SharingMember
from procurement.domain.terms import SharingTerms, StandaloneBasis
from procurement.models import Project
from procurement.queries.award_costs import (
    AwardBasis,
    RequoteBasis,
    find_award_basis,
    find_requote_basis,
)
from procurement.queries.figures import CostBasis, list_bases, list_sharing_members, terms_of
from procurement.queries.secrets import list_declared, load_declared_for_the_cap
from procurement.queries.standing import Standing


@dataclass(frozen=True, kw_only=True)
class BasisPreview:
    """The preview on one basis, or why it cannot be computed."""

    basis: CostBasis
    preview: SharePreview | None
    blockers: tuple[Blocker, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Previews:
    """All previews of a project at this moment. blockers: why there are none at all.

    award: the only basis there is once a price has been awarded; requoted: where each body
    gets its own.
    """

    members: tuple[SharingMember, ...]
    by_basis: tuple[BasisPreview, ...]
    blockers: tuple[Blocker, ...] = ()
    award: AwardBasis | None = None
    requoted: RequoteBasis | None = None

    def find(self, basis_id: int | None) -> BasisPreview | None:
        """The preview on that basis, or on the first."""
        chosen = [each for each in self.by_basis if each.basis.id == basis_id]
        return next(iter(chosen or self.by_basis), None)


def get_previews(session: Session, project: Project, standing: Standing) -> Previews:
    """Previews for a member of the project; the caller has asked whether it is one.

    At most three queries, whatever the number of bodies; five once a price is awarded.
    """
    members = list_sharing_members(session, project.id)
    try:
        terms = terms_of(project)
    except Refused as refused:
        return Previews(members=members, by_basis=(), blockers=refused.blockers)
    award = find_award_basis(session, project, terms, members)
    requoted = find_requote_basis(session, project, terms, members)
    if requoted is None:
        bases = _as_bases(award) if award else list_bases(session, project.id)
        blockers = _nothing_to_share(members, bases)
    else:
        bases, blockers = _own_bases(requoted), _not_yet(requoted, standing)
    if blockers:
        return Previews(members=members, by_basis=(), blockers=tuple(blockers), requoted=requoted)
    return Previews(
        members=members,
        by_basis=compute_previews(
            members=members,
            bases=bases,
            terms=terms,
            declared=_declared(session, project.id, standing, terms),
            readable=_readable(session, project.id, standing, terms, members),
        ),
        award=award,
        requoted=requoted,
    )


def _as_bases(award: AwardBasis) -> tuple[CostBasis, ...]:
    return (CostBasis(id=0, label=award.costs.label, costs=award.costs),)


def _own_bases(requoted: RequoteBasis) -> tuple[CostBasis, ...]:
    costs = requoted.costs
    return () if costs is None else (CostBasis(id=0, label=costs.label, costs=costs),)


def _not_yet(requoted: RequoteBasis, standing: Standing) -> list[Blocker]:
    """A re-quote is for its body and the lead: the others read the shares once they are fixed."""
    if not standing.leads:
        message = (
            "団体ごとの再見積による最終の負担額は、幹事団体が確定すると参加団体に表示します。"
            "自団体への再見積は「契約」のページで確かめられます。"
        )
        return [Blocker(code="requotes_hidden", message=message)]
    if not requoted.missing:
        return []
    message = (
        f"{'、'.join(requoted.missing)}への再見積が、まだ事業者から出ていません。"
        "すべての団体への再見積がそろうと、最終の負担額を計算できます。"
    )
    return [Blocker(code="requotes_missing", message=message)]


def compute_previews(
    *,
    members: Sequence[SharingMember],
    bases: Sequence[CostBasis],
    terms: SharingTerms,
    declared: Mapping[str, DeclaredStandalone],
    readable: frozenset[str],
) -> tuple[BasisPreview, ...]:
    """One preview per basis. readable: bodies whose stand-alone figure the reader may see."""
    known = [replace(member, declared=declared.get(member.code)) for member in members]
    return tuple(_compute(basis, terms, known, readable) for basis in bases)


def _compute(
    basis: CostBasis,
    terms: SharingTerms,
    members: Sequence[SharingMember],
    readable: frozenset[str],
) -> BasisPreview:
    try:
        computed = preview(terms, members, basis.costs)
    except Refused as refused:
        return BasisPreview(basis=basis, preview=None, blockers=refused.blockers)
    return BasisPreview(basis=basis, preview=_masked(computed, readable))


def _masked(computed: SharePreview, readable: frozenset[str]) -> SharePreview:
    """Stand-alone figures of other bodies taken out where they were declared in confidence."""
    if computed.terms.standalone_basis is StandaloneBasis.PLAN:
        return computed
    bodies = tuple(
        body
        if body.code in readable
        else replace(
            body,
            standalone_yen=None,
            standalone_by_year={},
            standalone_source=None,
            rows=tuple(replace(row, standalone_yen=None) for row in body.rows),
        )
        for body in computed.bodies
    )
    return replace(computed, bodies=bodies)


def _nothing_to_share(
    members: Sequence[SharingMember], bases: Sequence[CostBasis]
) -> list[Blocker]:
    blockers = []
    if not bases:
        message = "試算の前提がまだありません。幹事団体が料金プランを選ぶと試算できます。"
        blockers.append(Blocker(code="no_basis", message=message))
    if not members:
        blockers.append(Blocker(code="no_members", message="参加団体がまだありません。"))
    return blockers


def _declared(
    session: Session, project_id: int, standing: Standing, terms: SharingTerms
) -> dict[str, DeclaredStandalone]:
    if terms.standalone_basis is StandaloneBasis.PLAN:
        return {}
    if terms.cap is Cap.STANDALONE:
        return load_declared_for_the_cap(session, project_id)
    return list_declared(session, standing, project_id)


def _readable(
    session: Session,
    project_id: int,
    standing: Standing,
    terms: SharingTerms,
    members: Sequence[SharingMember],
) -> frozenset[str]:
    if terms.standalone_basis is StandaloneBasis.PLAN:
        return frozenset(member.code for member in members)
    return frozenset(list_declared(session, standing, project_id))
