"""A locked record as tables: the CSV, the workbook, the printed page and the check read these.

The same record gives the same tables for ever: every cell follows from its content and from
the event that locked it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.selection.record_content import Decision, Origin, Outcome
from foundation.filters import jst
from foundation.text import harmless_cell, without_directions

Cell = str | int

FICTIONAL = "架空"
REAL = "実データ"
NOT_STATED = "なし"
# The tables.
FACTS, RESULTS, OUTCOME, PROOFS = "記録", "結果", "結論", "確認のための値"

# What no workbook can hold; line breaks as a workbook keeps them.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A named table; the first row holds the headings."""

    name: str
    rows: Sequence[Sequence[Cell]]


RESULT_HEADINGS = (
    "番号",
    "扱い",
    "除外の理由",
    "種別",
    "名称",
    "提供者・団体",
    "システム種別",
    "実データ・架空",
    "版",
    "版の公開日時",
    "内容の検証値（SHA-256）",
    "検索結果での順番",
    "ページ",
)


def make_sheets(export: Mapping[str, Any]) -> tuple[Sheet, ...]:
    """The tables of an export (see record_files.make_export), cells ready to be written."""
    content = export["record"]
    origin = content["search"]["origin"]
    tables: list[tuple[str, Sequence[Sequence[Cell]]]] = [
        (FACTS, _facts(content)),
        (RESULTS, [RESULT_HEADINGS, *(_result(r, origin) for r in content["results"])]),
        *([(OUTCOME, _outcome(export))] if "outcome" in export else []),
        (PROOFS, _proofs(export)),
    ]
    return tuple(
        Sheet(name=name, rows=[[written(cell) for cell in row] for row in rows])
        for name, rows in tables
    )


def make_lines(sheets: Sequence[Sheet]) -> list[list[Cell]]:
    """The tables one below the other, as a CSV file holds them."""
    lines: list[list[Cell]] = []
    for number, sheet in enumerate(sheets):
        lines += [[]] if number else []
        lines.append([f"【{sheet.name}】"])
        lines += [list(row) for row in sheet.rows]
    return lines


def written(cell: Cell) -> Cell:
    """The cell as it is written: nothing a spreadsheet would run, nothing it cannot hold."""
    if isinstance(cell, int):
        return cell
    plain = without_directions(cell.replace("\r\n", "\n").replace("\r", "\n"))
    return harmless_cell(_UNWRITABLE.sub(" ", plain))


def _facts(content: Mapping[str, Any]) -> list[tuple[Cell, Cell]]:
    search, organization = content["search"], content["organization"]
    results = content["results"]
    return [
        ("項目", "内容"),
        ("記録の番号", content["id"]),
        ("表題", content["title"]),
        ("目的", content["purpose"] or NOT_STATED),
        ("備考", content["notes"] or NOT_STATED),
        ("団体", _marked(organization["name"], organization["fictional"])),
        ("作成者", content["made_by"]),
        ("作成日時", japan_time(content["made_at"])),
        ("確定した人", content["locked_by"]),
        ("確定日時", japan_time(content["locked_at"])),
        ("選んだ画面", Origin(search["origin"]).label),
        ("検索の語", search["text"] or NOT_STATED),
        ("条件", search["sentence"]),
        ("指定した条件（名前＝値）", parameters_text(search["parameters"])),
        ("検索結果の件数（実データ）", search["real_total"]),
        ("検索結果の件数（架空）", search["fictional_total"]),
        ("並び順", search["sort_label"]),
        ("並び順の説明", search["order_note"]),
        ("同順位の順を決めた月", search["order_month"]),
        ("索引の世代", search["index_generation"]),
        ("候補（実データ・架空）", count_text(results, Decision.CANDIDATE)),
        ("除外（実データ・架空）", count_text(results, Decision.EXCLUDED)),
    ]


def _result(result: Mapping[str, Any], origin: str) -> tuple[Cell, ...]:
    published = result["version_published_at"]
    return (
        result["place"],
        Decision(result["decision"]).label,
        result["reason"],
        result["kind_label"],
        result["title"],
        result["provider"],
        result["category"],
        FICTIONAL if result["fictional"] else REAL,
        version_text(result),
        japan_time(published) if published else "",
        result["content_sha256"],
        place_text(result, origin),
        result["url"],
    )


def _outcome(export: Mapping[str, Any]) -> list[tuple[Cell, Cell]]:
    """What came of the record, said after the lock."""
    said = export["outcome"]["said"]
    named = {f"{r['kind']}:{r['id']}": r for r in export["record"]["results"]}
    chosen = named.get(said["result"])
    return [
        ("項目", "内容"),
        ("結論", Outcome(said["outcome"]).label),
        ("指定した結果", f"{chosen['place']}番 {chosen['title']}" if chosen else NOT_STATED),
        ("理由・補足", said["note"] or NOT_STATED),
        ("登録した人", said["answered_by"]),
        ("登録日時", japan_time(said["answered_at"])),
    ]


def _proofs(export: Mapping[str, Any]) -> list[tuple[Cell, ...]]:
    content, event = export["record"], export["audit"]["event"]
    before, head = content["audit"]["before"], content["audit"]["day_head"]
    rows: list[tuple[Cell, ...]] = [
        ("項目", "監査記録の番号", "値（SHA-256）"),
        ("この記録の検証値", "", export["record_sha256"]),
        ("確定を記した監査記録", event["seq"], event["hash"]),
    ]
    if before:
        rows.append(("確定の直前の監査記録", before["seq"], before["hash"]))
    if head:
        rows.append((f"{head['day']} の末尾（公開済み）", head["seq"], head["hash"]))
    if "outcome" in export:
        said = export["outcome"]["event"]
        rows.append(("結論を記した監査記録", said["seq"], said["hash"]))
    return rows


def version_text(result: Mapping[str, Any]) -> str:
    """「第3版」, or that the content itself is kept in the record."""
    return f"第{result['version']}版" if result["version"] else "内容を記録に固定"


def place_text(result: Mapping[str, Any], origin: str) -> str:
    """Where the search had it when the record was locked; a comparison is no search."""
    if origin == Origin.COMPARISON:
        return "検索によらない（比較の画面から）"
    place = result["place_in_search"]
    return f"{place}番目" if place else "確定時の上位には出ていない"


def parameters_text(parameters: Sequence[Sequence[str]]) -> str:
    """「q＝文書管理、kind＝offering」."""
    return "、".join(f"{name}＝{value}" for name, value in parameters) or NOT_STATED


def count_text(results: Sequence[Mapping[str, Any]], decision: Decision) -> str:
    """「実データ 1件・架空 2件」 of those results."""
    marks = [result["fictional"] for result in results if result["decision"] == decision.value]
    return f"実データ {marks.count(False)}件・架空 {marks.count(True)}件"


def japan_time(text: str) -> str:
    """A moment of the content on a Japanese wall clock."""
    return f"{jst(datetime.fromisoformat(text))}（日本時間）"


def _marked(name: str, fictional: bool) -> str:
    return f"{name}（{FICTIONAL}）" if fictional else name
