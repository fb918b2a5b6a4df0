"""What a template of a project holds: suggestions to start from, and conditions with a source."""

from dataclasses import dataclass

from catalog.plan_units import Unit
from procurement.domain.survey import AnswerKind


@dataclass(frozen=True, kw_only=True)
class TemplateQuestion:
    """A question for the survey."""

    text: str
    kind: AnswerKind


@dataclass(frozen=True, kw_only=True)
class TemplateRequirement:
    """A requirement to start from. It is a suggestion and states no fact."""

    text: str
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class TemplateRule:
    """A rule of sharing worth comparing, and why."""

    text: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class TemplateSpan:
    """Fiscal years a policy paper names, both counted."""

    label: str
    kind: str
    first_year: int
    last_year: int


@dataclass(frozen=True, kw_only=True)
class TemplateCondition:
    """A fact of a policy paper that may matter. as_of: day of the paper. spans: its years."""

    text: str
    source: str
    lines: str
    as_of: str
    spans: tuple[TemplateSpan, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ProjectTemplate:
    """One kind of joint procurement. key: system type it is for."""

    key: str
    name: str
    summary: str
    main_unit: Unit
    questions: tuple[TemplateQuestion, ...]
    requirements: tuple[TemplateRequirement, ...]
    rules: tuple[TemplateRule, ...]
    conditions: tuple[TemplateCondition, ...] = ()


_KINDS = {kind.value: kind for kind in AnswerKind}


def questions(*rows: tuple[str, str]) -> tuple[TemplateQuestion, ...]:
    """(text, kind of answer) rows as questions."""
    return tuple(TemplateQuestion(text=text, kind=_KINDS[kind]) for text, kind in rows)


def requirements(*rows: tuple[str, str]) -> tuple[TemplateRequirement, ...]:
    """(text, explanation) rows as requirements."""
    return tuple(TemplateRequirement(text=text, detail=detail) for text, detail in rows)


# What leaving a service takes is asked in every purchase (F29).
EXIT = requirements(
    (
        "データを標準的な形式で全件書き出せること",
        "形式の名前と、書き出しにかかる時間・費用を示すこと",
    ),
    ("契約終了時にデータを消去し、証明を出せること", ""),
    ("次のサービスへの移行を支援すること", "支援の範囲と費用を示すこと"),
)
# What every body is asked before anything is bought.
ABOUT_TODAY = questions(
    ("今のサービスの契約が終わる月", "month"),
    ("今の年間の費用（税込）", "yen"),
    ("使い始めたい月", "month"),
    ("困っていること・心配なこと", "text"),
)
EQUAL_AND_QUANTITY = TemplateRule(
    text="mixed:equal=30,quantity=70",
    reason="基本料を均等に、残りを使う量に応じて分けます。少ししか使わない団体の負担が重くなりにくい形です。",
)
BY_QUANTITY = TemplateRule(
    text="quantity",
    reason="使う量のとおりに分けます。どの団体の集まりも、分かれて得をすることがありません。",
)
EQUAL_AND_POPULATION = TemplateRule(
    text="mixed:equal=30,population=70",
    reason="基本料を均等に、残りを人口に応じて分けます。住民が使うサービスで説明しやすい形です。",
)
