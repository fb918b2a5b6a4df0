"""The life of a project: which moves there are, and whether one may be taken now (domain §4)."""

from datetime import datetime

from foundation.errors import Blocker, refuse
from procurement.domain.dossier import Dossier
from procurement.domain.moves import MOVES, Audience, Move, Mover
from procurement.domain.participation import ParticipationStatus
from procurement.domain.states import (
    BEFORE_NOTICE,
    CONTRACT_MODEL_NOTES,
    ENDED,
    MAIN_ROAD,
    STATE_LABELS,
    WITHOUT_NOTICE,
    AgreementBasis,
    ContractModel,
    ProcurementMethod,
    State,
)

# One address for everything about a project's life; the parts live in states and moves.
__all__ = [
    "BEFORE_NOTICE",
    "CONTRACT_MODEL_NOTES",
    "ENDED",
    "MAIN_ROAD",
    "MOVES",
    "STATE_LABELS",
    "WITHOUT_NOTICE",
    "AgreementBasis",
    "Audience",
    "ContractModel",
    "Move",
    "Mover",
    "ParticipationStatus",
    "ProcurementMethod",
    "State",
    "blockers",
    "deadline_of",
    "get_move",
    "list_moves",
    "list_reason_blockers",
]

MAX_REASON = 1000


def list_moves(state: State, method: ProcurementMethod | None = None) -> tuple[Move, ...]:
    """The moves out of a state, the way forward first; a method narrows them."""
    return tuple(
        move for move in MOVES if move.source is state and (method is None or method in move.only)
    )


def get_move(state: State, action: str) -> Move:
    """The move of that name. Raises Refused where the state has none: somebody was faster."""
    for move in MOVES:
        if move.source is state and move.action == action:
            return move
    message = f"いまの段階（{state.label}）ではこの操作はできません。画面を開き直してください。"
    raise refuse("no_such_move", message)


def blockers(dossier: Dossier, move: Move, now: datetime) -> list[Blocker]:
    """Every reason why the project cannot take this move now; empty when it can."""
    if dossier.state is not move.source:
        message = (
            f"案件の段階が「{dossier.state.label}」に変わっています。画面を開き直してください。"
        )
        return [Blocker(code="wrong_state", message=message)]
    method = dossier.notice.method
    if method is not None and method not in move.only:
        message = (
            f"調達方式が{method.label}のため、この進め方はできません。ほかの進め方を選ぶか、"
            "公告・契約の前なら、案件の編集で調達方式を直してください。"
        )
        return [Blocker(code="wrong_method", message=message)]
    return [blocker for guard in move.guards for blocker in guard(dossier, now)]


def list_reason_blockers(move: Move, reason: str) -> list[Blocker]:
    """Whether a reason is missing, or longer than anybody reads."""
    if move.reason_needed and not reason.strip():
        return [Blocker(code="reason", message="理由を入力してください。", field="reason")]
    if len(reason) > MAX_REASON:
        message = f"理由は{MAX_REASON:,}字以内で入力してください。"
        return [Blocker(code="reason", message=message, field="reason")]
    return []


# Which moment a state waits for; every wait has one and a way out.
_WAITS: dict[State, str] = {
    State.INTENTION_SURVEY: "survey_closes_at",
    State.FORMING: "join_closes_at",
    State.AGREEMENT: "consent_closes_at",
}


def deadline_of(dossier: Dossier) -> datetime | None:
    """The moment the project waits for in its state, if it waits for one."""
    if dossier.state is State.SOLICITATION:
        return dossier.notice.proposals_close_at
    name = _WAITS.get(dossier.state)
    moment: datetime | None = getattr(dossier, name) if name else None
    return moment
