"""Guards of the table of moves: each looks at the dossier and says what is still to do (§4)."""

from collections.abc import Callable, Iterable
from datetime import datetime

from foundation.clock import to_jst
from foundation.errors import Blocker
from procurement.domain.dossier import Dossier, MemberView
from procurement.domain.participation import BudgetStatus
from procurement.domain.states import ContractModel
from procurement.domain.two_stages import StageDecision, StagePattern

Guard = Callable[[Dossier, datetime], list[Blocker]]
MOMENT = "%Y-%m-%d %H:%M"
_TOO_FEW = "ほかの団体を案内してください。増えないときは、最少の条件を見直すか中止してください。"


def _unless(holds: bool, code: str, message: str, field: str | None = None) -> list[Blocker]:
    return [] if holds else [Blocker(code=code, message=message, field=field)]


def _names(members: Iterable[MemberView]) -> str:
    return "、".join(member.name for member in members)


def has_one_lead(dossier: Dossier, now: datetime) -> list[Blocker]:
    """A project acts through one lead."""
    return _unless(len(dossier.leads) == 1, "one_lead", "幹事団体を1団体に決めてください。")


def join_deadline_ahead(dossier: Dossier, now: datetime) -> list[Blocker]:
    """Every wait has a deadline: recruiting starts with one in the future."""
    closes_at = dossier.join_closes_at
    if closes_at is None:
        message = "参加の回答期限を入力してください。"
        return [Blocker(code="join_deadline", message=message, field="join_closes_at")]
    message = "参加の回答期限が過ぎています。これからの日時に直してください。"
    return _unless(closes_at > now, "join_deadline", message, "join_closes_at")


def minimum_is_met(dossier: Dossier, now: datetime) -> list[Blocker]:
    """Enough bodies and, if asked for, enough quantity have joined."""
    count = len(dossier.taking_part)
    bodies = (
        f"参加団体が{count}団体です。最少の{dossier.min_participants}団体に"
        f"あと{dossier.min_participants - count}団体必要です。{_TOO_FEW}"
    )
    blockers = _unless(count >= dossier.min_participants, "min_participants", bodies)
    if dossier.min_quantity is not None:
        quantity = (
            f"数量の合計が{dossier.total_quantity:,}です。"
            f"最少数量{dossier.min_quantity:,}に達していません。{_TOO_FEW}"
        )
        enough = dossier.total_quantity >= dossier.min_quantity
        blockers += _unless(enough, "min_quantity", quantity)
    return blockers


def nobody_is_pending(dossier: Dossier, now: datetime) -> list[Blocker]:
    """Until the deadline, a body that has begun to answer is waited for."""
    closes_at = dossier.join_closes_at
    if not dossier.pending or closes_at is None or now > closes_at:
        return []
    until = to_jst(closes_at).strftime(MOMENT)
    message = f"{_names(dossier.pending)}の確認待ちです（回答期限 {until}）。"
    message += "回答を促すか、期限まで待ってください。期限が過ぎれば、未回答のまま進められます。"
    return [Blocker(code="pending", message=message)]


def not_extended_yet(dossier: Dossier, now: datetime) -> list[Blocker]:
    """The joining deadline is extended once."""
    message = "回答期限の延長は1回だけです。募集を続けない場合は中止してください。"
    return _unless(not dossier.join_extended, "extended", message)


def minimum_is_not_met(dossier: Dossier, now: datetime) -> list[Blocker]:
    """Extending is the way out of too few bodies, not a habit."""
    message = "最少参加団体数に達しているため、延長せずに次の段階へ進めます。"
    return _unless(not dossier.meets_minimum, "minimum_met", message)


def terms_are_drafted(dossier: Dossier, now: datetime) -> list[Blocker]:
    """Rule, rounding, term and the rest have been set."""
    message = "負担ルールと条件を定めてください。"
    return _unless(dossier.has_terms, "terms", message)


def estimate_has_a_basis(dossier: Dossier, now: datetime) -> list[Blocker]:
    """Bodies consent to figures: some basis of the estimate must be there."""
    message = "試算の前提となる料金プランを1つ以上選んでください。"
    return _unless(dossier.estimate_bases > 0, "basis", message)


def agreement_basis_is_named(dossier: Dossier, now: datetime) -> list[Blocker]:
    """協定, 規約, 事務委託規約 or none: it is recorded which."""
    message = "合意の根拠（協定・規約・事務委託規約・なし）を記録してください。"
    named = dossier.agreement_basis is not None
    return _unless(named, "agreement_basis", message, "agreement_basis")


def consent_deadline_ahead(dossier: Dossier, now: datetime) -> list[Blocker]:
    """Consent has a deadline in the future."""
    closes_at = dossier.consent_closes_at
    message = "同意の回答期限を、これからの日時で入力してください。"
    ahead = closes_at is not None and closes_at > now
    return _unless(ahead, "consent_deadline", message, "consent_closes_at")


def version_covers_the_members(dossier: Dossier, now: datetime) -> list[Blocker]:
    """A version is fixed, and it is about the bodies that take part now."""
    if dossier.version is None:
        return [Blocker(code="no_version", message="負担案を確定してください。")]
    missing = [m for m in dossier.in_newest_term if m.code not in dossier.version.lines]
    gone = set(dossier.version.lines) - {member.code for member in dossier.in_newest_term}
    gone -= dossier.results.refused  # after its own re-quote: the others keep their prices
    if not missing and not gone:
        return []
    names = f"（{_names(missing)}が含まれていません）" if missing else ""
    message = f"負担案 第{dossier.version.number}版のあとに参加団体が変わりました{names}。"
    return [Blocker(code="stale_version", message=message + "次の版を確定してください。")]


def everybody_has_consented(dossier: Dossier, now: datetime) -> list[Blocker]:
    """Each body taking part agreed, or its older maximum still covers the version.

    Names only: a blocker shown to others never tells a figure.
    """
    waiting = dossier.not_agreed
    if not waiting:
        return []
    message = (
        f"{_names(waiting)}の同意待ちです。期限と催促2回ののちは期限切れにできます"
        "（契約中の団体は、運用の段階で、次の期間に参加しないことを記録できます）。"
        "負担案のページで催促してください。"
    )
    return [Blocker(code="consent_missing", message=message)]


def shares_follow_the_award(dossier: Dossier, now: datetime) -> list[Blocker]:
    """The newest version is computed from the price awarded for all, where there is one."""
    message = (
        "決定した金額による最終の負担案がまだ確定していません。負担案のページで確定してください。"
    )
    return _unless(not dossier.results.final_shares_due, "final_version", message)


def policy_is_checked(dossier: Dossier, now: datetime) -> list[Blocker]:
    """F03: a warning asks for a written reason; it never blocks by itself."""
    notice = dossier.notice
    if not notice.policy_checked:
        return [
            Blocker(code="policy_check", message="国の方針との関係（対象範囲）を確認してください。")
        ]
    message = "国の方針との関係で注意があります。進める理由を記入してください。"
    return _unless(not notice.policy_warns or bool(notice.policy_reason), "policy_reason", message)


def method_is_fixed(dossier: Dossier, now: datetime) -> list[Blocker]:
    """The procurement method with its reason and clause."""
    fixed = dossier.notice.method is not None and bool(dossier.notice.method_reason)
    message = "調達方式と、その理由・根拠条項を記入してください。"
    return _unless(fixed, "method", message, "procurement_method")


def first_stage_is_settled(dossier: Dossier, now: datetime) -> list[Blocker]:
    """F13: where two stages were chosen, the second needs the first one's result. No figure."""
    stages = dossier.stages
    if stages.pattern is StagePattern.NONE:
        return []
    if not stages.has_result:
        message = "2段階の第1段階の結果が記録されていません。結果と日付を記録してください。"
        return [Blocker(code="stage1_result", message=message)]
    if stages.stage2_decision is StageDecision.STOP:
        message = "第2段階に進まないと決めています。決定を改めるか、案件を中止してください。"
        return [Blocker(code="stage2_stopped", message=message)]
    message = "第2段階に進むかどうかを、第1段階の結果を踏まえて決めてください。"
    return _unless(stages.is_decided, "stage2_open", message)


def contract_model_is_fixed(dossier: Dossier, now: datetime) -> list[Blocker]:
    """Who contracts and who is invoiced."""
    message = "契約の形を決めてください。"
    return _unless(dossier.contract_model is not None, "contract_model", message, "contract_model")


def evaluation_rule_is_fixed(dossier: Dossier, now: datetime) -> list[Blocker]:
    """Criteria and points are fixed before anybody proposes."""
    message = "評価基準を確定してください。"
    return _unless(dossier.notice.evaluation_rule_fixed, "evaluation_rule", message)


def budgets_are_there(dossier: Dossier, now: datetime) -> list[Blocker]:
    """Each body has its money, or the notice says it depends on the vote."""
    unknown = [m for m in dossier.taking_part if m.budget_status is None]
    message = f"{_names(unknown)}の予算措置の状況を記入してください。"
    blockers = _unless(not unknown, "budget_unknown", message)
    before = [m for m in dossier.taking_part if m.budget_status is BudgetStatus.BEFORE_VOTE]
    conditional = not before or dossier.notice.conditional_on_budget
    message = (
        f"{_names(before)}の予算が議決前です。公告に「予算の成立を条件とする」と記載してください。"
    )
    return blockers + _unless(conditional, "budget_before_vote", message)


def moments_are_in_order(dossier: Dossier, now: datetime) -> list[Blocker]:
    """Questions close, then answers are due, then proposals close."""
    notice = dossier.notice
    moments = (notice.questions_close_at, notice.answers_due_at, notice.proposals_close_at)
    known = [moment for moment in moments if moment is not None]
    if len(known) < len(moments):
        message = "質問・回答・提出の期限をすべて入力してください。"
        return [Blocker(code="moments", message=message)]
    in_order = known == sorted(set(known)) and known[0] > now
    message = "質問の締切、回答日、提出期限をこの順に、これからの日時で入力してください。"
    return _unless(in_order, "moments", message)


def questions_are_answered(dossier: Dossier, now: datetime) -> list[Blocker]:
    """Every question is answered, or the lead has recorded why not."""
    notice = dossier.notice
    message = (
        f"未回答の質問が{notice.unanswered_questions}件あります。"
        "回答するか、理由を記録してください。"
    )
    settled = not notice.unanswered_questions or bool(notice.unanswered_reason)
    return _unless(settled, "questions", message)


def proposals_are_closed(dossier: Dossier, now: datetime) -> list[Blocker]:
    """Nothing is looked at before the closing moment."""
    closes_at = dossier.notice.proposals_close_at
    if closes_at is None:
        message = "提出期限が決まっていません。公告のページで期限を入力してください。"
        return [Blocker(code="not_closed", message=message)]
    until = to_jst(closes_at).strftime(MOMENT)
    message = f"提出期限 {until} がまだ来ていません。期限が過ぎてから開札してください。"
    return _unless(now >= closes_at, "not_closed", message)


def has_a_valid_proposal(dossier: Dossier, now: datetime) -> list[Blocker]:
    """Without one it is 不調. Before the opening nobody knows whether there is one."""
    if not dossier.results.opened:
        message = "開札していません。二人の担当者で開札してください。"
        return [Blocker(code="not_opened", message=message)]
    message = "有効な提案・応札がありません。不調として扱ってください。"
    return _unless(dossier.results.valid_proposals > 0, "no_proposal", message)


def scores_are_complete(dossier: Dossier, now: datetime) -> list[Blocker]:
    """Scores of the declared quorum, disqualifications with a reason."""
    results = dossier.results
    message = (
        "定足数の審査委員の採点がそろっていません。委員に採点の提出を求めてください。"
        "来られない委員は、理由を書いて欠席にできます。"
    )
    blockers = _unless(results.scores_complete, "scores", message)
    message = "失格とした提案に理由を記録してください。"
    return blockers + _unless(results.disqualifications_reasoned, "disqualification", message)


def has_an_award(dossier: Dossier, now: datetime) -> list[Blocker]:
    """Somebody is to be contracted with."""
    return _unless(dossier.results.awarded, "no_award", "落札者・優先交渉権者を決定してください。")


def has_a_runner_up(dossier: Dossier, now: datetime) -> list[Blocker]:
    """Only a ranked second can be turned to."""
    message = "次点者がいません。不調としてやり直すか、案件を中止してください。"
    return _unless(bool(dossier.results.runner_up), "no_runner_up", message)


def vendor_is_free(dossier: Dossier, now: datetime) -> list[Blocker]:
    """Nobody starts again, or turns to the next, with a contract signed."""
    message = (
        "契約を結んだ後は、やり直しや次点者との交渉はできません。契約の変更・解約は"
        "契約のページに記録してください。続けられないときは、案件を中止してください。"
    )
    return _unless(not dossier.results.vendor_is_bound, "vendor_is_bound", message)


def contracts_are_made(dossier: Dossier, now: datetime) -> list[Blocker]:
    """The contract model's table is met for the first wave (domain §4)."""
    results = dossier.results
    needs_basic = dossier.contract_model is not ContractModel.SELECTION_AND_REQUOTE
    blockers = _unless(
        results.basic_contract or not needs_basic,
        "basic_contract",
        "基本契約（または認定・代表契約）を、契約のページで記録してください。",
    )
    missing = "、".join(results.bodies_without_contract)
    adds_later = dossier.contract_model is ContractModel.RECOMMENDED_PRODUCT
    message = (
        f"{missing}の契約が記録されていません。団体の決裁者に、契約のページでの記録を"
        "依頼してください（契約しない団体は、そのことを記録します）。"
    )
    return blockers + _unless(adds_later or not missing, "contracts", message)


def everybody_uses_it(dossier: Dossier, now: datetime) -> list[Blocker]:
    """The first wave has begun to use the system."""
    missing = "、".join(dossier.results.bodies_not_in_use)
    message = f"{missing}の利用開始が記録されていません。導入・運用のページで記録してください。"
    return _unless(not missing, "not_in_use", message)


def know_how_is_written(dossier: Dossier, now: datetime) -> list[Blocker]:
    """What others can learn from it, or 「なし」 with a reason."""
    results = dossier.results
    written = bool(results.know_how) or bool(results.no_know_how_reason)
    message = "ノウハウを記入するか、「なし」とする理由を記入してください。"
    return _unless(written, "know_how", message)
