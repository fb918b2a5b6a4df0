"""What bodies' own contracts cost beside what the share versions say of them (F17)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    func,
    null,
    or_,
    select,
)
from sqlalchemy.orm import Session

from accounts.models import LocalBody
from foundation.money import with_tax
from procurement.contract_models import (
    ConfirmedContractPrice,
    Contract,
    ContractChange,
    ContractUnitPrice,
)
from procurement.domain.contract_changes import ENDING
from procurement.domain.contracts import ContractKind
from procurement.models import ShareLine
from procurement.queries.costs import CostVersion


@dataclass(frozen=True, kw_only=True)
class ContractedRow:
    """A body's contract of a term, with its changes, and its share of that term: tax-included.

    share_yen: None where the term's version has no share of the body. own_prices: it has unit
    prices that only this contract has, signed or since confirmed by its vendor.
    """

    code: str
    name: str
    term: int
    contract_yen: int
    share_yen: int | None
    own_prices: bool = False

    @property
    def differs(self) -> bool:
        return self.contract_yen != self.share_yen


def list_contracted(
    session: Session, project_id: int, versions: Sequence[CostVersion]
) -> tuple[ContractedRow, ...]:
    """Of the bodies' own contracts that stand, by term and code; the caller says who may read.

    versions: the newest of each term. Contracts with an amount only. One query.
    """
    in_order = enumerate(sorted(versions, key=lambda each: each.term.start), 1)
    values = {_of_term(number): each.id for number, each in in_order}
    rows = session.execute(
        _contracts(len(values)),
        {"project_id": project_id, "version_ids": list(values.values()), **values},
    )
    return tuple(
        ContractedRow(
            code=row.body_code,
            name=row.name,
            term=row.term,
            contract_yen=with_tax(int(row.net_yen), row.tax_percent),
            share_yen=None if row.share_yen is None else int(row.share_yen),
            own_prices=bool(row.own_prices),
        )
        for row in rows
    )


def _of_term(number: int) -> str:
    """Name of the value that holds the version of a term: terms are numbered as they begin."""
    return f"version_{number}"


@cache
def _contracts(terms: int) -> Select[*tuple[Any, ...]]:
    """For :project_id, :version_ids and each of so many terms its version."""
    changed, shares = _changed(), _shares()
    of_its_term = shares.c.share_version_id == _version_of_term(terms)
    net = Contract.amount_yen + func.coalesce(changed.c.yen, 0)
    return (
        select(
            Contract.body_code,
            LocalBody.name,
            Contract.term,
            Contract.tax_percent,
            net.label("net_yen"),
            shares.c.yen.label("share_yen"),
            _has_own_prices().label("own_prices"),
        )
        .join(LocalBody, LocalBody.code == Contract.body_code)
        .outerjoin(changed, changed.c.contract_id == Contract.id)
        .outerjoin(shares, and_(shares.c.body_code == Contract.body_code, of_its_term))
        .where(
            Contract.project_id == bindparam("project_id"),
            Contract.kind == ContractKind.INDIVIDUAL.value,
            Contract.amount_yen.is_not(None),
            func.coalesce(changed.c.ended, 0) == 0,
        )
        .order_by(Contract.term, Contract.body_code, Contract.id)
    )


def _changed() -> Subquery:
    """Contract → what its changes come to, and whether one of them ended it."""
    ends = case((ContractChange.kind.in_(ENDING), 1), else_=0)
    return (
        select(
            ContractChange.contract_id,
            func.sum(ContractChange.amount_yen).label("yen"),
            func.max(ends).label("ended"),
        )
        .join(Contract, Contract.id == ContractChange.contract_id)
        .where(Contract.project_id == bindparam("project_id"))
        .group_by(ContractChange.contract_id)
        .subquery()
    )


def _shares() -> Subquery:
    """Version and body → its share over the term."""
    return (
        select(
            ShareLine.share_version_id,
            ShareLine.body_code,
            func.sum(ShareLine.amount_yen).label("yen"),
        )
        .where(ShareLine.share_version_id.in_(bindparam("version_ids", expanding=True)))
        .group_by(ShareLine.share_version_id, ShareLine.body_code)
        .subquery()
    )


def _version_of_term(terms: int) -> ColumnElement[Any]:
    """The version of a contract's term."""
    whens: list[tuple[Any, Any]] = [
        (Contract.term == number, bindparam(_of_term(number))) for number in range(1, terms + 1)
    ]
    return case(*whens, else_=null()) if whens else null()


def _has_own_prices() -> ColumnElement[bool]:
    signed = select(ContractUnitPrice.contract_id).where(
        ContractUnitPrice.contract_id == Contract.id
    )
    confirmed = select(ConfirmedContractPrice.contract_id).where(
        ConfirmedContractPrice.contract_id == Contract.id
    )
    return or_(signed.exists(), confirmed.exists())
