"""The fairness page: a sharing as it would be by the plan alone, seen from every body (§3)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from sqlalchemy.orm import Session

from accounts.roles import Role
from catalog.plans import Plan
from foundation.errors import Blocker, Refused
from procurement.domain.allocation import Cap, sha256_of
from procurement.domain.billing import Timeline
from procurement.domain.coalition_game import make_game
from procurement.domain.core_check import CoreFinding
from procurement.domain.estimates import ShareChange, changed
from procurement.domain.fairness import (
    Fairness,
    assess,
    assess_declared,
    share_before_tax_and_grants,
)
from procurement.domain.pricing import PlanCosts
from procurement.domain.shapley import EXACT_BODIES
from procurement.domain.sharing import SharePreview, preview
from procurement.domain.sharing_members import (
    DeclaredStandalone,
    SharingMember,
    StandaloneSource,
)
from procurement.domain.standalone import standalone_of
from procurement.domain.terms import SharingTerms, StandaloneBasis
from procurement.models import Project, ShareVersion
from procurement.queries.consents import find_latest_version
from procurement.queries.figures import list_bases, list_sharing_members, terms_of, without
from procurement.queries.secrets import list_declared
from procurement.queries.standing import Standing

FIXED = "fixed"  # the key of the newest version among the choices


@dataclass(frozen=True, kw_only=True, eq=False)
class Viewed:
    """A sharing that can be looked at: the newest version, or a preview on one basis.

    key: what the address calls it. Two with equal figures are one to the cache.
    """

    key: str
    label: str
    terms: SharingTerms
    members: tuple[SharingMember, ...]
    costs: PlanCosts

    @cached_property
    def sha256(self) -> str:
        """Of everything the view is computed from."""
        return sha256_of(
            {
                "terms": self.terms.to_dict(),
                "members": [member.to_dict() for member in self.members],
                "costs": self.costs.to_dict(),
            }
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Viewed) and self.sha256 == other.sha256

    def __hash__(self) -> int:
        return hash(self.sha256)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the address asks for. key: one of the choices; leaver: a body's code.

    declared: the second view, which many bodies get only when asked for.
    """

    key: str = ""
    leaver: str = ""
    declared: bool = False


@dataclass(frozen=True, kw_only=True)
class DeclaredRow:
    """One body's declared figure beside its share: tax-included, before grants, over the term."""

    code: str
    name: str
    source: StandaloneSource
    declared_yen: int
    share_yen: int


@dataclass(frozen=True, kw_only=True)
class DeclaredView:
    """The second view. finding is for lead and auditor only, and only if every body declared.

    missing: names of the bodies that declared nothing; () where the reader may not know.
    """

    rows: tuple[DeclaredRow, ...]
    missing: tuple[str, ...]
    finding: CoreFinding | None


@dataclass(frozen=True, kw_only=True)
class FairnessPage:
    """For members of the project; empty for all others. leaver: who is looked at as leaving.

    declared_waits: there are declared figures the reader may see, and it has not asked for them.
    """

    is_member: bool
    choices: tuple[Viewed, ...] = ()
    chosen: Viewed | None = None
    fairness: Fairness | None = None
    leaver: SharingMember | None = None
    leaving: ShareChange | None = None
    declared: DeclaredView | None = None
    declared_waits: bool = False
    blockers: tuple[Blocker, ...] = ()


def get_fairness_page(
    session: Session, project: Project, standing: Standing, wanted: Wanted
) -> FairnessPage:
    """At most five queries. Raises nothing where a sharing cannot be computed: see blockers.

    Member quantities and previewed shares are read by members only (domain §8), so nobody
    else is given anything here.
    """
    if not standing.is_member:
        return FairnessPage(is_member=False)
    choices, blockers = _list_choices(session, project)
    matching = [each for each in choices if each.key == wanted.key]
    chosen = next(iter(matching or choices), None)
    if chosen is None:
        return FairnessPage(is_member=True, blockers=blockers)
    try:
        share, fairness = _assessed(chosen)
        figures = list_declared(session, standing, project.id)
        declaring = [m for m in chosen.members if m.code in figures]
        shown = bool(declaring) and (wanted.declared or len(chosen.members) <= EXACT_BODIES)
        declared = _declared_view(chosen, figures, standing) if shown else None
    except Refused as refused:
        page = FairnessPage(is_member=True, choices=choices, chosen=chosen)
        return replace(page, blockers=refused.blockers)
    gone = _leaver(chosen, wanted.leaver, standing)
    return FairnessPage(
        is_member=True,
        choices=choices,
        chosen=chosen,
        fairness=fairness,
        leaver=gone,
        leaving=_leaving(chosen, share, gone) if gone else None,
        declared=declared,
        declared_waits=bool(declaring) and declared is None,
    )


def _list_choices(
    session: Session, project: Project
) -> tuple[tuple[Viewed, ...], tuple[Blocker, ...]]:
    """The newest version first, then a preview per basis; and why there is no preview."""
    version = find_latest_version(session, project.id)
    fixed = _fixed(version) if version else None
    found = (fixed,) if fixed else ()
    members = list_sharing_members(session, project.id)
    bases = list_bases(session, project.id)
    if not (members and bases):
        message = "参加団体と試算の前提がそろうと表示できます。"
        return found, (Blocker(code="nothing_to_share", message=message),)
    try:
        terms = terms_of(project)
    except Refused as refused:
        return found, refused.blockers
    previews = tuple(
        Viewed(
            key=str(basis.id),
            label=f"今の試算（{basis.label}）",
            terms=terms,
            members=members,
            costs=basis.costs,
        )
        for basis in bases
    )
    return (*found, *previews), ()


def _fixed(version: ShareVersion) -> Viewed | None:
    """The version as it was computed; None where it does not rest on a plan."""
    costs = version.inputs["costs"]
    if costs.get("basis") != "plan":
        return None
    return Viewed(
        key=FIXED,
        label=f"確定した負担案 第{version.number}版",
        terms=SharingTerms.from_dict(version.terms),
        members=tuple(SharingMember.from_dict(member) for member in version.inputs["members"]),
        costs=PlanCosts(plan=Plan.from_dict(costs["plan"]), label=str(costs.get("label", ""))),
    )


@lru_cache(maxsize=8)
def _assessed(viewed: Viewed) -> tuple[SharePreview, Fairness]:
    """Pure, and too dear to repeat for each page of 1,788 bodies. Holds no declared figure."""
    share = share_before_tax_and_grants(viewed.terms, viewed.members, viewed.costs)
    return share, assess(viewed.terms, viewed.members, viewed.costs.plan, share)


def _leaver(viewed: Viewed, code: str, standing: Standing) -> SharingMember | None:
    """The body asked for; in small projects else the reader's own, or the first."""
    by_code = {member.code: member for member in viewed.members}
    if code in by_code or len(by_code) > EXACT_BODIES:
        return by_code.get(code)
    return by_code.get(standing.actor.body_code or "", viewed.members[0])


def _leaving(viewed: Viewed, share: SharePreview, gone: SharingMember) -> ShareChange | None:
    """What the others would pay without it; None where that cannot be computed."""
    others = without(viewed.members, gone.code)
    if not others:
        return None
    try:
        after = share_before_tax_and_grants(viewed.terms, others, viewed.costs)
    except Refused:
        return None
    return changed(share, after)


@lru_cache(maxsize=8)
def _share_with_tax(viewed: Viewed) -> SharePreview:
    """Tax-included, before grants, without a cap; of no declared figure."""
    terms = replace(viewed.terms, parts=(), cap=Cap.NONE, standalone_basis=StandaloneBasis.DECLARED)
    return preview(terms, viewed.members, viewed.costs)


def _declared_view(
    viewed: Viewed, figures: Mapping[str, DeclaredStandalone], standing: Standing
) -> DeclaredView:
    """Tax-included, as the figures were declared; never mixed with the plan's view."""
    share = _share_with_tax(viewed)
    rows = _declared_rows(viewed, figures, share)
    if not (standing.leads or Role.AUDITOR in standing.actor.roles):
        return DeclaredView(rows=rows, missing=(), finding=None)
    missing = tuple(member.name for member in viewed.members if member.code not in figures)
    if missing:
        return DeclaredView(rows=rows, missing=missing, finding=None)
    game = make_game(share.terms, viewed.members, viewed.costs.plan)
    finding = assess_declared(game, {row.code: row.declared_yen for row in rows})
    return DeclaredView(rows=rows, missing=(), finding=finding)


def _declared_rows(
    viewed: Viewed, figures: Mapping[str, DeclaredStandalone], share: SharePreview
) -> tuple[DeclaredRow, ...]:
    declaring = [
        replace(member, declared=figures[member.code])
        for member in viewed.members
        if member.code in figures
    ]
    timeline = Timeline(terms=share.terms, members=declaring, costs=viewed.costs)
    shares = {body.code: body.total_yen for body in share.bodies}
    return tuple(
        DeclaredRow(
            code=member.code,
            name=member.name,
            source=alone.source,
            declared_yen=alone.total_yen,
            share_yen=shares[member.code],
        )
        for member in declaring
        if (alone := standalone_of(timeline, member)) is not None
    )
