"""The words for a body in a project: its status, its budget, the project's own roles."""

from foundation.labels import LabelledEnum


class ParticipationStatus(LabelledEnum):
    """interested → (requested | prepared) → joined → contracted → in_use → left (domain §4)."""

    INTERESTED = "interested", "関心あり"
    REQUESTED = "requested", "取りまとめ団体が代理入力（団体の確認待ち）"
    PREPARED = "prepared", "参加の準備中（決裁待ち）"
    JOINED = "joined", "参加"
    CONTRACTED = "contracted", "契約済み"
    IN_USE = "in_use", "利用中"
    LEFT = "left", "離脱"
    DECLINED = "declined", "不参加"
    LAPSED = "lapsed", "期限切れ"


# The statuses that bear costs.
TAKING_PART = (
    ParticipationStatus.JOINED,
    ParticipationStatus.CONTRACTED,
    ParticipationStatus.IN_USE,
)
# The statuses of a body whose contract stands: only ending it lets the body go.
BOUND_BY_CONTRACT = (ParticipationStatus.CONTRACTED, ParticipationStatus.IN_USE)
# The statuses only the body itself and the lead may read (domain §8).
KEPT_BETWEEN_BODY_AND_LEAD = (
    ParticipationStatus.DECLINED,
    ParticipationStatus.LEFT,
    ParticipationStatus.LAPSED,
)


class BudgetStatus(LabelledEnum):
    """How a body has the money (domain §4)."""

    APPROPRIATED = "appropriated", "予算措置済"
    MULTI_YEAR_COMMITMENT = "multi_year_commitment", "債務負担行為議決済"
    LONG_TERM_CONTRACT = "long_term_contract", "長期継続契約条例あり"
    BEFORE_VOTE = "before_vote", "議決前"


class ProjectRoleKind(LabelledEnum):
    """What an organisation is inside one project."""

    LEAD = "lead", "幹事団体"
    SECRETARIAT = "secretariat", "事務局"
    PARTICIPANT = "participant", "参加団体"
    OBSERVER = "observer", "オブザーバー"
    JUDGE = "judge", "審査委員"
    INVITED = "invited", "案内済み（回答待ち）"
