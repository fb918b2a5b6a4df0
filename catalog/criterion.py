"""The shape of one question a catalog entry is asked."""

from dataclasses import dataclass

from foundation.labels import LabelledEnum


class AnswerType(LabelledEnum):
    """How an answer is given."""

    CHOICE = "choice", "一つ選択"
    CHOICES = "choices", "複数選択"
    TEXT = "text", "短い文"
    LONG_TEXT = "long_text", "文章"
    WHOLE = "whole", "整数"
    PERCENT = "percent", "百分率"
    DAY = "day", "日付"
    TABLE = "table", "表"
    CONFORMANCE = "conformance", "仕様書への適合"  # see catalog.conformance


class Disclosure(LabelledEnum):
    """Who may read an answer (domain §8)."""

    PUBLIC = "public", "公開"
    GOVERNMENT = "government", "行政機関のみ"


class Group(LabelledEnum):
    """The headings under which answers are asked, shown and compared."""

    PURPOSE = "purpose", "用途"
    FUNCTIONS = "functions", "機能"
    NETWORK = "network", "ネットワークと接続"
    HOSTING = "hosting", "設置とデータの所在"
    SECURITY = "security", "セキュリティ"
    OPERATION = "operation", "運用と支援"
    FIT = "fit", "標準への適合と連携"
    TERMS = "terms", "権利と契約の条件"
    EXIT = "exit", "終了と移行"
    TRIAL = "trial", "試用と契約期間"


class Review(LabelledEnum):
    """Whether somebody looks at a changed answer of a published entry, and when."""

    NONE = "none", "確認なし"
    AFTER = "after", "公開後に確認"
    BEFORE = "before", "公開前に審査"


class Carry(LabelledEnum):
    """What becomes of an answer at the yearly renewal."""

    COPY = "copy", "引き継ぐ"
    ASK = "ask", "あらためて回答する"


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One permitted answer."""

    key: str
    label: str


def choices(*pairs: tuple[str, str]) -> tuple[Choice, ...]:
    """The choices of these (key, label) pairs."""
    return tuple(Choice(key=key, label=label) for key, label in pairs)


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of an answer given as a table; its type is CHOICE, TEXT or DAY.

    needed: required in every row that is answered; the first column always is.
    needed_when: (key of an earlier column, value) that makes this column required.
    """

    key: str
    label: str
    type: AnswerType
    choices: tuple[Choice, ...] = ()
    needed: bool = False
    needed_when: tuple[str, str] | None = None

    @property
    def choice_labels(self) -> dict[str, str]:
        return {choice.key: choice.label for choice in self.choices}


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """One question. `csv_column` is its heading in files; `unit` is shown after a number.

    required: needed for publication; a draft may leave it open.
    choices, columns: of a table, its rows and columns. Its first column is what a row says,
    the others tell more; affirmed: the first column's values by which a row is a facet value.
    compared_under: the heading in comparisons, where it is not `group`.
    since: the version of the declaration that first asked this.
    """

    key: str
    label: str
    help: str
    type: AnswerType
    group: Group
    choices: tuple[Choice, ...] = ()
    columns: tuple[Column, ...] = ()
    affirmed: tuple[str, ...] = ()
    unit: str = ""
    required: bool = False
    disclosure: Disclosure = Disclosure.PUBLIC
    facet: bool = False
    indexed: bool = False
    compared_under: Group | None = None
    review: Review = Review.AFTER
    carry: Carry = Carry.COPY
    since: int = 1

    @property
    def csv_column(self) -> str:
        """The heading in import and export files: the label clerks see."""
        return self.label

    @property
    def comparison_group(self) -> Group:
        """The heading under which entries are compared."""
        return self.compared_under or self.group

    @property
    def choice_labels(self) -> dict[str, str]:
        return {choice.key: choice.label for choice in self.choices}
