"""The table of moves itself: one row per way a project can go (domain §4)."""

from dataclasses import dataclass

from foundation.labels import LabelledEnum
from procurement.domain import guards
from procurement.domain.guards import Guard
from procurement.domain.states import ENDED, MAIN_ROAD, WITHOUT_NOTICE, ProcurementMethod, State


class Mover(LabelledEnum):
    """Who may take a move (domain §8)."""

    LEAD_STAFF = "lead_staff", "幹事団体・事務局の担当者"
    LEAD_MANAGER = "lead_manager", "幹事団体の決裁者"


class Audience(LabelledEnum):
    """Who is told of a move, once."""

    INTERESTED = "interested", "関心を示した団体"
    INVITED = "invited", "案内した団体"
    PARTICIPANTS = "participants", "参加団体"
    OBSERVERS = "observers", "オブザーバー"
    BIDDERS = "bidders", "提案した事業者"


_GATHERED = (Audience.INTERESTED, Audience.INVITED, Audience.PARTICIPANTS)
_MEMBERS = (Audience.PARTICIPANTS, Audience.OBSERVERS)
_EVERYBODY = (*_GATHERED, Audience.OBSERVERS, Audience.BIDDERS)


@dataclass(frozen=True, kw_only=True)
class Move:
    """One row of the table.

    action: unique among the moves of one state. event: the audit event. reason_needed: the
    mover writes why. only: the procurement methods for which the move exists.
    """

    source: State
    target: State
    action: str
    label: str
    event: str
    told: tuple[Audience, ...]
    who: Mover = Mover.LEAD_STAFF
    guards: tuple[Guard, ...] = ()
    reason_needed: bool = False
    only: frozenset[ProcurementMethod] = frozenset(ProcurementMethod)

    @property
    def is_way_back(self) -> bool:
        """Whether it leads to an earlier state of the main road."""
        if self.target is State.CANCELLED or (self.source, self.target) == _AGREEMENT_FIRST:
            return False
        return MAIN_ROAD.index(self.target) < MAIN_ROAD.index(self.source)


# 鳥取 2014 agreed first and specified afterwards: forward, though earlier in the usual order.
_AGREEMENT_FIRST = (State.AGREEMENT, State.SPECIFICATION)

_RECRUITED: tuple[Guard, ...] = (
    guards.has_one_lead,
    guards.minimum_is_met,
    guards.nobody_is_pending,
)
_AGREEABLE: tuple[Guard, ...] = (
    guards.terms_are_drafted,
    guards.estimate_has_a_basis,
    guards.agreement_basis_is_named,
    guards.consent_deadline_ahead,
)
_AGREED: tuple[Guard, ...] = (
    guards.minimum_is_met,
    guards.version_covers_the_members,
    guards.everybody_has_consented,
)
_NOTICE: tuple[Guard, ...] = (
    *_AGREED,
    guards.policy_is_checked,
    guards.method_is_fixed,
    guards.first_stage_is_settled,
    guards.contract_model_is_fixed,
    guards.evaluation_rule_is_fixed,
    guards.budgets_are_there,
    guards.moments_are_in_order,
)
_DIRECT: tuple[Guard, ...] = (
    *_AGREED,
    guards.policy_is_checked,
    guards.method_is_fixed,
    guards.first_stage_is_settled,
    guards.contract_model_is_fixed,
    guards.budgets_are_there,
)


def _failed_tender(source: State) -> tuple[Move, ...]:
    """不調: three ways back; the fourth is to cancel."""
    targets = (
        (State.SOLICITATION, "公告"),
        (State.ESTIMATE, "概算見積"),
        (State.SPECIFICATION, "仕様作成"),
    )
    return tuple(
        Move(
            source=source,
            target=target,
            action=f"fail_to_{target.value}",
            label=f"不調として{name}からやり直す",
            event="project.tender_failed",
            told=(*_MEMBERS, Audience.BIDDERS),
            who=Mover.LEAD_MANAGER,
            guards=(guards.vendor_is_free,),
            reason_needed=True,
        )
        for target, name in targets
    )


_FORWARD: tuple[Move, ...] = (
    Move(
        source=State.INTENTION_SURVEY,
        target=State.FORMING,
        action="open_recruitment",
        label="参加団体の募集を始める",
        event="project.recruitment_opened",
        told=(Audience.INTERESTED, Audience.INVITED),
        guards=(guards.has_one_lead, guards.join_deadline_ahead),
    ),
    Move(
        source=State.FORMING,
        target=State.FORMING,
        action="extend_recruitment",
        label="回答期限を1回だけ延ばす",
        event="project.recruitment_extended",
        told=_GATHERED,
        guards=(guards.not_extended_yet, guards.minimum_is_not_met),
    ),
    Move(
        source=State.FORMING,
        target=State.SPECIFICATION,
        action="start_specification",
        label="仕様作成に進む",
        event="project.specification_started",
        told=_GATHERED,
        guards=_RECRUITED,
    ),
    Move(
        source=State.FORMING,
        target=State.AGREEMENT,
        action="start_agreement",
        label="負担合意に進む（合意を先に行う）",
        event="project.agreement_started",
        told=_GATHERED,
        guards=(*_RECRUITED, *_AGREEABLE),
    ),
    Move(
        source=State.SPECIFICATION,
        target=State.ESTIMATE,
        action="request_estimates",
        label="概算見積に進む",
        event="project.estimates_requested",
        told=_MEMBERS,
        guards=(guards.has_one_lead, guards.minimum_is_met),
    ),
    Move(
        source=State.ESTIMATE,
        target=State.AGREEMENT,
        action="start_agreement",
        label="負担合意に進む",
        event="project.agreement_started",
        told=_MEMBERS,
        guards=(guards.has_one_lead, guards.minimum_is_met, *_AGREEABLE),
    ),
    Move(
        source=State.AGREEMENT,
        target=State.SPECIFICATION,
        action="start_specification",
        label="合意のうえで仕様作成に進む",
        event="project.specification_started",
        told=_MEMBERS,
        guards=_AGREED,
    ),
    Move(
        source=State.AGREEMENT,
        target=State.SOLICITATION,
        action="publish_notice",
        label="公告する",
        event="project.notice_published",
        told=_MEMBERS,
        who=Mover.LEAD_MANAGER,
        guards=_NOTICE,
        only=frozenset(ProcurementMethod) - WITHOUT_NOTICE,
    ),
    Move(
        source=State.AGREEMENT,
        target=State.CONTRACTING,
        action="start_contracting",
        label="契約に進む（見積合わせ・随意契約）",
        event="project.contracting_started",
        told=_MEMBERS,
        who=Mover.LEAD_MANAGER,
        guards=_DIRECT,
        only=WITHOUT_NOTICE,
    ),
    Move(
        source=State.SOLICITATION,
        target=State.EVALUATION,
        action="start_evaluation",
        label="開札・審査に進む",
        event="project.evaluation_started",
        told=(*_MEMBERS, Audience.BIDDERS),
        guards=(
            guards.proposals_are_closed,
            guards.questions_are_answered,
            guards.has_a_valid_proposal,
        ),
    ),
    Move(
        source=State.EVALUATION,
        target=State.CONTRACTING,
        action="award",
        label="落札者・優先交渉権者を決定して契約に進む",
        event="project.awarded",
        told=(*_MEMBERS, Audience.BIDDERS),
        who=Mover.LEAD_MANAGER,
        guards=(guards.scores_are_complete, guards.has_an_award),
    ),
    Move(
        source=State.CONTRACTING,
        target=State.CONTRACTING,
        action="turn_to_runner_up",
        label="交渉が不成立のため次点者と交渉する",
        event="project.runner_up_called",
        told=(*_MEMBERS, Audience.BIDDERS),
        who=Mover.LEAD_MANAGER,
        guards=(guards.has_a_runner_up, guards.vendor_is_free),
        reason_needed=True,
    ),
    Move(
        source=State.CONTRACTING,
        target=State.INTRODUCTION,
        action="start_introduction",
        label="導入に進む",
        event="project.introduction_started",
        told=_MEMBERS,
        guards=(
            guards.version_covers_the_members,
            guards.shares_follow_the_award,
            guards.everybody_has_consented,
            guards.contracts_are_made,
        ),
    ),
    Move(
        source=State.INTRODUCTION,
        target=State.OPERATION,
        action="start_operation",
        label="運用に進む",
        event="project.operation_started",
        told=_MEMBERS,
        guards=(guards.everybody_uses_it,),
    ),
    Move(
        source=State.OPERATION,
        target=State.OPERATION,
        action="renew",
        label="更新する（新しい期間・負担案・同意）",
        event="project.renewed",
        told=_MEMBERS,
        who=Mover.LEAD_MANAGER,
        guards=(guards.version_covers_the_members, guards.everybody_has_consented),
    ),
    Move(
        source=State.OPERATION,
        target=State.CLOSED,
        action="close",
        label="終了する",
        event="project.closed",
        told=_MEMBERS,
        guards=(guards.know_how_is_written,),
    ),
    Move(
        source=State.OPERATION,
        target=State.CLOSED,
        action="terminate",
        label="期間の途中で終了する",
        event="project.terminated",
        told=_MEMBERS,
        who=Mover.LEAD_MANAGER,
        guards=(guards.know_how_is_written,),
        reason_needed=True,
    ),
)

_BACK: tuple[Move, ...] = (
    Move(
        source=State.ESTIMATE,
        target=State.SPECIFICATION,
        action="revise_specification",
        label="見積が予算を超えたため仕様を見直す",
        event="project.specification_reopened",
        told=_MEMBERS,
        reason_needed=True,
    ),
    Move(
        source=State.SPECIFICATION,
        target=State.AGREEMENT,
        action="change_participants",
        label="参加団体の変更により負担合意に戻る",
        event="project.participants_changed",
        told=_MEMBERS,
        guards=(guards.minimum_is_met, *_AGREEABLE),
        reason_needed=True,
    ),
    Move(
        source=State.AGREEMENT,
        target=State.FORMING,
        action="reopen_recruitment",
        label="参加団体の募集に戻る",
        event="project.recruitment_opened",
        told=_GATHERED,
        guards=(guards.join_deadline_ahead,),
        reason_needed=True,
    ),
    *_failed_tender(State.SOLICITATION)[1:],
    *_failed_tender(State.EVALUATION),
    *_failed_tender(State.CONTRACTING),
)

_CANCEL: tuple[Move, ...] = tuple(
    Move(
        source=state,
        target=State.CANCELLED,
        action="cancel",
        label="中止する",
        event="project.cancelled",
        told=_EVERYBODY,
        who=Mover.LEAD_MANAGER,
        reason_needed=True,
    )
    for state in State
    if state not in ENDED
)

MOVES: tuple[Move, ...] = (*_FORWARD, *_BACK, *_CANCEL)
