"""After the award: agreed maximum, final share and their difference, each as it may be read."""

from collections.abc import Mapping
from dataclasses import dataclass

from procurement.domain.consent import ConsentStatus, exceeds_maximum
from procurement.domain.sharing import SharePreview
from procurement.queries.consents import Answers, ConsentRow
from procurement.queries.standing import Standing


@dataclass(frozen=True, kw_only=True)
class FinalRow:
    """One body over the term, tax-included yen.

    maximum_yen: what it agreed to, None where it agreed to nothing or the reader may not see it.
    above: some year costs more than agreed, so that it is asked anew. answer: '' before fixing.
    """

    code: str
    name: str
    maximum_yen: int | None
    final_yen: int
    above: bool
    answer: str

    @property
    def difference_yen(self) -> int | None:
        """The final share less the maximum: above 0 it is over it."""
        return None if self.maximum_yen is None else self.final_yen - self.maximum_yen


@dataclass(frozen=True, kw_only=True)
class FinalShares:
    """fixed: the newest version is the final one already, as computed now."""

    fixed: bool
    rows: tuple[FinalRow, ...]


def final_shares(
    computed: SharePreview,
    fixed_sha256: str,
    given: Answers,
    standing: Standing,
) -> FinalShares:
    """Beside each body's share of the awarded price, what it agreed to before."""
    held = {row.code: row for row in given.agreed}
    answers = {row.code: row for row in given.newest}
    fixed = computed.sha256 == fixed_sha256
    rows = tuple(
        FinalRow(
            code=body.code,
            name=body.name,
            maximum_yen=_maximum(held.get(body.code), body.by_year, standing),
            final_yen=body.total_yen,
            above=_is_above(held.get(body.code), body.by_year),
            answer=_answer(answers.get(body.code), fixed),
        )
        for body in computed.bodies
    )
    return FinalShares(fixed=fixed, rows=rows)


def _maximum(
    agreed: ConsentRow | None, by_year: Mapping[int, int], standing: Standing
) -> int | None:
    if agreed is None or not (standing.leads or agreed.code == standing.actor.body_code):
        return None
    return sum(agreed.maximum_yen.get(year, 0) for year in by_year)


def _is_above(agreed: ConsentRow | None, by_year: Mapping[int, int]) -> bool:
    return agreed is None or exceeds_maximum(by_year, agreed.maximum_yen)


def _answer(row: ConsentRow | None, fixed: bool) -> str:
    if not fixed or row is None:
        return ""
    return ConsentStatus(row.status).label
