"""The 30 rules of machine readability as data, and what a check says of each (F16).

The rules bind tables that the state's organs publish as open data; this site follows them of its
own will. Texts are those of the document; the numbers are ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from foundation.labels import LabelledEnum

SOURCE = "行政データにおける機械判読性に関するルール（Level 1〜3）"
SCOPE = "国の行政機関が今後作成するテーブルデータ（オープンデータ）"


class Mark(LabelledEnum):
    """Who decides a rule. HEURISTIC: what the program finds is a warning for a person."""

    AUTO = "auto", "自動"
    HEURISTIC = "heur", "手がかり"
    ASK = "ask", "人が確認"


class Verdict(LabelledEnum):
    """What came of a rule."""

    MET = "met", "適合"
    BROKEN = "broken", "不適合"
    CHECK = "check", "要確認"
    PERSON = "person", "人が確認"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule. level: 1 to 3."""

    id: str
    text: str
    mark: Mark

    @property
    def level(self) -> int:
        return int(self.id[1])


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that was found. row from 1; column as letters, '' where it is not about one.

    sure: breaks the rule; else a hint that asks a person to look.
    """

    rule: str
    reason: str
    sheet: str = ""
    row: int = 0
    column: str = ""
    sure: bool = True

    @property
    def place(self) -> str:
        """「シート「表」5行目B列」, as much of it as there is."""
        parts = [f"シート「{self.sheet}」" if self.sheet else ""]
        parts.append(f"{self.row:,}行目" if self.row else "")
        parts.append(f"{self.column}列" if self.column else "")
        return "".join(parts)


def _rule(number: str, mark: Mark, text: str) -> Rule:
    return Rule(id=number, text=text, mark=mark)


RULES: Sequence[Rule] = (
    _rule("L1-01", Mark.AUTO, "ファイル形式はExcelかCSVとする"),
    _rule("L1-02", Mark.HEURISTIC, "1シート（ファイル）に複数の表を掲載しない"),
    _rule("L1-03", Mark.AUTO, "データが分断されていないようにする"),
    _rule("L1-04", Mark.HEURISTIC, "データ本体と無関係な情報は含まない"),
    _rule("L1-05", Mark.AUTO, "すべての列に意味が推測できる項目名を入れる"),
    _rule("L1-06", Mark.AUTO, "スペースや改行等で体裁を整えない"),
    _rule("L1-07", Mark.HEURISTIC, "1セル1データとする"),
    _rule("L1-08", Mark.AUTO, "機種依存文字を使用しない"),
    _rule("L1-09", Mark.ASK, "空白とゼロが明確に区別されている"),
    _rule("L1-10", Mark.AUTO, "オブジェクトを使用しない"),
    _rule("L1-11", Mark.HEURISTIC, "書式でデータの違いを表現しない"),
    _rule("L1-12", Mark.AUTO, "セルの結合をしない"),
    _rule("L1-13", Mark.AUTO, "不要な行や列は非表示のまま残さない"),
    _rule("L1-14", Mark.HEURISTIC, "1行1データで表現する"),
    _rule(
        "L1-15",
        Mark.AUTO,
        '文字列にカンマが含まれているフィールドの値をダブルコーテーション（"）で囲む',
    ),
    _rule("L2-01", Mark.AUTO, "数値データは数値属性とし、文字列を含まない"),
    _rule("L2-02", Mark.AUTO, "データ内での項目名等の省略をしない"),
    _rule("L2-03", Mark.AUTO, "各列が一意に識別可能な項目名を持つこと"),
    _rule("L2-04", Mark.AUTO, "選択肢回答を標準化する"),
    _rule("L2-05", Mark.HEURISTIC, "選択肢列と「その他」の詳細記入を分離する"),
    _rule("L2-06", Mark.AUTO, "数式を使用している場合は数値データに修正する"),
    _rule("L3-01", Mark.AUTO, "項目名行から始まり、次行からデータ入力とする"),
    _rule("L3-02", Mark.AUTO, "回答のコード表は別添とする"),
    _rule(
        "L3-03",
        Mark.AUTO,
        "数値データの同一列内に特殊記号（秘匿等）を使用する場合はその定義を明記する",
    ),
    _rule("L3-04", Mark.AUTO, "データの単位を記載する"),
    _rule("L3-05", Mark.AUTO, "時間軸の表記は標準化する"),
    _rule("L3-06", Mark.AUTO, "地域コード又は正式な地域名称を表記する"),
    _rule("L3-07", Mark.AUTO, "年によりフォーマットが著しく異ならないようにする"),
    _rule("L3-08", Mark.AUTO, "データの定義や更新履歴を記載する"),
    _rule("L3-09", Mark.HEURISTIC, "データは縦持ち形式とする"),
)
RULES_BY_ID = {rule.id: rule for rule in RULES}

# Decided by the program where it is sure; it is not always, and then a person is asked.
_SOMETIMES_ASKED = frozenset({"L2-02", "L2-04", "L3-07"})
ANSWERABLE = tuple(
    rule for rule in RULES if rule.mark is not Mark.AUTO or rule.id in _SOMETIMES_ASKED
)
LEVELS = (1, 2, 3)
MOST_FINDINGS = 20  # shown of one rule; all are counted


@dataclass(frozen=True, kw_only=True)
class Result:
    """What came of one rule. total: findings of it, of which `findings` are the first.

    confirmed: a person says it looked at it; a rule that is broken for sure stays so.
    """

    rule: Rule
    verdict: Verdict
    findings: tuple[Finding, ...]
    total: int
    confirmed: bool = False

    @property
    def said_by_person(self) -> str:
        """What is said of a person's word, '' where none gave it."""
        if not self.confirmed:
            return ""
        if self.verdict is Verdict.BROKEN:
            return "人が確認したとされていますが、不適合の箇所があるため、不適合のままです。"
        return "人が確認して、適合としました。"


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a check says of a file.

    level: reached, 0 for none; automatic_level: if a person agrees to all that asks for one.
    """

    name: str
    results: tuple[Result, ...]
    level: int
    automatic_level: int

    @property
    def broken(self) -> bool:
        return any(result.verdict is Verdict.BROKEN for result in self.results)

    @property
    def confirmed(self) -> tuple[str, ...]:
        """The rules a person has answered for, by number."""
        return tuple(result.rule.id for result in self.results if result.confirmed)

    def count(self, verdict: Verdict) -> int:
        """How many rules came out so."""
        return sum(result.verdict is verdict for result in self.results)


def make_report(name: str, findings: Sequence[Finding], confirmed: Sequence[str] = ()) -> Report:
    """The report. confirmed: rules a person has looked at and answered for."""
    results = tuple(_result(rule, findings, confirmed) for rule in RULES)
    return Report(
        name=name,
        results=results,
        level=_level(results, (Verdict.MET,)),
        automatic_level=_level(results, (Verdict.MET, Verdict.CHECK, Verdict.PERSON)),
    )


def _result(rule: Rule, findings: Sequence[Finding], confirmed: Sequence[str]) -> Result:
    own = [finding for finding in findings if finding.rule == rule.id]
    return Result(
        rule=rule,
        verdict=_verdict(rule, own, rule.id in confirmed),
        findings=tuple(own[:MOST_FINDINGS]),
        total=len(own),
        confirmed=rule.id in confirmed,
    )


def _verdict(rule: Rule, own: Sequence[Finding], answered: bool) -> Verdict:
    if any(finding.sure for finding in own):
        return Verdict.BROKEN
    if answered:
        return Verdict.MET
    if own:
        return Verdict.CHECK
    return Verdict.PERSON if rule.mark is Mark.ASK else Verdict.MET


def _level(results: Sequence[Result], good: Sequence[Verdict]) -> int:
    """The highest level of which, and of all below, every rule came out well."""
    reached = 0
    for level in LEVELS:
        if any(each.rule.level == level and each.verdict not in good for each in results):
            break
        reached = level
    return reached
