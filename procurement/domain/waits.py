"""Everything a project waits for, whom it waits for, and the way out when they say nothing (§4).

docs/reference/lifecycle.md shows the moves; this table says that none of its states hangs on
one silent party. A test walks every row past its deadline through the real services.
"""

from dataclasses import dataclass

from foundation.labels import LabelledEnum
from procurement.domain.states import ENDED, State


class Party(LabelledEnum):
    """Who may be waited for."""

    LEAD = "lead", "幹事団体"
    BODY = "body", "参加団体"
    VENDOR = "vendor", "事業者"
    JUDGE = "judge", "審査委員"
    OPENER = "opener", "開札の二人目の担当者"
    OPERATOR = "operator", "運営者"


@dataclass(frozen=True, kw_only=True)
class Wait:
    """One wait. way_out: what somebody else then does; by: who."""

    state: State
    silent: Party
    waits_for: str
    way_out: str
    by: Party


_OTHERS: tuple[Wait, ...] = (
    Wait(
        state=State.INTENTION_SURVEY,
        silent=Party.BODY,
        waits_for="意向調査への回答",
        way_out="未回答のまま募集に進む",
        by=Party.LEAD,
    ),
    Wait(
        state=State.FORMING,
        silent=Party.BODY,
        waits_for="参加の回答・決裁者の確認",
        way_out="期限の後に仕様作成へ進む。足りなければ1回延ばすか中止する",
        by=Party.LEAD,
    ),
    Wait(
        state=State.AGREEMENT,
        silent=Party.BODY,
        waits_for="負担案への同意",
        way_out="期限と督促2回の後に期限切れとし、次の版を確定する",
        by=Party.LEAD,
    ),
    Wait(
        state=State.SOLICITATION,
        silent=Party.VENDOR,
        waits_for="提案",
        way_out="不調として仕様作成か概算見積に戻る",
        by=Party.LEAD,
    ),
    Wait(
        state=State.SOLICITATION,
        silent=Party.OPENER,
        waits_for="開札の二人目",
        way_out="ほかの担当者が二人目になるか、不調として戻る",
        by=Party.LEAD,
    ),
    Wait(
        state=State.EVALUATION,
        silent=Party.JUDGE,
        waits_for="採点",
        way_out="理由を記録して欠席とし、定足数で決める",
        by=Party.LEAD,
    ),
    Wait(
        state=State.CONTRACTING,
        silent=Party.VENDOR,
        waits_for="再見積・契約",
        way_out="次点者と交渉するか、不調としてやり直す",
        by=Party.LEAD,
    ),
    Wait(
        state=State.CONTRACTING,
        silent=Party.BODY,
        waits_for="最終の負担案への同意（上限額を超える団体）",
        way_out="期限と督促2回の後に期限切れとし、次の版を確定する",
        by=Party.LEAD,
    ),
    Wait(
        state=State.CONTRACTING,
        silent=Party.BODY,
        waits_for="個別の契約",
        way_out="期限と督促2回の後に、契約しないものとして記録し、次の版を確定する",
        by=Party.LEAD,
    ),
    Wait(
        state=State.INTRODUCTION,
        silent=Party.BODY,
        waits_for="利用開始の記録",
        way_out="代わりに記録するか、中止する",
        by=Party.LEAD,
    ),
    Wait(
        state=State.INTRODUCTION,
        silent=Party.OPERATOR,
        waits_for="事例の審査",
        way_out="10営業日の期限の後に、運営者未確認と示して公開する。案件の段階は待たない",
        by=Party.LEAD,
    ),
    Wait(
        state=State.OPERATION,
        silent=Party.BODY,
        waits_for="更新（次の期間）の負担案への同意",
        way_out="期限と督促2回の後に、契約中の団体は次の期間に参加しないと記録し、"
        "契約のない団体は期限切れとして、次の版を確定する",
        by=Party.LEAD,
    ),
)
# Whatever the state, its moves are the lead's: a silent lead is replaced.
WAITS: tuple[Wait, ...] = (
    *_OTHERS,
    *(
        Wait(
            state=state,
            silent=Party.LEAD,
            waits_for="次の段階への移動",
            way_out="参加団体が幹事団体の交代を申し出て、返答がなければ引き継ぐ",
            by=Party.BODY,
        )
        for state in State
        if state not in ENDED
    ),
)
