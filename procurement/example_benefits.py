"""Effects, grants and the words of the sheet of the example's project in operation (架空)."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from accounts.roles import Actor
from foundation.clock import fiscal_year_of
from procurement.domain.effects import EffectUnit, Evidence
from procurement.domain.funding import FundingStatus
from procurement.models import Project
from procurement.services.benefits import (
    EffectFields,
    FundingFields,
    SheetFields,
    save_effect,
    save_funding,
    write_cost_sheet,
)

# What the effects are: label, metric, unit, before, after, technology, evidence.
EFFECTS = (
    ("回議書の回付", "起案から決裁までの日数", EffectUnit.DAYS, "5.2", "2.1", "電子決裁"),
    ("文書の検索", "職員の作業時間", EffectUnit.H_PER_MONTH, "52.4", "18.1", "全文検索"),
)
SHEET = SheetFields(
    target="5市町の職員（起案・決裁・文書の保存）",
    activities="文書分類の統一、電子決裁の導入、操作研修の共同開催（架空）",
    outputs="5団体で利用開始、研修12回（架空）",
    outcomes="起案から決裁までの日数の短縮（架空）",
    kpi="起案から決裁までの日数",
    kpi_target="2日以内",
    kpi_year=2028,
    result="初年度で5.2日から2.1日に短縮（架空）",
    improvement="紙で受けた文書の登録手順を次の年度にそろえる（架空）",
)


TERMS: dict[str, Any] = {
    "rate": "1/2（架空）",
    "ceiling_yen": 8_000_000,
    "period": "導入の年度から3年度（架空）",
    "eligible": "初期費用と初年度の利用料（架空）",
    "source_on": date(2025, 4, 1),
}


def load_example_benefits(session: Session, project: Project, lead: Actor, now: datetime) -> int:
    """Two effects, one grant decided and one planned, and the sheet."""
    assert project.term_start is not None
    year = fiscal_year_of(project.term_start)
    given: dict[str, Any] = {
        "session": session,
        "actor": lead,
        "now": now,
        "project_id": project.id,
        "seen_version": 0,
    }
    for effect in _effects(year):
        save_effect(**given, effect_id=None, wanted=effect)
    for grant in _grants(year):
        save_funding(**given, funding_id=None, wanted=grant)
    write_cost_sheet(**given, wanted=SHEET)
    return len(EFFECTS)


def _effects(year: int) -> list[EffectFields]:
    return [
        EffectFields(
            label=label,
            technology=technology,
            metric=metric,
            unit=unit.value,
            before=Decimal(before),
            after=Decimal(after),
            scope="5市町の全課",
            measured_by="幹事団体（各市町の聞き取り）",
            fiscal_year=year,
            source="架空の効果測定",
            evidence=Evidence.MEASURED.value,
        )
        for label, metric, unit, before, after, technology in EFFECTS
    ]


def _grants(year: int) -> list[FundingFields]:
    decided, planned = FundingStatus.DECIDED, FundingStatus.PLANNED
    rows: tuple[tuple[Any, ...], ...] = (
        (year, None, decided, 6_000_000, "架空の交付要綱", "", TERMS),
        (year + 1, "992011", planned, 500_000, "申請中（架空）", "new-local-grant", {}),
    )
    return [
        FundingFields(
            fiscal_year=of_year,
            body_code=code,
            name="" if key else "架空デジタル推進交付金",
            program_key=key,
            status=status.value,
            amount_yen=amount_yen,
            source=source,
            **terms,
        )
        for of_year, code, status, amount_yen, source, key, terms in rows
    ]
