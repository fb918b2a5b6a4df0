"""The sharing page: how it would be now, the fixed version, old and new side by side, consents."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from accounts.roles import Role
from procurement.domain.consent import ConsentStatus, agreed_terms, must_consent_again
from procurement.domain.savings import Saving, saving_of
from procurement.domain.sharing import SharePreview
from procurement.models import Project, ShareVersion
from procurement.queries.award_costs import AwardBasis
from procurement.queries.consents import (
    ConsentRow,
    find_latest_version,
    lines_by_year,
    load_answers,
)
from procurement.queries.final_shares import FinalShares, final_shares
from procurement.queries.members import BODIES_ARE_PUBLIC
from procurement.queries.previews import BasisPreview, Previews, get_previews
from procurement.queries.standing import Standing


@dataclass(frozen=True, kw_only=True)
class VersionView:
    """A fixed version with each body's yen per fiscal year. names: code → name as it was fixed."""

    number: int
    sha256: str
    fixed_at: datetime
    fixed_by: str
    note: str
    total_yen: int
    part_yen: int
    names: Mapping[str, str]
    by_year: Mapping[str, Mapping[int, int]]
    terms: Mapping[str, Any]
    basis_label: str

    @property
    def years(self) -> tuple[int, ...]:
        return tuple(sorted({year for lines in self.by_year.values() for year in lines}))

    def total_of(self, code: str) -> int | None:
        """A body's yen over the term, None if it is not in this version."""
        lines = self.by_year.get(code)
        return None if lines is None else sum(lines.values())


@dataclass(frozen=True, kw_only=True)
class ChangeRow:
    """One body in the newest version and in the preview. None: not in it."""

    code: str
    name: str
    fixed_yen: int | None
    preview_yen: int | None

    @property
    def difference_yen(self) -> int:
        return (self.preview_yen or 0) - (self.fixed_yen or 0)


@dataclass(frozen=True, kw_only=True)
class RangeRow:
    """One body over all bases of the estimate."""

    code: str
    name: str
    low_yen: int
    high_yen: int


@dataclass(frozen=True, kw_only=True)
class SharingPage:
    """For members. previews is empty and version given to others once shares are public."""

    is_member: bool
    previews: Previews | None = None
    chosen: BasisPreview | None = None
    ranges: tuple[RangeRow, ...] = ()
    saving: Saving | None = None
    version: VersionView | None = None
    changes: tuple[ChangeRow, ...] = ()
    asked_again: tuple[str, ...] = ()
    terms_changed: bool = False
    consents: tuple[ConsentRow, ...] = ()
    final: FinalShares | None = None

    @property
    def award(self) -> AwardBasis | None:
        """The awarded price the shares are computed from, once there is one."""
        return self.previews.award if self.previews else None

    @property
    def waiting(self) -> tuple[ConsentRow, ...]:
        """Bodies that have not answered the newest version."""
        return tuple(row for row in self.consents if row.status is ConsentStatus.ASKED)


def get_sharing_page(
    session: Session, project: Project, standing: Standing, basis_id: int | None
) -> SharingPage:
    """At most ten queries. Strangers get the fixed shares once they are public, else nothing."""
    if not standing.is_member:
        latest = find_latest_version(session, project.id)
        public = project.state in BODIES_ARE_PUBLIC and latest is not None
        version = make_version_view(session, latest) if public and latest else None
        return SharingPage(is_member=False, version=version)
    previews = get_previews(session, project, standing)
    chosen = previews.find(basis_id)
    computed = chosen.preview if chosen else None
    award = previews.award or previews.requoted
    latest = award.version if award else find_latest_version(session, project.id)
    version = make_version_view(session, latest) if latest else None
    answers = load_answers(session, project.id)
    final = None
    if award and computed and latest:
        final = final_shares(computed, latest.sha256, answers, standing)
    return SharingPage(
        is_member=True,
        previews=previews,
        chosen=chosen,
        ranges=_ranges(previews),
        saving=saving_of(computed) if computed else None,
        version=version,
        changes=_changes(version, computed),
        asked_again=_asked_again(version, computed, answers.agreed),
        terms_changed=_terms_changed(version, computed),
        consents=tuple(_readable(row, standing) for row in answers.newest),
        final=final,
    )


def make_version_view(session: Session, version: ShareVersion) -> VersionView:
    """A fixed version frozen for reading. One query."""
    return VersionView(
        number=version.number,
        sha256=version.sha256,
        fixed_at=version.fixed_at,
        fixed_by=version.fixed_by,
        note=version.note,
        total_yen=int(version.result["total_yen"]),
        part_yen=int(version.result["part_yen"]),
        names={body["code"]: body["name"] for body in version.result["bodies"]},
        by_year=lines_by_year(session, version.id),
        terms=dict(version.terms),
        basis_label=str(version.inputs["costs"].get("label", "")),
    )


def _readable(row: ConsentRow, standing: Standing) -> ConsentRow:
    """A maximum is read by its own body and the lead; the others see that an answer is there.

    That a consent was taken back or has lapsed is theirs alone too (domain §8): to the others
    it is an answer still waited for. An auditor reads it.
    """
    if standing.leads or row.code == standing.actor.body_code:
        return row
    kept = row.status in (ConsentStatus.WITHDRAWN, ConsentStatus.LAPSED)
    if kept and Role.AUDITOR not in standing.actor.roles:
        row = replace(row, status=ConsentStatus.ASKED, answered_at=None)
    return replace(row, maximum_yen={}, approval_date=None, approval_number="")


def _ranges(previews: Previews) -> tuple[RangeRow, ...]:
    totals: dict[str, tuple[str, list[int]]] = {}
    for each in previews.by_basis:
        for body in each.preview.bodies if each.preview else ():
            totals.setdefault(body.code, (body.name, []))[1].append(body.total_yen)
    return tuple(
        RangeRow(code=code, name=name, low_yen=min(yen), high_yen=max(yen))
        for code, (name, yen) in sorted(totals.items())
    )


def _changes(version: VersionView | None, computed: SharePreview | None) -> tuple[ChangeRow, ...]:
    if version is None or computed is None:
        return ()
    names = dict(version.names) | {body.code: body.name for body in computed.bodies}
    preview_yen = {body.code: body.total_yen for body in computed.bodies}
    return tuple(
        ChangeRow(
            code=code,
            name=name,
            fixed_yen=version.total_of(code),
            preview_yen=preview_yen.get(code),
        )
        for code, name in sorted(names.items())
    )


def _terms_changed(version: VersionView | None, computed: SharePreview | None) -> bool:
    if version is None or computed is None:
        return False
    return agreed_terms(version.terms) != agreed_terms(computed.terms.to_dict())


def _asked_again(
    version: VersionView | None, computed: SharePreview | None, agreed: tuple[ConsentRow, ...]
) -> tuple[str, ...]:
    """Names of those who would have to consent if the preview were fixed now."""
    if computed is None:
        return ()
    names = {body.code: body.name for body in computed.bodies}
    if version is None or _terms_changed(version, computed):
        return tuple(names.values())
    lines = {body.code: body.by_year for body in computed.bodies}
    codes = must_consent_again(lines, [row.view(None) for row in agreed])
    return tuple(names[code] for code in codes)
