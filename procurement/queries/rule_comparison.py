"""The sharing under several rules, and the group's place among a plan's tiers: for members."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from foundation.errors import Blocker, Refused
from procurement.domain.allocation import Cap
from procurement.domain.participation import TAKING_PART
from procurement.domain.rule_comparison import USUAL_RULES, RuleColumn, compare_rules
from procurement.domain.rules import RuleTextError, parse_rule
from procurement.domain.sharing_members import buyer_of
from procurement.domain.terms import StandaloneBasis
from procurement.domain.tier_progress import TierProgress, tier_progress
from procurement.models import Project
from procurement.queries.figures import (
    BasisRow,
    list_bases,
    list_sharing_members,
    member_of,
    terms_of,
)
from procurement.queries.standing import Standing


@dataclass(frozen=True, kw_only=True)
class RulesPage:
    """The columns on one basis. bodies: (code, name) of every body, by code."""

    bases: tuple[BasisRow, ...] = ()
    chosen: BasisRow | None = None
    bodies: tuple[tuple[str, str], ...] = ()
    columns: tuple[RuleColumn, ...] = ()
    blockers: tuple[Blocker, ...] = ()
    unreadable: tuple[Blocker, ...] = ()


@dataclass(frozen=True, kw_only=True)
class BasisTiers:
    """Tier progress under one basis of the estimate."""

    label: str
    tiers: tuple[TierProgress, ...]


def get_rules_page(
    session: Session, project: Project, basis_id: int | None, more: Sequence[str] = ()
) -> RulesPage:
    """For members only; the caller has asked. Two queries. Nothing declared is loaded.

    more: rules a reader adds for a look; one that cannot be read is named in `unreadable`.

    A cap at declared figures needs those of others: such terms are not compared here.
    """
    members = list_sharing_members(session, project.id)
    bases = list_bases(session, project.id)
    chosen = next((b for b in bases if b.id == basis_id), bases[0] if bases else None)
    try:
        terms = terms_of(project)
    except Refused as refused:
        return RulesPage(bases=bases, chosen=chosen, blockers=refused.blockers)
    blockers = []
    if chosen is None:
        message = "試算の前提がまだありません。幹事団体が料金プランを選ぶと比べられます。"
        blockers.append(Blocker(code="no_basis", message=message))
    if not members:
        blockers.append(Blocker(code="no_members", message="参加団体がまだありません。"))
    if terms.standalone_basis is StandaloneBasis.DECLARED and terms.cap is Cap.STANDALONE:
        message = "単独額を上限とする条件では、申告された額を他の団体に示さないため比べられません。"
        blockers.append(Blocker(code="declared_cap", message=message))
    if blockers or chosen is None:
        return RulesPage(bases=bases, chosen=chosen, blockers=tuple(blockers))
    readable, unreadable = _sort_out(more)
    return RulesPage(
        bases=bases,
        chosen=chosen,
        bodies=tuple((member.code, member.name) for member in members),
        columns=compare_rules(terms, members, chosen.costs, (*readable, *USUAL_RULES)),
        unreadable=unreadable,
    )


def _sort_out(texts: Sequence[str]) -> tuple[tuple[str, ...], tuple[Blocker, ...]]:
    """The rules that can be read, and why the others cannot."""
    readable: list[str] = []
    blockers: list[Blocker] = []
    for text in texts:
        try:
            readable.append(parse_rule(text).text)
        except RuleTextError as error:
            blockers.append(Blocker(code="rule", message=str(error)))
        except Refused as refused:
            blockers += refused.blockers
    return tuple(readable), tuple(blockers)


def list_tier_progress(
    session: Session, project: Project, standing: Standing
) -> tuple[BasisTiers, ...]:
    """For members while the group can still grow; others learn nothing of a basis.

    One query where the project's bodies are loaded already, else two.
    """
    if not standing.is_member or not project.term_start or not project.term_months:
        return ()
    bases = list_bases(session, project.id)
    if not bases:
        return ()
    terms = terms_of(project)
    rows = sorted(project.participations, key=lambda row: row.body_code)
    members = [member_of(row.body, row) for row in rows if row.status in TAKING_PART]
    buyers = [buyer_of(member, terms) for member in members]
    found = [
        BasisTiers(label=basis.label, tiers=tier_progress(basis.costs.plan, buyers))
        for basis in bases
    ]
    return tuple(each for each in found if each.tiers)
