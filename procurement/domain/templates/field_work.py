"""漏水調査. Conditions are quoted from the papers named; nothing else is a fact."""

from catalog.plan_units import Unit
from procurement.domain.templates.shape import (
    BY_QUANTITY,
    ProjectTemplate,
    TemplateCondition,
    TemplateRule,
    questions,
    requirements,
)

_SUMMARY_2025 = "デジタル行財政改革 取りまとめ2025（案）"
_MADE = "2025-06-13"

LEAK_SURVEY = ProjectTemplate(
    key="leak_survey",
    name="漏水調査（衛星・センサー等）",
    summary="水道事業を行う団体が、DX技術による漏水調査・管路診断を共同で導入する案件です。",
    main_unit=Unit.METER,
    questions=questions(
        ("給水の件数（メーターの数）", "quantity"),
        ("管路の延長（km）", "number"),
        ("管路の台帳を電子で持っていますか", "yes_no"),
        ("今の漏水調査の方法", "text"),
        ("今の調査にかかる年間の費用（税込）", "yen"),
        ("管路の全体を一巡するのにかかる年数", "number"),
        ("調査を始めたい月", "month"),
        ("起きている問題", "text"),
    ),
    requirements=requirements(
        ("技術の適用条件を示すこと", "管の種類・深さ・地形など、使えない条件を含む"),
        ("費用の内訳を示すこと", "調査、解析、現地の確認を分ける"),
        ("導入の効果を、調べた延長と見つけた箇所の数で示すこと", ""),
        ("導入の実績を示すこと", ""),
        ("調査の結果を地図データで渡すこと", "台帳に取り込める形式であること"),
        ("現地での確認までの手順を示すこと", ""),
        ("団体ごとの結果を、他の団体に示さないこと", "共有する範囲は団体の合意で決める"),
    ),
    rules=(
        BY_QUANTITY,
        TemplateRule(
            text="mixed:equal=20,quantity=80",
            reason="調整の手間を均等に、調査の費用を規模に応じて分けます。",
        ),
    ),
    conditions=(
        TemplateCondition(
            text="2025年度に「中小自治体が共同してDX技術を導入するモデル事業」を行い、具体的な手順・"
            "課題・効果を載せた導入の手引きと、標準的な仕様書を作るとされています。",
            source=_SUMMARY_2025,
            lines="S1:1472-1488",
            as_of=_MADE,
        ),
        TemplateCondition(
            text="上下水道DX技術カタログ（2025年3月公表）は「技術の適用条件やコスト、導入効果、導入実績」"
            "を載せ、「目的や要素技術等の条件から」探せます。",
            source=_SUMMARY_2025,
            lines="S1:1454-1470",
            as_of=_MADE,
        ),
    ),
)
