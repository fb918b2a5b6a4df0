"""What is no move of one project: two put together, a body split off, and what an end means."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from foundation.clock import to_jst
from foundation.errors import Blocker
from procurement.domain.contracts import WITH_VENDOR, ContractKind
from procurement.domain.participation import ParticipationStatus as Status
from procurement.domain.states import State

ANSWER_TIME = timedelta(days=14)
BEFORE_AGREEMENT = (
    State.INTENTION_SURVEY,
    State.FORMING,
    State.SPECIFICATION,
    State.ESTIMATE,
)
# The bodies that go along: each confirms in the other project, whatever it said here.
GOES_ALONG = (Status.INTERESTED, Status.REQUESTED, Status.PREPARED, Status.JOINED)
MERGED_IN, MERGED_AWAY, SPLIT_OFF = "merged_in", "merged_away", "split_off"
# What the history calls these; the table of moves does not know them.
ASIDE: Mapping[str, str] = {
    MERGED_IN: "ほかの案件の団体を受け入れた",
    SPLIT_OFF: "1団体が分かれて自団体の案件を作った",
}


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of two projects to be put together, as the rules see it."""

    project_id: int
    title: str
    state: State
    system_type_code: str
    fictional: bool
    join_closes_at: datetime | None = None


def list_merge_blockers(into: Side, other: Side, now: datetime) -> list[Blocker]:
    """Why the bodies of `other` cannot be taken into `into` now."""
    if into.project_id == other.project_id:
        return [_blocker("same", "統合する相手の案件を選んでください。")]
    blockers = []
    if into.system_type_code != other.system_type_code:
        message = "システム種別が違う案件は統合できません。"
        blockers.append(_blocker("system_type", message))
    if into.fictional != other.fictional:
        message = "実在の案件と架空の案件は統合できません。"
        blockers.append(_blocker("mixed_kinds", message))
    late = [side for side in (into, other) if side.state not in BEFORE_AGREEMENT]
    blockers += [
        _blocker("after_agreement", f"「{side.title}」は負担合意より前の段階ではありません。")
        for side in late
    ]
    if not late:
        blockers += _open_blockers(into, now)
    return blockers


def _open_blockers(into: Side, now: datetime) -> list[Blocker]:
    """Bodies confirm by joining: the project that takes them has to be recruiting."""
    if into.state is not State.FORMING:
        message = (
            f"受け入れる「{into.title}」が参加団体を募集していません。"
            "団体は参加の手続で確認します。募集中の案件が受け入れてください。"
        )
        return [_blocker("not_forming", message)]
    closes = into.join_closes_at
    if closes is None or closes > now:
        return []
    until = to_jst(closes).strftime("%Y-%m-%d %H:%M")
    message = f"「{into.title}」の回答期限 {until} が過ぎています。延ばしてから統合してください。"
    return [_blocker("after_deadline", message)]


def _blocker(code: str, message: str) -> Blocker:
    return Blocker(code=code, message=message, field="other_project_id")


def after_cancelling(status: Status, consented: bool, signed: ContractKind | None) -> str:
    """What an end of the project means for a body, in words. signed: its own document, if any."""
    if signed is not None:
        paper, others = ("契約", "事業者") if signed in WITH_VENDOR else (signed.label, "幹事団体")
        return (
            f"{paper}は残ります。解約・変更は、{paper}に従って団体と{others}が行います。"
            "ここには新しく記録できません。"
        )
    if consented:
        return "同意は効力を失います。負担は生じません。"
    if status in (Status.JOINED, Status.CONTRACTED, Status.IN_USE):
        return "参加は終わります。負担は生じません。"
    return "手続は終わります。回答は要りません。"
