"""Entries built to the same version of a specification, side by side with what they lack."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from catalog.conformance import NO_VERSION
from catalog.presenters.words import counts_text
from catalog.queries.cases import Counts
from catalog.queries.conformances import ConformanceRow


@dataclass(frozen=True, kw_only=True)
class ConformanceLine:
    """What one entry says. gaps: points not met; none stated is not none."""

    offering_id: int
    name: str
    vendor_name: str
    fictional: bool
    status: str
    verified_by: str
    gaps: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class VersionGroup:
    """The entries that speak of the same version."""

    key: str
    title: str
    counts: str
    lines: tuple[ConformanceLine, ...]


def present_conformances(rows: Sequence[ConformanceRow]) -> tuple[VersionGroup, ...]:
    """One group per version of the specification, the order within it kept."""
    groups = groupby(rows, key=lambda row: row.said.version)
    return tuple(
        _group(place, version, tuple(found)) for place, (version, found) in enumerate(groups, 1)
    )


def _group(place: int, version: str, rows: Sequence[ConformanceRow]) -> VersionGroup:
    fictional = sum(row.fictional for row in rows)
    return VersionGroup(
        key=f"version-{place}",
        title=version or NO_VERSION,
        counts=counts_text(Counts(real=len(rows) - fictional, fictional=fictional)),
        lines=tuple(_line(row) for row in rows),
    )


def _line(row: ConformanceRow) -> ConformanceLine:
    return ConformanceLine(
        offering_id=row.offering_id,
        name=row.name,
        vendor_name=row.vendor_name,
        fictional=row.fictional,
        status=row.said.status.label,
        verified_by=row.said.verified_by,
        gaps=row.said.gaps,
    )
