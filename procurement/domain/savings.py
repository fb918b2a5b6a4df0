"""What buying together saves (domain §7): Σ stand-alone − Σ joint, with its parts.

Same term, tax basis and scope on both sides; negative values are results like others.
"""

from dataclasses import dataclass

from procurement.domain.sharing import SharePreview, StandaloneSource


@dataclass(frozen=True, kw_only=True)
class SavingRow:
    """One fiscal year (None: the term). Tax-included yen.

    joint_yen: what the vendor is paid. net_joint_yen: what the bodies bear of it, after the
    prefecture's part and grants.
    """

    fiscal_year: int | None
    standalone_yen: int
    joint_yen: int
    part_yen: int

    @property
    def net_joint_yen(self) -> int:
        """After grants."""
        return self.joint_yen - self.part_yen

    @property
    def saving_before_grants_yen(self) -> int:
        """What buying together itself saves."""
        return self.standalone_yen - self.joint_yen

    @property
    def saving_after_grants_yen(self) -> int:
        """What the bodies save, the parts of others included."""
        return self.standalone_yen - self.net_joint_yen


@dataclass(frozen=True, kw_only=True)
class Saving:
    """Per year and per term. sources: where the stand-alone figures come from, never mixed."""

    years: tuple[SavingRow, ...]
    term: SavingRow
    sources: tuple[StandaloneSource, ...]
    worse_off: tuple[str, ...]


def saving_of(share: SharePreview) -> Saving | None:
    """The saving of a sharing, or None as long as one stand-alone figure is missing.

    worse_off: names of the bodies that pay more than alone.
    """
    if share.standalone_yen is None:
        return None
    years = tuple(_year(share, year) for year in share.years)
    return Saving(
        years=years,
        term=SavingRow(
            fiscal_year=None,
            standalone_yen=sum(row.standalone_yen for row in years),
            joint_yen=sum(row.joint_yen for row in years),
            part_yen=sum(row.part_yen for row in years),
        ),
        sources=tuple(
            dict.fromkeys(body.standalone_source for body in share.bodies if body.standalone_source)
        ),
        worse_off=tuple(body.name for body in share.bodies if (body.saving_yen or 0) < 0),
    )


def _year(share: SharePreview, year: int) -> SavingRow:
    return SavingRow(
        fiscal_year=year,
        standalone_yen=sum(body.standalone_by_year.get(year, 0) for body in share.bodies),
        joint_yen=sum(table.total_yen * table.by_year.get(year, 0) for table in share.tables),
        part_yen=sum(line.amount_yen for line in share.parts if line.fiscal_year == year),
    )
