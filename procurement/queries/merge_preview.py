"""What putting two projects together would cost each body: its share before and after."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from foundation.errors import Refused
from procurement.domain.sharing import preview
from procurement.domain.sharing_members import SharingMember
from procurement.models import Project
from procurement.queries.figures import list_bases, list_sharing_members, terms_of

OTHER_UNIT = "主な数量の単位が違うため、統合後の負担は計算できません。数量は団体に聞き直します。"
NO_TERMS = "受け入れる案件の負担の条件・試算の前提がまだそろっていないため、計算できません。"


@dataclass(frozen=True, kw_only=True)
class MergeShare:
    """Tax-included yen over the term; None where it cannot be computed."""

    code: str
    name: str
    before_yen: int | None
    after_yen: int | None

    @property
    def change_yen(self) -> int | None:
        """More (or less, negative) than before."""
        if self.before_yen is None or self.after_yen is None:
            return None
        return self.after_yen - self.before_yen


@dataclass(frozen=True, kw_only=True)
class MergePreview:
    """rows: our bodies that have joined. others: those of the project that takes them, summed.

    What each of the others pays is its own and its lead's: of one alone no sum is shown.
    why: '' where it could be computed.
    """

    rows: tuple[MergeShare, ...]
    others: MergeShare
    why: str = ""


def get_merge_preview(session: Session, project: Project, into: Project) -> MergePreview:
    """By each project's own terms and first basis of its estimate. Four queries.

    For the lead that was asked: the other has shown its figures by asking.
    """
    ours = list_sharing_members(session, project.id)
    theirs = list_sharing_members(session, into.id)
    there = {member.code for member in theirs}
    moving = [member for member in ours if member.code not in there]
    before = _share(session, project, ours)
    others_before = _share(session, into, theirs)
    same_unit = project.main_unit == into.main_unit
    after = _share(session, into, [*theirs, *moving]) if same_unit else {}
    return MergePreview(
        rows=tuple(
            MergeShare(
                code=member.code,
                name=member.name,
                before_yen=before.get(member.code),
                after_yen=after.get(member.code),
            )
            for member in ours
        ),
        others=MergeShare(
            code="",
            name=f"受け入れる案件の{len(theirs)}団体の計",
            before_yen=_sum(others_before, there),
            after_yen=_sum(after, there),
        ),
        why="" if after else NO_TERMS if same_unit else OTHER_UNIT,
    )


def _sum(shares: Mapping[str, int], codes: set[str]) -> int | None:
    return sum(shares[code] for code in codes) if shares and len(codes) > 1 else None


def _share(
    session: Session, project: Project, members: Sequence[SharingMember]
) -> Mapping[str, int]:
    """Body → its share of the term; empty where something needed is missing. One query."""
    bases = list_bases(session, project.id)
    if not bases or not members:
        return {}
    try:
        found = preview(
            terms_of(project), sorted(members, key=lambda each: each.code), bases[0].costs
        )
    except Refused:
        return {}
    return {body.code: body.total_yen for body in found.bodies}
