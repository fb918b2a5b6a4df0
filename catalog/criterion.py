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
    CONFORMANCE = "conformance", "仕様書への適合"  # see catalog.conformance


class Disclosure(LabelledEnum):
    """Who may read an answer (domain §8)."""

    PUBLIC = "public", "公開"
    GOVERNMENT = "government", "行政機関のみ"


class Group(LabelledEnum):
    """The headings under which answers are shown and compared."""

    PURPOSE = "purpose", "用途"
    NETWORK = "network", "ネットワークと接続"
    HOSTING = "hosting", "設置とデータの所在"
    SECURITY = "security", "セキュリティ"
    OPERATION = "operation", "運用と支援"
    FIT = "fit", "標準への適合と連携"
    EXIT = "exit", "終了と移行"
    TRIAL = "trial", "試用と契約期間"


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One permitted answer."""

    key: str
    label: str


def choices(*pairs: tuple[str, str]) -> tuple[Choice, ...]:
    """The choices of these (key, label) pairs."""
    return tuple(Choice(key=key, label=label) for key, label in pairs)


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """One question. `csv_column` is its heading in files; `unit` is shown after a number."""

    key: str
    label: str
    help: str
    type: AnswerType
    group: Group
    choices: tuple[Choice, ...] = ()
    unit: str = ""
    required: bool = False
    disclosure: Disclosure = Disclosure.PUBLIC
    facet: bool = False
    indexed: bool = False

    @property
    def csv_column(self) -> str:
        """The heading in import and export files: the label clerks see."""
        return self.label

    @property
    def choice_labels(self) -> dict[str, str]:
        return {choice.key: choice.label for choice in self.choices}
