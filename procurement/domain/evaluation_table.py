"""Proposals with their scores, read from CSV: `bidder,price_yen,mandatory_met`, a column per
criterion, `judge` where several scored, `lot_number` where ties may go to a lot.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from foundation.errors import Blocker, Refused, refuse
from foundation.text import normalize, parse_decimal, parse_yen
from procurement.domain.evaluation import Proposal
from procurement.domain.evaluation_rule import EvaluationRule
from procurement.domain.member_table import decode, rows_of

REQUIRED_COLUMNS = ("bidder", "price_yen", "mandatory_met")
OPTIONAL_COLUMNS = ("judge", "lot_number")
_YES = frozenset({"1", "true", "yes", "y", "はい", "可", "○", "対応", "適合"})
_NO = frozenset({"0", "false", "no", "n", "いいえ", "不可", "×", "非対応", "不適合"})


@dataclass(frozen=True, kw_only=True)
class _Row:
    line: int
    bidder: str
    judge: str
    price_yen: int
    mandatory_met: bool
    lot_number: int | None
    scores: dict[str, Decimal]
    offered: dict[str, int]


def read_proposals(content: bytes, rule: EvaluationRule) -> list[Proposal]:
    """The proposals in the order of the file, all rows or none.

    A row whose scores are all blank is an absent judge. Raises Refused with every bad cell.
    """
    rows = list(rows_of(decode(content)))
    if not rows:
        raise refuse("file_empty", "ファイルが空です。1行目に列名が必要です。")
    columns = [normalize(cell) for cell in rows[0][1]]
    _check_columns(columns, rule)
    reader = _RowReader(columns, rule)
    read = [row for line, cells in rows[1:] if (row := reader.read(line, cells))]
    if reader.blockers:
        raise Refused(reader.blockers)
    if not read:
        raise refuse("no_proposals", "提案の行がありません（2行目から1行に1提案）。")
    return _proposals(read)


def _check_columns(columns: Sequence[str], rule: EvaluationRule) -> None:
    needed = (
        *REQUIRED_COLUMNS,
        *(criterion.key for criterion in rule.criteria),
        *(ceiling.key for ceiling in rule.ceilings),
    )
    blockers = [
        Blocker(code="column_missing", message=f"1行目：列「{name}」がありません。", field=name)
        for name in needed
        if name not in columns
    ]
    blockers += [
        Blocker(code="column_twice", message=f"1行目：列「{name}」が2つあります。", field=name)
        for name in sorted({name for name in columns if name and columns.count(name) > 1})
    ]
    blockers += [
        Blocker(
            code="column_unknown", message=f"1行目：列「{name}」はルールにありません。", field=name
        )
        for name in columns
        if name and name not in needed and name not in OPTIONAL_COLUMNS
    ]
    if blockers:
        raise Refused(blockers)


class _RowReader:
    def __init__(self, columns: Sequence[str], rule: EvaluationRule) -> None:
        self.columns = columns
        self.rule = rule
        self.ceilings = rule.ceilings
        self.blockers: list[Blocker] = []

    def read(self, line: int, cells: Sequence[str]) -> _Row | None:
        """The row, or None where a cell could not be read."""
        before = len(self.blockers)
        if len(cells) > len(self.columns):
            self._say(line, "", "列が1行目より多くなっています。")
            return None
        texts = dict(zip(self.columns, map(normalize, cells), strict=False))
        row = _Row(
            line=line,
            bidder=texts.get("bidder", ""),
            judge=texts.get("judge", ""),
            price_yen=self._yen(line, "price_yen", texts.get("price_yen", "")),
            mandatory_met=self._flag(line, texts.get("mandatory_met", "")),
            lot_number=self._lot_number(line, texts.get("lot_number", "")),
            scores=self._scores(line, texts),
            offered={c.key: self._yen(line, c.key, texts.get(c.key, "")) for c in self.ceilings},
        )
        if not row.bidder:
            self._say(line, "bidder", "空欄です。")
        return row if len(self.blockers) == before else None

    def _yen(self, line: int, column: str, text: str) -> int:
        try:
            return parse_yen(text)
        except ValueError as error:
            self._say(line, column, str(error) if text else "空欄です。")
            return 0

    def _flag(self, line: int, text: str) -> bool:
        if text.lower() not in _YES | _NO:
            self._say(line, "mandatory_met", "yes か no を入力してください。")
        return text.lower() in _YES

    def _lot_number(self, line: int, text: str) -> int | None:
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) == 3):
            self._say(line, "lot_number", "3桁の数字にしてください。")
            return None
        return int(text)

    def _scores(self, line: int, texts: dict[str, str]) -> dict[str, Decimal]:
        typed = {c.key: texts.get(c.key, "") for c in self.rule.criteria}
        if not any(typed.values()):
            return {}
        return {
            c.key: self._score(line, c.key, typed[c.key], c.max_points) for c in self.rule.criteria
        }

    def _score(self, line: int, key: str, text: str, most: Decimal) -> Decimal:
        try:
            points = parse_decimal(text)
        except ValueError:
            points = Decimal(-1)
        if 0 <= points <= most:
            return points
        self._say(line, key, f"0から{most}までの数にしてください。" if text else "空欄です。")
        return Decimal(0)

    def _say(self, line: int, column: str, words: str) -> None:
        message = f"{line}行目 {column}：{words}" if column else f"{line}行目：{words}"
        self.blockers.append(Blocker(code="cell", message=message, field=column or None))


def _proposals(rows: Sequence[_Row]) -> list[Proposal]:
    """Rows of one bidder brought together; they must agree about everything but the scores."""
    by_bidder: dict[str, list[_Row]] = {}
    for row in rows:
        by_bidder.setdefault(row.bidder, []).append(row)
    blockers = [b for own in by_bidder.values() for b in _list_disagreements(own)]
    if blockers:
        raise Refused(blockers)
    return [
        Proposal(
            bidder=bidder,
            price_yen=own[0].price_yen,
            mandatory_met=own[0].mandatory_met,
            lot_number=own[0].lot_number,
            scores={row.judge: row.scores for row in own if row.scores},
            offered=own[0].offered,
        )
        for bidder, own in by_bidder.items()
    ]


def _list_disagreements(rows: Sequence[_Row]) -> list[Blocker]:
    first = rows[0]
    blockers = []
    judges: dict[str, int] = {}
    for row in rows:
        for name in ("price_yen", "mandatory_met", "lot_number", "offered"):
            if getattr(row, name) != getattr(first, name):
                message = f"{row.line}行目 {name}：「{row.bidder}」の{first.line}行目と違います。"
                blockers.append(Blocker(code="rows_differ", message=message, field=name))
        line = judges.setdefault(row.judge, row.line)
        if line != row.line:
            who = f"審査委員「{row.judge}」" if row.judge else f"「{row.bidder}」"
            message = f"{row.line}行目：{who}の行は{line}行目にもあります。"
            blockers.append(Blocker(code="judge_twice", message=message, field="judge"))
    return blockers
