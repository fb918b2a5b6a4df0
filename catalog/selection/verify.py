"""Is an export as it was locked? Found out from its record.json and the published heads alone.

Nothing here asks a database or trusts a file's bytes: values are compared, so that a workbook
saved again passes and a changed cell is named.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from catalog.entries import content_sha256
from catalog.selection.outcomes import check_outcome
from catalog.selection.record_content import LOCK_ACTION, SCHEMA, record_sha256
from catalog.selection.record_tables import Cell, Sheet, make_lines, make_sheets
from foundation.clock import jst_today
from foundation.text import bare_cell

MOST_NAMED = 20

# How a workbook may write a character, e.g. _x000D_.
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_SHA256 = re.compile("[0-9a-f]{64}")


class UnreadableExport(ValueError):
    """This is no export of a selection record; the message says what is missing, in Japanese."""


@dataclass(frozen=True, kw_only=True)
class Head:
    """The last link of a day, as it was published."""

    day: date
    seq: int
    hash: str


@dataclass(kw_only=True)
class Report:
    """What was looked at: found in order, found wrong, not looked at and why."""

    passed: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def add(self, problems: Sequence[str], passed: str) -> None:
        """The outcome of one check; `passed` is said where it found no problem."""
        self.problems += problems
        self.passed += [] if problems else [passed]


_BROKEN = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)


def _said_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object. One key twice means two things to two readers. Raises UnreadableExport."""
    said = dict(pairs)
    if len(said) < len(pairs):
        raise UnreadableExport("record.json に、同じ項目が二つあります。")
    return said


def read_export(text: str) -> dict[str, Any]:
    """The value of a record.json, however it was spaced. Raises UnreadableExport."""
    try:
        export = json.loads(text, object_pairs_hook=_said_once)
        known = export["record"]["schema"] == SCHEMA
        # All that is asked for later must be there: a broken file is told here, once.
        for ask in (make_sheets, check_export, kept_links, _lock_day, _check_numbers):
            ask(export)
        more = _list_unknown(export)
    except UnreadableExport:
        raise
    except _BROKEN as error:
        raise UnreadableExport("選定記録の record.json として読めません。") from error
    if more:
        raise UnreadableExport(f"record.json に、記録にない項目があります：{'、'.join(more)}")
    if not known:
        raise UnreadableExport(f"この形式の record.json は読めません（{SCHEMA} ではありません）。")
    return dict(export)


def _list_unknown(export: Mapping[str, Any]) -> list[str]:
    """What no hash covers and no export has: a reader would take it for a part of the record."""
    audit, outcome = export["audit"], export.get("outcome", {})
    return [
        *sorted(set(export) - {"record", "record_sha256", "audit", "outcome"}),
        *sorted(f"audit.{name}" for name in set(audit) - {"event", "heads"}),
        *sorted(f"outcome.{name}" for name in set(outcome) - {"said", "event"}),
        *sorted({f"audit.heads.{name}" for head in audit["heads"] for name in head} - _HEAD_PARTS),
    ]


_HEAD_PARTS = frozenset(f"audit.heads.{name}" for name in ("day", "seq", "hash"))
# What a database can be asked for.
_LARGEST_NUMBER = 2**63 - 1


def _check_numbers(export: Mapping[str, Any]) -> None:
    """Raises ValueError where something that a database numbers is not so numbered."""
    results = export["record"]["results"]
    numbers = [
        export["record"]["id"],
        *(result["id"] for result in results),
        *(result["version"] for result in results if result["version"] is not None),
        *(seq for _, seq, _ in kept_links(export)),
    ]
    if any(type(number) is not int or not 0 < number <= _LARGEST_NUMBER for number in numbers):
        raise ValueError("no number of a database")


def read_heads(text: str, name: str = "日ごとの末尾の値（audit-heads.csv）") -> list[Head]:
    """The published heads, or the published locks (name). Raises UnreadableExport."""
    try:
        rows = list(csv.DictReader(io.StringIO(text)))
        heads = [
            Head(day=date.fromisoformat(r["day"]), seq=int(r["seq"]), hash=r["hash"]) for r in rows
        ]
    except (ValueError, KeyError, TypeError, csv.Error) as error:
        raise UnreadableExport(f"{name}として読めません。") from error
    if any(not _SHA256.fullmatch(head.hash) for head in heads):
        raise UnreadableExport(f"{name}に64桁の値でないものがあります。")
    return heads


def check_export(export: Mapping[str, Any]) -> list[str]:
    """Whether content, hash and the event that locked it belong together."""
    content, event = export["record"], export["audit"]["event"]
    sha256 = record_sha256(content)
    problems = []
    if sha256 != export["record_sha256"]:
        problems.append("record.json: 内容が検証値（SHA-256）と一致しません。")
    if event["changes"]["content_sha256"] != sha256:
        problems.append("record.json: 内容が、確定を記した監査記録の検証値と一致しません。")
    if content_sha256({k: v for k, v in event.items() if k != "hash"}) != event["hash"]:
        problems.append("record.json: 確定を記した監査記録の内容が変更されています。")
    about = (event["action"], event["subject_type"], event["subject_id"])
    if about != (LOCK_ACTION, "selection_record", str(content["id"])):
        problems.append("record.json: 確定を記した監査記録が、別の記録のものです。")
    return [
        *problems,
        *_check_frozen(content),
        *_check_before(content, event),
        *check_outcome(export),
    ]


def _check_frozen(content: Mapping[str, Any]) -> list[str]:
    """Whether each frozen content has the hash that stands beside it."""
    return [
        f"record.json: 結果{result['place']}番の固定した内容が、検証値と一致しません。"
        for result in content["results"]
        if result["content"] is not None
        and content_sha256(result["content"]) != result["content_sha256"]
    ]


def _check_before(content: Mapping[str, Any], event: Mapping[str, Any]) -> list[str]:
    before = content["audit"]["before"]
    if before is None or before["seq"] + 1 < event["seq"]:
        return []
    if before["seq"] + 1 == event["seq"] and before["hash"] == event["prev_hash"]:
        return []
    return ["record.json: 確定の直前の監査記録とつながっていません。"]


def kept_links(export: Mapping[str, Any]) -> list[tuple[str, int, str]]:
    """(what it is, seq, hash) of every link of the chain that the export holds on to."""
    content, event = export["record"], export["audit"]["event"]
    links = [("確定を記した監査記録", int(event["seq"]), str(event["hash"]))]
    if content["audit"]["before"]:
        before = content["audit"]["before"]
        links.append(("確定の直前の監査記録", int(before["seq"]), str(before["hash"])))
    if "outcome" in export:
        said = export["outcome"]["event"]
        links.append(("結論を記した監査記録", int(said["seq"]), str(said["hash"])))
    return links + [(f"{h.day} の末尾", h.seq, h.hash) for h in _export_heads(export)]


def check_heads(export: Mapping[str, Any], published: Sequence[Head]) -> list[str]:
    """Whether the published heads still say what the export holds on to."""
    by_day = {head.day: head for head in published}
    problems = _check_order(published)
    for kept in _export_heads(export):
        head = by_day.get(kept.day)
        if head is None:
            problems.append(f"{kept.day} の末尾の値が、公開された一覧にありません（{_CUT}）。")
        elif (head.seq, head.hash) != (kept.seq, kept.hash):
            problems.append(
                f"{kept.day} の末尾の値が、公開された一覧と一致しません（{_REWRITTEN}）。"
            )
    return problems + _check_lock_day(export, published)


def is_published(export: Mapping[str, Any], published: Sequence[Head]) -> bool:
    """Whether the heads reach the day of the lock."""
    return bool(published) and max(head.day for head in published) >= _lock_day(export)


LOCKS = "確定の一覧（selection-locks.csv）"


def check_lock(export: Mapping[str, Any], locks: Sequence[Head]) -> list[str]:
    """Whether the published locks have the very event that locked this record.

    A list that ends before it is one that was kept too early: that is a problem too.
    """
    event = export["audit"]["event"]
    own = [lock for lock in locks if lock.seq == event["seq"]]
    if not own:
        return [f"確定の監査記録（{event['seq']}番）が、公開された{LOCKS}にありません。"]
    if any(lock.hash != event["hash"] for lock in own):
        return [f"確定の監査記録が、公開された{LOCKS}の値と一致しません（{_REWRITTEN}）。"]
    return []


_CUT = "監査記録の末尾が切り取られています"
_REWRITTEN = "過去が書き換えられています"


def _check_order(published: Sequence[Head]) -> list[str]:
    return [
        f"公開された一覧の {later.day} の番号が、前の日より小さくなっています（{_REWRITTEN}）。"
        for earlier, later in pairwise(published)
        if later.seq <= earlier.seq or later.day <= earlier.day
    ]


def _check_lock_day(export: Mapping[str, Any], published: Sequence[Head]) -> list[str]:
    """The day of the lock ends with the lock's own event or a later one."""
    event, day = export["audit"]["event"], _lock_day(export)
    problems = []
    for head in published:
        if head.seq == event["seq"] and head.hash != event["hash"]:
            problems.append(
                f"{head.day} の末尾の値が、確定の監査記録と一致しません（{_REWRITTEN}）。"
            )
        if head.day >= day and head.seq < event["seq"]:
            problems.append(f"{head.day} の末尾が、確定の監査記録より前です（{_CUT}）。")
        if head.day < day and head.seq >= event["seq"]:
            problems.append(f"{head.day} の末尾が、確定の監査記録より後です（{_REWRITTEN}）。")
    return problems


def _lock_day(export: Mapping[str, Any]) -> date:
    return jst_today(datetime.fromisoformat(export["audit"]["event"]["at"]))


def _export_heads(export: Mapping[str, Any]) -> list[Head]:
    """The heads of the export, the one its content holds on to included."""
    given = list(export["audit"]["heads"])
    sealed = export["record"]["audit"]["day_head"]
    heads = [
        Head(day=date.fromisoformat(h["day"]), seq=int(h["seq"]), hash=h["hash"])
        for h in ([sealed, *given] if sealed and sealed not in given else given)
    ]
    return heads


def compare_workbook(
    export: Mapping[str, Any], found: Mapping[str, Sequence[Sequence[str]]]
) -> list[str]:
    """What differs between the record and a workbook, each cell by sheet, row and column."""
    expected = {sheet.name: sheet for sheet in make_sheets(export)}
    problems = [f"シート「{name}」がありません。" for name in expected if name not in found]
    problems += [f"シート「{name}」は記録にありません。" for name in found if name not in expected]
    for name, sheet in expected.items():
        if name in found:
            problems += _compare(f"シート「{name}」 ", sheet.rows, found[name])
    return problems


def compare_csv(export: Mapping[str, Any], found: Sequence[Sequence[str]]) -> list[str]:
    """What differs between the record and a CSV file, each cell by row and column."""
    sheets: Sequence[Sheet] = make_sheets(export)
    return _compare("", make_lines(sheets), found)


def _compare(
    where: str, expected: Sequence[Sequence[Cell]], found: Sequence[Sequence[str]]
) -> list[str]:
    """The first MOST_NAMED cells that differ, each named, and how many more there are."""
    problems: list[str] = []
    more = 0
    for line, place, wanted, got in _list_differences(expected, found):
        if len(problems) == MOST_NAMED:
            more += 1
            continue
        problems.append(
            f"{where}{line}行 {column_name(place)}列："
            f"「{_short(wanted)}」のはずが「{_short(got)}」になっています。"
        )
    return [*problems, f"{where}ほかに{more:,}か所"] if more else problems


def _list_differences(
    expected: Sequence[Sequence[Cell]], found: Sequence[Sequence[str]]
) -> Iterator[tuple[int, int, str, str]]:
    """(line from 1, column from 0, what should be there, what is there)."""
    for number in range(max(len(expected), len(found))):
        right = [_plain(str(c)) for c in expected[number]] if number < len(expected) else []
        there = [_plain(cell) for cell in found[number]] if number < len(found) else []
        for place in range(max(len(right), len(there))):
            wanted = right[place] if place < len(right) else ""
            got = there[place] if place < len(there) else ""
            if wanted != got:
                yield number + 1, place, wanted, got


def column_name(place: int) -> str:
    """0 is A, 26 is AA."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def _plain(cell: str) -> str:
    """The cell without what a spreadsheet program adds or takes away when it saves."""
    text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), cell)
    text = text.replace("\r\n", "\n").replace("\r", "\n").rstrip()
    return bare_cell(text)


def _short(text: str) -> str:
    line = text.replace("\n", " ")
    return line if len(line) <= 60 else f"{line[:60]}…"
