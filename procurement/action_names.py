"""What the audit page calls the actions, fields and codes of joint procurement."""

from collections.abc import Iterable

from accounts.wording import Wording
from catalog.plan_units import Kind, Unit
from foundation.labels import LabelledEnum
from procurement.domain.allocation import Cap, parse_rounding
from procurement.domain.contract_changes import ChangeKind, ExtensionKind
from procurement.domain.contracts import ContractKind
from procurement.domain.introduction import IntroductionStep
from procurement.domain.moves import MOVES
from procurement.domain.needs import MustHave, Network
from procurement.domain.participation import BudgetStatus
from procurement.domain.requirements import Settled
from procurement.domain.rules import RuleTextError, parse_rule
from procurement.domain.states import AgreementBasis, ContractModel, ProcurementMethod, State
from procurement.domain.survey import AnswerKind
from procurement.domain.terms import (
    FiguresUpdate,
    LateJoiner,
    Leaver,
    Payer,
    PopulationSource,
    StandaloneBasis,
)
from procurement.services.needs import ANSWER_LABELS
from procurement.services.projects import FIELD_LABELS

ACTION_NAMES: dict[str, str] = {
    "open_project": "案件の作成",
    "edit_project": "案件の変更",
    "load_example": "見本データの作成",
    "load_example_projects": "見本の案件の作成",
    "invite_bodies": "団体への案内",
    "state_interest": "関心の表明",
    "request_join": "参加の依頼（都道府県）",
    "prepare_join": "参加の準備",
    "join_project": "参加",
    "change_answers": "参加の内容の変更",
    "decline": "辞退",
    "leave_project": "離脱",
    "set_internal_ceiling": "自団体上限額の設定",
    "add_estimate_basis": "試算の前提の追加",
    "remove_estimate_basis": "試算の前提の取り消し",
    "set_sharing_terms": "負担ルール・条件の設定",
    "set_body_rules": "予算・議会・契約の条件の入力",
    "set_project_calendar": "日程の設定",
    "set_notice": "公告の内容の設定",
    "postpone_closing": "提案の締切の延長",
    "ask_question": "質問",
    "answer_question": "質問への回答（下書き）",
    "publish_answers": "回答の公表",
    "excuse_unanswered": "回答しない理由の記録",
    "hand_in_proposal": "提案の提出",
    "withdraw_proposal": "提案の取下げ",
    "ask_for_opening": "開札の申出",
    "open_proposals": "開札",
    "invite_judge": "審査委員の招請",
    "mark_judge_absent": "審査委員の欠席",
    "declare_no_conflict": "利害関係がないことの申告",
    "hand_in_scores": "採点の提出",
    "decide_award": "審査の結果の決定",
    "choose_vendor": "契約の相手方の記録",
    "sign_contract": "契約の記録",
    "give_requote": "再見積の提出",
    "refuse_contract": "再見積のあと契約しない決定",
    "record_qualification": "入札参加資格の記録",
    "extend_award": "途中参加・変更の承認",
    "change_contract": "契約の変更・解約",
    "record_introduction": "導入の確認の記録",
    "start_use": "利用開始の記録",
    "write_know_how": "ノウハウの記入",
    "fix_share_version": "負担案の確定",
    "consent": "負担案への同意",
    "withdraw_consent": "同意の撤回",
    "add_question": "調査の質問の追加",
    "remove_question": "調査の質問の取り消し",
    "open_survey": "意向調査の開始",
    "answer_survey": "意向調査への回答",
    "request_answer": "意向調査への代理の回答（都道府県）",
    "confirm_answers": "意向調査の回答の確認",
    "remind_survey": "意向調査の督促",
    "add_requirement": "要件の追加",
    "adopt_survey": "意向調査からの要件の取り込み",
    "change_requirement": "要件の変更",
    "remove_requirement": "要件の取り消し",
    "answer_requirements": "要件への回答",
    "fix_specification": "仕様書の版の確定",
    "correct_specification": "仕様書の訂正",
    "apply_template": "ひな形の写し",
    "request_information": "情報提供の依頼",
    "answer_rfi": "情報提供依頼への回答",
    "offer_lead": "幹事団体の交代の申し出",
    "claim_lead": "参加団体からの幹事の交代の申し出",
    "take_lead": "幹事団体の引き継ぎ",
    "decline_lead": "幹事団体を交代しない返答",
    "set_office": "担当と引継ぎの入力",
    "state_need": "ニーズの登録",
    "request_need": "ニーズの代理入力（都道府県）",
    "change_need": "ニーズの変更",
    "confirm_need": "ニーズの確認",
    "withdraw_need": "ニーズの取り下げ",
    "load_example_needs": "見本のニーズの作成",
    "import_contracts": "現在の契約の取り込み",
    "remind": "回答の督促",
    "lapse_consent": "無回答の失効",
    # Several moves share an event; the first of the table is the way forward.
    **{move.event: f"{move.label}（状態の移動）" for move in reversed(MOVES)},
}


def _words(members: Iterable[LabelledEnum]) -> dict[str, str]:
    return {member.value: member.label for member in members}


def _rule_text(text: str) -> str:
    try:
        return parse_rule(text).label
    except RuleTextError:
        return text


def _rounding_text(text: str) -> str:
    try:
        return parse_rounding(text).label
    except RuleTextError:
        return text


WORDING = Wording(
    actions=ACTION_NAMES,
    fields={
        **FIELD_LABELS,
        "body_code": "団体コード",
        "body_codes": "団体コード",
        "asked": "同意を求めた団体",
        "from": "前の段階",
        "to": "後の段階",
        "action": "操作",
        "message": "案内の文",
        "label": "表示名",
        "price_plan_id": "料金プランの番号",
        "quantity": "数量",
        "quantities": "数量",
        "starts_on": "利用開始",
        "budget_status": "予算の状況",
        "contact_name": "担当者名",
        "note": "備考",
        "declares_standalone": "単独の年額の申告",
        "approval_date": "決裁日",
        "approval_number": "決裁番号",
        "amount_yen": "額",
        "total_yen": "総額（税込）",
        "maximum_yen": "同意した上限額",
        "shown_to_secretariat": "事務局に見せる",
        "reminders_sent": "催促の回数",
        "version": "負担案の版",
        "sha256": "検証値（SHA-256）",
        "rules": "負担ルール",
        "parts": "都道府県・交付金の負担分",
        "payer": "負担する者",
        "part": "負担分",
        "category": "費目",
        "order": "差し引く順",
        "rounding": "端数処理",
        "cap": "単独額の上限",
        "population_source": "人口",
        "quantity_unit": "数量の単位",
        "late_joiner": "途中参加",
        "leaver": "途中離脱",
        "leaver_notice_months": "離脱の予告（月）",
        "figures_update": "人口・数量の更新",
        "tolerance_percent": "同意の上限の許容幅（%）",
        "tax_rate": "消費税率（%）",
        "standalone_basis": "単独額の算出",
        "lead_code": "幹事団体",
        "project": "案件",
        "cost_row": "費用の行",
        "contract_kind": "契約の種類",
        "contract_number": "契約番号",
        "signed_on": "契約日",
        "contract_yen": "契約額（税抜）",
        "direct_reason": "理由",
        "vendor_id": "事業者の番号",
        "quotes_taken": "見積を取った数",
        "price": "金額（税抜）",
        "requote_yen": "再見積の額（税抜）",
        "valid_until": "有効期限",
        "step": "確認の項目",
        "extension": "承認の種類",
        "change": "変更の種類",
        "ends_on": "期間の終わり",
        "done_on": "済んだ日",
        "know_how": "ノウハウ",
        "no_know_how_reason": "ノウハウなしの理由",
        "need": "ニーズ",
        "question": "質問",
        "kind_of_answer": "回答の形",
        "survey_closes_at": "意向調査の回答期限",
        "answered": "回答した質問の数",
        "requirement": "要件",
        "settled": "扱い",
        "detail": "説明",
        "customization": "改修を伴う",
        "customization_yen": "改修の費用（税抜）",
        "customization_reason": "改修する理由",
        "spec_version": "仕様書の版",
        "clauses": "要件の数",
        "added": "加えた数",
        "template": "ひな形",
        "dx_staff": "デジタル・情報の担当の職員数",
        "hands_over_on": "引き継ぐ日",
        "has_successor": "後任が決まっている",
        "organization": "組織の番号",
        "vendors": "事業者の番号",
        "closes_at": "回答期限",
        "answer": "回答の番号",
        "requirements": "要件の数",
        **ANSWER_LABELS,
        **_words(Kind),
    },
    codes={
        **{name: _words(State) for name in ("from", "to")},
        "action": {move.action: move.label for move in MOVES},
        "budget_status": _words(BudgetStatus),
        "agreement_basis": _words(AgreementBasis),
        "contract_model": _words(ContractModel),
        "procurement_method": _words(ProcurementMethod),
        **{name: _words(Unit) for name in ("main_unit", "quantity_unit")},
        **{kind.value: _rule_text for kind in Kind},
        **{name: _words(Kind) for name in ("category", "order")},
        "payer": _words(Payer),
        "rounding": _rounding_text,
        "cap": _words(Cap),
        "population_source": _words(PopulationSource),
        "late_joiner": _words(LateJoiner),
        "leaver": _words(Leaver),
        "figures_update": _words(FiguresUpdate),
        "standalone_basis": _words(StandaloneBasis),
        "kind_of_answer": _words(AnswerKind),
        "settled": _words(Settled),
        "contract_kind": _words(ContractKind),
        "step": _words(IntroductionStep),
        "extension": _words(ExtensionKind),
        "change": _words(ChangeKind),
        "network": _words(Network),
        "must_haves": _words(MustHave),
    },
    subjects={"project": "案件", "need": "ニーズ"},
)
