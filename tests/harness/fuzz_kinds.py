"""The kinds of files that can be sent in, with people who may and a world they speak of."""

import random
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.models import LocalBody
from accounts.roles import Actor, Role
from catalog.answers import format_answer
from catalog.case_fields import CASE_FIELDS
from catalog.criteria import CRITERIA
from catalog.desk.models import OfferingDraft
from catalog.importing.templates import (
    case_columns,
    make_template,
    offering_columns,
    spec_columns,
)
from catalog.library.models import SpecDocument
from catalog.library.spec_entries import LABELS
from catalog.models import Case, Offering
from procurement.cost_import import costs_workbook
from procurement.domain.costs import CostBasis, CostCategory
from procurement.import_page import contracts_workbook
from procurement.models import CostRow, Project
from procurement.need_models import PresentContract
from tests.harness.broken_files import MIDNIGHT, Row
from tests.harness.broken_kinds import FuzzKind
from tests.harness.builders import (
    list_free_codes,
    make_actor,
    make_body,
    make_organization,
    make_system_type,
    make_vendor,
)
from tests.harness.catalog import ANSWERS
from tests.harness.contracts import make_introduced_project
from tests.harness.projects import World, make_world

TYPES = {"generative_ai": "生成AI"}
DAYS = (
    ("令和9年3月31日", date(2027, 3, 31)),
    ("2027/3/31", date(2027, 3, 31)),
    ("２０２７－０３－３１", date(2027, 3, 31)),
    (date(2026, 4, 1), date(2026, 4, 1)),
    (MIDNIGHT, date(2026, 4, 1)),
)
NO_DAYS = ("46113", "2026-02-30", "4月1日", "令和8年13月1日", 46113, 46113.5, True)
LONG = 10_000
BODIES, SYSTEM_TYPES = 100, 100


def make_kinds(session: Session, *, many: int) -> list[FuzzKind]:
    """Every kind that is one table, and who sends it. many: rows of the long file of each."""
    world = make_world(session)
    project = make_introduced_project(session, world)
    operator = make_actor(session, make_organization(session, "operator"), Role.OPERATOR)
    return [
        _specs(operator, many),
        _cases(operator, world.bodies, many),
        _own_offerings(session, many),
        _contracts(session, world, many),
        _costs(session, world, project),
    ]


def _specs(operator: Actor, many: int) -> FuzzKind:
    def rows(n: int, _chance: random.Random) -> tuple[Row, Row]:
        stored = {
            "キー": f"fuzz-{n}",
            "名称": f"架空 仕様書 第{n}号",
            "種類": "standard",
            "分野": "情報",
            "発行": "架空県",
            "版": f"第{n}版",
            "時期": "2026-04",
            "次の改訂年度": 2028,
            "システム種別": "generative_ai",
            "内容": '改行の\nある内容、引用符 " のある内容。' if n % 2 else "一行。",
            "前の版": "",
            "アドレス": "https://example.jp/spec",
            "架空": True,
            "出典": "架空の資料",
            "出典の箇所": "1頁",
            "出典の時点": "2026-11-01",
        }
        typed = {"種類": "標準仕様書", "システム種別": "生成AI", "架空": "true"}
        return stored | typed | {"次の改訂年度": "2028"}, stored

    def read(session: Session, stored: Row) -> Row:
        spec = session.scalars(select(SpecDocument).where(SpecDocument.key == stored["キー"])).one()
        return {label: getattr(spec, name) for name, label in LABELS.items()}

    return FuzzKind(
        key="specs",
        actor=operator,
        template=make_template(spec_columns(TYPES)),
        rows=rows,
        mark="キー",
        text="内容",
        number="次の改訂年度",
        whole=2030,
        required="名称",
        bad={
            "種類": ("つづり違い", "標準仕様書|手引き", "", True),
            "キー": ("", "鍵", "a b", "x" * 61),
            "名称": ("", "　", "長" * 201, "a｜b"),
            "時期": ("きのう", "2026-13", "26-04", 46113),
            "次の改訂年度": ("28", "令和8", "20280"),
            "システム種別": ("月面基地", "生成AI、GIS"),
            "前の版": ("ない版",),
            "アドレス": ("example.jp", "javascript:alert(1)"),
            "架空": ("もしかして", "○"),
            "出典": ("",),
            "出典の時点": ("", *NO_DAYS),
        },
        good={
            "出典の時点": tuple((typed, day.isoformat()) for typed, day in DAYS),
            "時期": ((2025, "2025"), ("２０２５年３月", "2025-03"), (MIDNIGHT, "2026-04-01")),
            "次の改訂年度": (("2028年度", 2028), ("", None)),
            "システム種別": (("generative_ai", "generative_ai"), ("", "")),
            "架空": (("", False), ("架空", True), (True, True)),
        },
        read=read,
        many=many,
    )


def _cases(operator: Actor, bodies: Sequence[LocalBody], many: int) -> FuzzKind:
    codes = [body.code for body in bodies]

    def rows(n: int, chance: random.Random) -> tuple[Row, Row]:
        yen = chance.randrange(10**9)
        stored = {f.label: "" for f in CASE_FIELDS} | {
            "キー": f"fuzz-{n}",
            "種別": "joint",
            "件名": f"架空の共同調達 {n}",
            "システム種別": "generative_ai",
            "架空": True,
            "幹事団体（原典の表記）": "架空県",
            "幹事団体コード": codes[0],
            "幹事団体の種類": "prefecture",
            "都道府県コード（2桁）": "99",
            "参加市区町村数": 2,
            "参加市区町村コード": sorted(codes[:2]),
            "状況": "in_use",
            "開始年度（西暦）": 2026,
            "契約の開始": date(2026, 4, 1),
            "契約の終了": date(2031, 3, 31),
            "調達方式": "open_proposal",
            "契約の形": "delegation",
            "応募者数": 3,
            "初期費用": None,
            "年間運用費": None,
            "上限額": None,
            "契約額": yen,
            "費用の根拠": "contract",
            "税込": True,
            "仕様書の提供": "public",
            "進め方": "改行の\nある手順。" if n % 2 else "手順。",
            "測った効果": ["+12%", "時間が半分"],
            "出典のアドレス": "https://example.jp/",
            "出典の種類": "official",
            "初回掲載日": date(2026, 4, 2),
            "最終確認日": date(2026, 11, 1),
            "掲載サービスのキー": [],
        }
        typed = {label: _typed(value) for label, value in stored.items()} | {
            "種別": "共同調達",
            "システム種別": "生成AI",
            "契約額": f"{yen:,}円",
            "調達方式": "公募型プロポーザル",
        }
        return typed, stored

    def read(session: Session, stored: Row) -> Row:
        case = session.scalars(select(Case).where(Case.key == stored["キー"])).one()
        lists = {
            "participants": sorted(each.body_code for each in case.participants),
            "offering_keys": sorted(each.key for each in case.offerings),
        }
        found = {f.label: lists.get(f.key, getattr(case, f.key, None)) for f in CASE_FIELDS}
        return {label: list(v) if isinstance(v, tuple) else v for label, v in found.items()}

    return FuzzKind(
        key="cases",
        actor=operator,
        template=make_template(case_columns(TYPES)),
        rows=rows,
        mark="キー",
        text="ノウハウ",
        number="契約額",
        whole=1200,
        required="件名",
        bad={
            "種別": ("つづり違い", "", True),
            "キー": ("", "鍵", "a b", "x" * 61),
            "件名": ("", "長" * 201),
            "システム種別": ("月面基地", "", "生成AI|GIS"),
            "幹事団体コード": ("11002", 11002, "990019", "架空県"),
            "都道府県コード（2桁）": ("架空県", "990", 1, "００"),
            "参加市区町村数": ("二", "2.5", "2団体", -1),
            "参加市区町村コード": (f"{codes[0]}、{codes[1]}", "123"),
            "開始年度（西暦）": ("令和8", "8", "20260"),
            "契約の開始": NO_DAYS,
            "契約の終了": ("2020-01-01",),
            "調達方式": ("話し合い",),
            "税込": ("たぶん",),
            "出典のアドレス": ("example.jp",),
            "掲載サービスのキー": ("ない掲載",),
            "初回掲載日": ("2026年",),
        },
        good={
            "契約の開始": DAYS,
            "参加市区町村コード": (("", []), (codes[1], [codes[1]])),
            "税込": (("", None), ("税抜", False), (False, False)),
            "都道府県コード（2桁）": (("９９", "99"), ("", None), (99, "99")),
            "測った効果": (("a|b", ["a", "b"]), ("", [])),
            "契約額": (("", None), (1200, 1200)),
        },
        read=read,
        many=many,
    )


def _typed(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "|".join(value)
    return "" if value is None else str(value)


def _own_offerings(session: Session, many: int) -> FuzzKind:
    vendor = make_vendor(session)
    number, vendor_id = str(vendor.organization.corporate_number), vendor.id
    template = make_template(offering_columns(TYPES))
    blank = {c.csv_column: "" for c in CRITERIA}
    answers = {c.csv_column: format_answer(c, ANSWERS.get(c.key)) for c in CRITERIA}
    labels = {c.csv_column: c.key for c in CRITERIA}

    def rows(n: int, chance: random.Random) -> tuple[Row, Row]:
        yen = chance.randrange(1, 10**6)
        own = {
            "キー": f"new-{n}",
            "名称": f"取り込む掲載 第{n}号",
            "概要": "改行の\nある概要。" if n % 2 else "一行。",
            "システム種別": "生成AI",
            "開発元": number,
            "同じ掲載": "",
            "販売元": "",
            "架空": "true",
            "登録日": "2026-04-01",
            "契約の条件": "",
            "料金プラン名": "標準",
            "初期費用（税抜・円）": "",
            "月額単価（税抜・円）": f"{yen:,}",
            "月額の単位": "アカウント",
            "料金プラン定義（JSON）": "",
            "販売と料金（JSON）": "",
        }
        stored = {
            "名称": own["名称"],
            "概要": own["概要"],
            "システム種別": "generative_ai",
            "登録日": date(2026, 4, 1),
            "月額単価（税抜・円）": yen,
            "解約の予告期間": 3,
            "データの書き出し形式": ["csv"],
            "契約の条件": "",
        }
        return {**own, **blank, **answers}, stored

    def read(session: Session, stored: Row) -> Row:
        offering, draft = session.execute(
            select(Offering, OfferingDraft)
            .join(OfferingDraft, OfferingDraft.offering_id == Offering.id)
            .where(Offering.vendor_id == vendor_id, Offering.name == stored["名称"])
        ).one()
        [offer] = draft.content["offers"]
        [plan] = offer["plans"]
        prices = {c["kind"]: int(c["unit_price"]) for c in plan["definition"]["components"]}
        said = {column: draft.content["answers"].get(key) for column, key in labels.items()}
        return said | {
            "名称": draft.content["name"],
            "概要": draft.content["summary"],
            "システム種別": draft.content["system_type_code"],
            "登録日": offering.registered_on,
            "月額単価（税抜・円）": prices["recurring"],
            "契約の条件": offer["contract_conditions"],
        }

    return FuzzKind(
        key="own-offerings",
        actor=make_actor(session, vendor.organization, Role.VENDOR_STAFF),
        template=template,
        rows=rows,
        mark="キー",
        text="概要",
        number="解約の予告期間",
        whole=12,
        required="名称",
        bad={
            "システム種別": ("月面基地", "生成AI|GIS"),
            "キー": ("よその掲載", "a b"),
            "開発元": ("9999999999999", "株式会社"),
            "架空": ("false", "たぶん"),
            "登録日": NO_DAYS,
            "認証・登録": ("登録なし|ISMAP", "?"),
            "機能の対応状況": ("全文検索", "全文検索=たぶん", "全文検索=対応予定"),
            "認証の番号・範囲・有効期限": ("ISMAP=1;2;きのう", "ISMAP=1|ISMAP=2"),
            "月額単価（税抜・円）": ("約1,000", "-1", "1.5"),
            "月額の単位": ("台数",),
            "料金プラン定義（JSON）": ("{", '[{"components":[1]}]'),
        },
        good={
            "登録日": DAYS,
            "月額単価（税抜・円）": (("１，２００円", 1200), (1200, 1200)),
            "契約の条件": (("a\nb", "a\nb"), ("制御\x0b文字", "制御 文字")),
            "事故時の連絡体制": (("制御\x1f文字", "制御 文字"), ("", None)),
            "稼働率の保証": (("99.9%", "99.9"), (99.5, "99.5"), ("９９．９", "99.9")),
        },
        read=read,
        many=many,
    )


def _contracts(session: Session, world: World, many: int) -> FuzzKind:
    names = {f"fuzz_{n}": f"架空種別{n}" for n in range(SYSTEM_TYPES)}
    for code, name in names.items():
        make_system_type(session, code, name=name)
    bodies = BODIES if many == LONG else 10
    *codes, nobody = list_free_codes(session, bodies + 1)
    for code in codes:
        make_body(session, code=code)
    types = list(names)
    cost, ends = "年額（税込・円）", "契約の終わり"

    def rows(n: int, chance: random.Random) -> tuple[Row, Row]:
        yen = chance.randrange(10**9)
        type_ = types[n // len(codes) % len(types)]
        stored = {
            "団体コード": codes[n % len(codes)],
            "システム種別": type_,
            "事業者": f"架空システム{n}",
            ends: date(2028, 3, 31),
            cost: yen,
        }
        typed = {"団体名": "", "システム種別": names[type_], ends: "2028-03-31", cost: f"{yen:,}"}
        order = ("団体コード", "団体名", "システム種別", "事業者", ends, cost)
        return {name: (stored | typed)[name] for name in order}, stored

    def read(session: Session, stored: Row) -> Row:
        found = session.scalars(
            select(PresentContract).where(
                PresentContract.body_code == stored["団体コード"],
                PresentContract.system_type_code == stored["システム種別"],
            )
        ).one()
        return {
            "団体コード": found.body_code,
            "システム種別": found.system_type_code,
            "事業者": found.vendor_name,
            ends: found.ends_on,
            cost: found.annual_cost_yen,
        }

    return FuzzKind(
        key="contracts",
        actor=world.lead,
        template=contracts_workbook(session, {"prefecture_code": "99"}),
        rows=rows,
        mark="団体コード",
        text="事業者",
        number=cost,
        whole=1200,
        required="システム種別",
        bad={
            "団体コード": ("11002", 11002, nobody, "架空市", "", "011002"),
            "システム種別": ("月面基地", ""),
            "事業者": ("長" * 201,),
            ends: NO_DAYS,
            cost: ("約100", "100万", "1,00"),
        },
        good={
            ends: (*DAYS, ("", None)),
            cost: (("１２００円", 1200), ("", None), (1200, 1200)),
            "事業者": (("", ""), ("改行の\nある名", "改行の ある名")),
        },
        read=read,
        many=many,
    )


def _costs(session: Session, world: World, project: Project) -> FuzzKind:
    bases = (CostBasis.SETTLEMENT, CostBasis.BUDGET_INITIAL, CostBasis.BUDGET_REVISED)
    combinations = [
        (year, basis, category)
        for year in range(2018, 2026)
        for basis in bases
        for category in CostCategory
    ]
    code, amount, project_id = world.bodies[0].code, "金額（税込・円）", project.id

    def rows(n: int, chance: random.Random) -> tuple[Row, Row]:
        year, basis, category = combinations[n % len(combinations)]
        yen = chance.randrange(10**9)
        stored = {
            "案件番号": project_id,
            "年度": year,
            "決算・予算の別": basis.value,
            "費目": category.value,
            amount: yen,
            "出典": f"架空の決算書{n}頁",
        }
        typed = {"決算・予算の別": basis.label, "費目": category.label, amount: f"{yen:,}"}
        return stored | typed | {"案件番号": str(project_id), "年度": str(year)}, stored

    def read(session: Session, stored: Row) -> Row:
        found = session.scalars(
            select(CostRow).where(
                CostRow.project_id == stored["案件番号"],
                CostRow.body_code == code,
                CostRow.fiscal_year == stored["年度"],
                CostRow.basis == stored["決算・予算の別"],
                CostRow.category == stored["費目"],
            )
        ).one()
        return stored | {amount: found.amount_yen, "出典": found.source}

    return FuzzKind(
        key="project-costs",
        actor=world.staff[code],
        template=costs_workbook(session, {"body_code": code}),
        rows=rows,
        mark="出典",
        text="出典",
        number=amount,
        whole=1200,
        required="費目",
        bad={
            "案件番号": ("", "999999", "架空の案件", "9" * 15, 1.5, -1),
            "年度": ("", "令和8年度", "2017", "2199", "二千二十", datetime(2026, 4, 1)),  # noqa: DTZ001
            "決算・予算の別": ("", "契約額", "見込み", True),
            "費目": ("", "人件費"),
            amount: ("", "約100", "100千円", "100000000001"),
            "出典": ("長" * 201,),
        },
        good={
            "年度": (),
            amount: (("１２００円", 1200), ("0", 0), (1200.0, 1200)),
            "出典": (("", ""),),
        },
        read=read,
        many=len(combinations),
    )
