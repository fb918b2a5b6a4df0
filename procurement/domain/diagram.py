"""The table of moves as a page of documentation, generated so that it cannot be wrong."""

from collections.abc import Iterator

from procurement.domain.guards import Guard
from procurement.domain.moves import MOVES, Move
from procurement.domain.states import State
from procurement.domain.waits import WAITS

PATH = "docs/reference/lifecycle.md"
_HEAD = """# The life of a joint procurement

Generated from `procurement/domain/moves.py` by `flask procurement diagram`; do not edit.
`cancelled` can be reached from every state that has not ended; it is left out of the picture.
"""


def lifecycle_page() -> str:
    """The whole page: a Mermaid picture, states, moves, guards, and the way out of every wait."""
    parts = [_HEAD, *_picture(), "", *_states(), "", *_table(), "", *_guards(), "", *_waits(), ""]
    return "\n".join(parts)


def _picture() -> Iterator[str]:
    yield "```mermaid"
    yield "stateDiagram-v2"
    for state in State:
        if state is not State.CANCELLED:
            yield f"    {state.value}: {state.label}"
    yield f"    [*] --> {State.INTENTION_SURVEY.value}"
    for move in MOVES:
        if move.target is not State.CANCELLED:
            yield f"    {move.source.value} --> {move.target.value}: {move.action}"
    yield f"    {State.CLOSED.value} --> [*]"
    yield "```"


def _states() -> Iterator[str]:
    yield "| State | 日本語 |"
    yield "|---|---|"
    for state in State:
        yield f"| `{state.value}` | {state.label} |"


def _table() -> Iterator[str]:
    yield "| From | To | Action | 操作 | Who | Guards | Reason | Audit event | Told |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for move in MOVES:
        yield _row(move)


def _row(move: Move) -> str:
    cells = (
        f"`{move.source.value}`",
        f"`{move.target.value}`",
        f"`{move.action}`",
        move.label,
        move.who.label,
        " ".join(f"`{_name(guard)}`" for guard in move.guards) or "–",
        "needed" if move.reason_needed else "–",
        f"`{move.event}`",
        "、".join(audience.label for audience in move.told),
    )
    return "| " + " | ".join(cells) + " |"


def _guards() -> Iterator[str]:
    yield "| Guard | What it asks |"
    yield "|---|---|"
    used = dict.fromkeys(guard for move in MOVES for guard in move.guards)
    for guard in used:
        yield f"| `{_name(guard)}` | {(guard.__doc__ or '').splitlines()[0]} |"


def _waits() -> Iterator[str]:
    yield "## When somebody says nothing"
    yield ""
    yield "From `procurement/domain/waits.py`: no state can be left by one silent party only."
    yield ""
    yield "| State | Silent | Waits for | Way out | By |"
    yield "|---|---|---|---|---|"
    for wait in WAITS:
        cells = (wait.silent.label, wait.waits_for, wait.way_out, wait.by.label)
        yield f"| `{wait.state.value}` | " + " | ".join(cells) + " |"


def _name(guard: Guard) -> str:
    name: str = getattr(guard, "__name__", "")
    return name
