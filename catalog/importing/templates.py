"""Empty import files: every column, and the words that may be written, by the declaration."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.case_fields import CASE_FIELDS
from catalog.criteria import CRITERIA
from catalog.importing import identity, offering_rows
from catalog.library import spec_entries
from catalog.library.words import SpecKind
from catalog.plan_units import Unit

ROWS_SHEET = "記入欄"
CODES_SHEET = "コード表"
_OWN_WORDS = {
    identity.KEY: "この掲載を見分ける半角60文字以内の文字列。空欄なら自動で付きます",
    identity.SAME_AS: "同じ名称の掲載があるとき、同じならそのキー、違うなら「別」",
    identity.MAKER: "登録済みの事業者の法人番号（13桁）",
    offering_rows.SELLERS: "販売する事業者の法人番号。複数は「|」で区切ります。空欄は開発元と同じ",
    offering_rows.FICTIONAL: "架空のデータは true、実データは false か空欄",
    offering_rows.REGISTERED_ON: "2026-11-20 の形。空欄は取り込む日",
    offering_rows.PLANS_JSON: "段階のある料金はここに書きます。空欄なら左の3列から作ります",
}


_SPEC_WORDS = {
    "key": "この仕様書を見分ける半角60文字以内の文字列",
    "title": "ほかの仕様書と重ならない名称。掲載サービスはこの名称で適合を述べます",
    "version": "発行者の書く版。記載がなければ空欄",
    "issued_on": "2025、2025-03、2025-03-15 のどれかの形",
    "next_revision_fy": "次に改訂する年度（西暦4桁）",
    "system_types": "複数は「|」で区切ります",
    "supersedes": "これに改められた仕様書のキー",
    "url": "文書のアドレス（http:// か https://）",
    "fictional": "架空のデータは true、実データは false か空欄",
    "source_doc": "この行の事実の出典",
    "source_as_of": "出典の日付。2026-11-20 の形",
}


@dataclass(frozen=True, kw_only=True)
class ImportColumn:
    """A column of an import file. words: what may be written; codes: code → label."""

    label: str
    required: bool
    words: str
    codes: Mapping[str, str]


def offering_columns(system_types: Mapping[str, str]) -> list[ImportColumn]:
    """The columns of an offerings file; every question is one of them."""
    lists = {
        offering_rows.SYSTEM_TYPE: dict(system_types),
        offering_rows.UNIT: {unit.value: unit.label for unit in Unit},
    }
    own = [
        ImportColumn(
            label=name,
            required=name in offering_rows.REQUIRED,
            words=_OWN_WORDS.get(name, ""),
            codes=lists.get(name, {}),
        )
        for name in offering_rows.OWN_COLUMNS
    ]
    asked = [
        ImportColumn(
            label=c.csv_column,
            required=c.required,
            words=f"{c.type.label}。{c.help}",
            codes=c.choice_labels
            | {
                f"{c.key}.{column.key}.{k}": v
                for column in c.columns
                for k, v in column.choice_labels.items()
            },
        )
        for c in CRITERIA
    ]
    return [*own, *asked]


def case_columns(system_types: Mapping[str, str]) -> list[ImportColumn]:
    """The columns of a cases file."""
    return [
        ImportColumn(
            label=f.label,
            required=f.required,
            words="",
            codes=dict(system_types)
            if f.key == "system_type_code"
            else {member.value: member.label for member in f.codes or ()},
        )
        for f in CASE_FIELDS
    ]


def spec_columns(system_types: Mapping[str, str]) -> list[ImportColumn]:
    """The columns of a specifications file."""
    lists = {
        "system_types": dict(system_types),
        "kind": {kind.value: kind.label for kind in SpecKind},
    }
    return [
        ImportColumn(
            label=label,
            required=name in spec_entries.REQUIRED,
            words=_SPEC_WORDS.get(name, ""),
            codes=lists.get(name, {}),
        )
        for name, label in spec_entries.LABELS.items()
    ]


def code_lines(columns: Sequence[ImportColumn]) -> list[list[str]]:
    """The sheet of codes: its headings, then a line for each word that may be written."""
    lines = [["見出し", "必須", "書き方", "書ける語", "コード"]]
    for column in columns:
        needed = "必須" if column.required else ""
        for code, label in column.codes.items() or [("", "")]:
            lines.append([column.label, needed, column.words, label, code])
    return lines


def make_template(
    columns: Sequence[ImportColumn], children: Mapping[str, Sequence[str]] | None = None
) -> bytes:
    """A workbook: one sheet to fill in, whose first line are the headings; one with the codes.

    children: title → headings of further sheets, for what an entry has several of.
    """
    from openpyxl import Workbook

    workbook = Workbook()
    rows, codes = workbook.active, workbook.create_sheet(CODES_SHEET)
    rows.title = ROWS_SHEET
    rows.append([column.label for column in columns])
    rows.freeze_panes = "A2"
    for line in code_lines(columns):
        codes.append(line)
    for title, headings in (children or {}).items():
        workbook.create_sheet(title).append(list(headings))
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()
