"""Writing a previewed file whose rows are judged once more within the commit."""

from collections.abc import Callable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from catalog.importing.models import IncomingRow
from catalog.importing.page_kinds import Counts, Judge, Outcome, Taking, Verdict
from foundation.errors import Conflict
from foundation.staging import ROWS_A_STEP, ImportRow, close
from foundation.tables import TableRow

_COUNTED = {Outcome.NEW: "added", Outcome.CHANGED: "changed"}


def take_judged(
    session: Session, taking: Taking, judge: Judge, write: Callable[[Sequence[TableRow]], None]
) -> Counts:
    """Write every new and changed row if each is still what the preview said of it.

    Raises Conflict naming the first that is not.
    """
    close(session, taking.batch_id, now=taking.now)
    counts = dict.fromkeys(_COUNTED.values(), 0)
    after = 0
    while chunk := _chunk(session, taking, after):
        after = chunk[-1][0].position
        rows = [TableRow(sheet=r.sheet, line=r.line, cells=r.cells) for r, _shown in chunk]
        verdicts = judge(session, rows)
        for (_row, shown), verdict in zip(chunk, verdicts, strict=True):
            _refuse_another(shown, verdict)
        writing = [row for row, v in zip(rows, verdicts, strict=True) if v.outcome in _COUNTED]
        write(writing)
        for verdict in verdicts:
            if verdict.outcome in _COUNTED:
                counts[_COUNTED[verdict.outcome]] += 1
    return counts


def _chunk(session: Session, taking: Taking, after: int) -> list[tuple[ImportRow, IncomingRow]]:
    statement = (
        select(ImportRow, IncomingRow)
        .join(IncomingRow, IncomingRow.position == ImportRow.position)
        .where(ImportRow.batch_id == taking.batch_id, IncomingRow.file_id == taking.file_id)
        .where(ImportRow.position > after)
        .order_by(ImportRow.position)
        .limit(ROWS_A_STEP)
    )
    return [(row, shown) for row, shown in session.execute(statement)]


def _refuse_another(shown: IncomingRow, now: Verdict) -> None:
    said = (shown.outcome, shown.key, shown.seen)
    if said != (now.outcome.value, now.key, now.seen):
        place = f"{shown.sheet} {shown.line}行目"
        raise Conflict(
            f"プレビューの後に登録内容が変わりました（{place}）。もう一度比べてください。"
        )
