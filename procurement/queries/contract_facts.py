"""What the guards of a project's life ask of its contracts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, literal, select, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from procurement.contract_models import (
    Contract,
    ContractChange,
    ContractRefusal,
    ProjectClosing,
)
from procurement.domain.contract_changes import ChangeKind
from procurement.domain.contracts import WITH_VENDOR, ContractKind, Party, list_expected
from procurement.domain.dossier import MemberView
from procurement.domain.participation import TAKING_PART, ParticipationStatus
from procurement.domain.states import ContractModel, State
from procurement.models import Project

_AFTER_AWARD = (State.CONTRACTING, State.INTRODUCTION, State.OPERATION)
_REFUSED = "refused"
_KNOW_HOW, _NO_KNOW_HOW = "know_how", "no_know_how"
_NO_CONTRACT = (_REFUSED, _KNOW_HOW, _NO_KNOW_HOW)


@dataclass(frozen=True, kw_only=True)
class ContractFacts:
    """without_contract, not_in_use: names of bodies of the first wave. refused: codes."""

    overall: bool = False
    vendor_is_bound: bool = False
    without_contract: tuple[str, ...] = ()
    not_in_use: tuple[str, ...] = ()
    refused: frozenset[str] = frozenset()
    know_how: str = ""
    no_know_how_reason: str = ""


def load_contract_facts(
    session: Session, project: Project, members: tuple[MemberView, ...]
) -> ContractFacts:
    """One query, and none before the contracts."""
    if project.state not in _AFTER_AWARD or not project.contract_model:
        return ContractFacts()
    noted = _list_noted(session, project.id)
    signed = {(kind, code) for kind, code in noted if kind not in _NO_CONTRACT}
    written = {kind: text for kind, text in noted if kind in (_KNOW_HOW, _NO_KNOW_HOW)}
    model = ContractModel(project.contract_model)
    parties = [
        Party(code=m.code, name=m.name, wave=m.wave) for m in members if m.status in TAKING_PART
    ]
    expected = list_expected(model, parties)
    owing = [each for each in expected if (each.kind.value, each.code) not in signed]
    return ContractFacts(
        overall=all(each.code for each in owing),
        without_contract=tuple(each.name for each in owing if each.code),
        not_in_use=_list_not_in_use(members, {each.code for each in expected}),
        refused=frozenset(code for kind, code in noted if kind == _REFUSED),
        know_how=written.get(_KNOW_HOW, ""),
        no_know_how_reason=written.get(_NO_KNOW_HOW, ""),
        vendor_is_bound=any(ContractKind(kind) in WITH_VENDOR for kind, _code in signed),
    )


def _list_noted(session: Session, project_id: int) -> list[tuple[str, str]]:
    """(kind, body code or '') of what is signed, of refusals, and what is left for others."""
    rows: Sequence[Any] = session.execute(
        union_all(
            select(Contract.kind, Contract.body_code).where(
                Contract.project_id == project_id, ~_is_withdrawn()
            ),
            select(literal(_REFUSED), ContractRefusal.body_code).where(
                ContractRefusal.project_id == project_id
            ),
            _closing(_KNOW_HOW, ProjectClosing.know_how, project_id),
            _closing(_NO_KNOW_HOW, ProjectClosing.no_know_how_reason, project_id),
        )
    ).all()
    return [(kind, text or "") for kind, text in rows]


def _is_withdrawn() -> ColumnElement[bool]:
    """A certification that was withdrawn is none the project can go on with."""
    ended = select(ContractChange.id).where(
        ContractChange.contract_id == Contract.id,
        ContractChange.kind == ChangeKind.END.value,
        Contract.kind == ContractKind.CERTIFICATION.value,
    )
    return ended.exists()


def _closing(kind: str, column: InstrumentedAttribute[str], project_id: int) -> Select[str, str]:
    return select(literal(kind), column).where(ProjectClosing.project_id == project_id)


def _list_not_in_use(members: tuple[MemberView, ...], expected: set[str]) -> tuple[str, ...]:
    """Under a recommended product nobody is waited for: bodies begin when they like."""
    waited_for = (ParticipationStatus.JOINED, ParticipationStatus.CONTRACTED)
    return tuple(m.name for m in members if m.code in expected and m.status in waited_for)
