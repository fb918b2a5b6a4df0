"""The words of a project's life: states, methods, contract models, agreement bases (domain §4)."""

from collections.abc import Mapping

from foundation.labels import LabelledEnum


class State(LabelledEnum):
    """Where a project stands."""

    INTENTION_SURVEY = "intention_survey", "意向調査"
    FORMING = "forming", "参加団体募集"
    SPECIFICATION = "specification", "仕様作成"
    ESTIMATE = "estimate", "概算見積"
    AGREEMENT = "agreement", "負担合意"
    SOLICITATION = "solicitation", "公告"
    EVALUATION = "evaluation", "審査"
    CONTRACTING = "contracting", "契約"
    INTRODUCTION = "introduction", "導入"
    OPERATION = "operation", "運用"
    CLOSED = "closed", "終了"
    CANCELLED = "cancelled", "中止"


STATE_LABELS: Mapping[State, str] = {state: state.label for state in State}

# The way a project goes when nothing goes wrong: what a step navigation shows.
MAIN_ROAD: tuple[State, ...] = tuple(s for s in State if s is not State.CANCELLED)
ENDED = frozenset({State.CLOSED, State.CANCELLED})
# States in which a body may join by the project's own deadline (later: by the terms).
BEFORE_NOTICE = frozenset(
    {
        State.INTENTION_SURVEY,
        State.FORMING,
        State.SPECIFICATION,
        State.ESTIMATE,
        State.AGREEMENT,
    }
)


class ProcurementMethod(LabelledEnum):
    """How the vendor is found."""

    OPEN_BIDDING = "open_bidding", "一般競争入札"
    DESIGNATED_BIDDING = "designated_bidding", "指名競争入札"
    COMPREHENSIVE_EVALUATION = "comprehensive_evaluation", "総合評価落札方式"
    OPEN_PROPOSAL = "open_proposal", "公募型プロポーザル"
    QUOTE_COMPARISON = "quote_comparison", "見積合わせ"
    NEGOTIATED_CONTRACT = "negotiated_contract", "随意契約"


# Methods that go from agreement straight to contracting.
WITHOUT_NOTICE = frozenset(
    {ProcurementMethod.QUOTE_COMPARISON, ProcurementMethod.NEGOTIATED_CONTRACT}
)


class ContractModel(LabelledEnum):
    """Who contracts with the vendor, and who is invoiced."""

    BASIC_AND_INDIVIDUAL = "basic_and_individual", "基本契約＋個別契約"
    SELECTION_AND_REQUOTE = "selection_and_requote", "共同選定＋団体別再見積・個別契約"
    DELEGATION = "delegation", "事務委託"
    INTERMEDIARY = "intermediary", "一部事務組合等による仲介"
    RECOMMENDED_PRODUCT = "recommended_product", "推奨製品の認定"


CONTRACT_MODEL_NOTES: Mapping[ContractModel, str] = {
    ContractModel.BASIC_AND_INDIVIDUAL: "幹事団体が基本契約、各団体が個別契約を結び支払います。",
    ContractModel.SELECTION_AND_REQUOTE: "共同で選定し、再見積ののち各団体が契約し支払います。",
    ContractModel.DELEGATION: "受託団体が自らの名で契約し、各団体は負担金を支払います。",
    ContractModel.INTERMEDIARY: "一部事務組合等が契約し、各団体は特別負担金等を支払います。",
    ContractModel.RECOMMENDED_PRODUCT: "認定された製品を、各団体が時期を選んで契約・支払をします。",
}


class AgreementBasis(LabelledEnum):
    """On what document the bodies act together."""

    PROJECT_AGREEMENT = "project_agreement", "協定"
    COUNCIL_RULES = "council_rules", "規約・総会議決"
    DELEGATION_RULES = "delegation_rules", "事務委託規約"
    NONE = "none", "なし"
