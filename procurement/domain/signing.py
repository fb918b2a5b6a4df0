"""Why a contract cannot be signed now: the guards of each model, the award, the checklist."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from foundation.errors import Blocker
from procurement.domain.contracts import (
    BUYING,
    DISCRETIONARY,
    FOLLOWS_SHARES,
    MODEL_RULES,
    WITH_VENDOR,
    WITHOUT_AMOUNT,
    ContractKind,
    Guarantee,
    Membership,
)
from procurement.domain.states import ContractModel, ProcurementMethod, State

MAX_AMOUNT_YEN = 1_000_000_000_000
# More products can be certified as long as bodies may still contract.
CERTIFYING = (State.CONTRACTING, State.INTRODUCTION, State.OPERATION)


@dataclass(frozen=True, kw_only=True)
class ContractDraft:
    """What is about to be signed. amount_yen: tax-excluded, None where none is named.

    vote_on: the assembly's vote. signatory: who signs for a council, which is no legal person.
    own_prices: unit prices below the award's, as typed, an item a line.
    vendor_id, product: what is certified. certification_id: the one a body's contract rests on.
    """

    kind: ContractKind
    wave: int = 1
    number: str = ""
    signed_on: date
    starts_on: date | None = None
    ends_on: date | None = None
    amount_yen: int | None = None
    tax_percent: Decimal = Decimal(10)
    vote_on: date | None = None
    membership: Membership | None = None
    signatory: str = ""
    clause: str = ""
    reason: str = ""
    guarantee: Guarantee | None = None
    guarantee_note: str = ""
    own_prices: str = ""
    vendor_id: int | None = None
    product: str = ""
    certification_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Certified:
    """A recommended product of the present term: whose, and between which days it may be chosen.

    withdrawn_on: the last day of a certification that was withdrawn; ends_on is then that day.
    """

    id: int
    vendor_id: int
    product: str
    starts_on: date | None = None
    ends_on: date | None = None
    withdrawn_on: date | None = None

    def is_offered(self, today: date) -> bool:
        """Whether a body can still choose it."""
        return self.withdrawn_on is None or today <= self.withdrawn_on


@dataclass(frozen=True, kw_only=True)
class SigningFacts:
    """What stands around the contract. Yen are tax-excluded.

    awarded_yen: the award with its approved extensions, None while nobody is awarded.
    contracted_yen: the sum of the other contracts with the vendor. requote_yen: this body's
    newest re-quote. renewed: a term after the first. votes: name of each body of the wave → its
    vote, None where not recorded. candidates: vendors that may be certified. certified: what is.
    final_due: no share version is computed from the award yet. not_agreed: the bodies bound by
    this document that have not consented to the version, code → name.
    """

    model: ContractModel
    state: State
    method: ProcurementMethod | None = None
    today: date
    renewed: bool = False
    signed: bool = False
    refused: bool = False
    overall_signed: bool = False
    awarded_yen: int | None = None
    contracted_yen: int = 0
    requote_yen: int | None = None
    votes: Mapping[str, date | None] = field(default_factory=dict)
    council: bool = False
    qualified_until: date | None = None
    candidates: frozenset[int] = frozenset()
    certified: tuple[Certified, ...] = ()
    final_due: bool = False
    not_agreed: Mapping[str, str] = field(default_factory=dict)


Check = Callable[[ContractDraft, SigningFacts], list[Blocker]]
# Whoever refuses its re-quote waits for neither.
WAITS_FOR_SHARES = frozenset({"final_version", "consent_missing"})


def list_stage_blockers(kind: ContractKind, wave: int, facts: SigningFacts) -> list[Blocker]:
    """Why no such document can be signed in this stage, whatever it says. Shown by the form."""
    draft = ContractDraft(kind=kind, wave=wave, signed_on=facts.today)
    return [blocker for check in _STAGE for blocker in check(draft, facts)]


def list_signing_blockers(draft: ContractDraft, facts: SigningFacts) -> list[Blocker]:
    """Every reason why this contract cannot be signed as it is written; empty when it can."""
    return [blocker for check in (*_STAGE, *_CONTENT) for blocker in check(draft, facts)]


def _unless(holds: bool, code: str, message: str, field: str | None = None) -> list[Blocker]:
    return [] if holds else [Blocker(code=code, message=message, field=field)]


def _once(draft: ContractDraft, facts: SigningFacts) -> list[Blocker]:
    if facts.refused:
        return [Blocker(code="refused", message="再見積のあと契約しないことを決めた団体です。")]
    again = draft.kind is ContractKind.CERTIFICATION  # several products are certified, each once
    return _unless(again or not facts.signed, "signed", "この契約はすでに記録されています。")


def _in_its_stage(draft: ContractDraft, facts: SigningFacts) -> list[Blocker]:
    """The first wave in contracting, later ones and recommended products afterwards."""
    rule = MODEL_RULES[facts.model]
    if rule.in_operation and draft.kind is rule.per_body:
        message = "推奨製品は、運用の段階になってから、団体ごとに契約します。"
        return _unless(facts.state is State.OPERATION, "not_in_operation", message)
    if draft.kind is ContractKind.CERTIFICATION and facts.state in CERTIFYING:
        return []
    if facts.renewed:
        message = "更新のあとの契約は、運用の段階で記録します。"
        return _unless(facts.state is State.OPERATION, "wrong_state", message)
    if draft.wave == 1:
        message = "契約を記録できるのは「契約」の段階です。"
        return _unless(facts.state is State.CONTRACTING, "wrong_state", message)
    message = f"第{draft.wave}期の契約は、第1期の契約のあと、導入・運用の段階で記録します。"
    later = facts.state in (State.INTRODUCTION, State.OPERATION)
    return _unless(later, "later_wave", message)


def _awarded(draft: ContractDraft, facts: SigningFacts) -> list[Blocker]:
    message = "契約の相手方が決まっていません。"
    needed = draft.kind in WITH_VENDOR
    return _unless(not needed or facts.awarded_yen is not None, "no_award", message)


def _basic_first(draft: ContractDraft, facts: SigningFacts) -> list[Blocker]:
    """An individual contract rests on the basic contract, or on the certification."""
    rule = MODEL_RULES[facts.model]
    rests = draft.kind is ContractKind.INDIVIDUAL and rule.overall is not None
    name = rule.overall.label if rule.overall else ""
    message = f"先に、幹事団体が{name}を記録します。"
    return _unless(not rests or facts.overall_signed, "overall_first", message)


def _something_to_choose(draft: ContractDraft, facts: SigningFacts) -> list[Blocker]:
    """Every certification was withdrawn: nobody contracts until another product is certified."""
    rule = MODEL_RULES[facts.model]
    if not rule.in_operation or draft.kind is not rule.per_body or not facts.certified:
        return []
    message = "認定されている推奨製品がありません。幹事団体が次の製品を認定すると契約できます。"
    offered = any(each.is_offered(facts.today) for each in facts.certified)
    return _unless(offered, "none_offered", message)


def _all_votes_first(draft: ContractDraft, facts: SigningFacts) -> list[Blocker]:
    """鳥取: the delegate contracts once every body's rules are voted."""
    if not _is_delegates(draft, facts):
        return []
    missing = "、".join(name for name, vote in facts.votes.items() if vote is None)
    message = f"{missing}の事務委託の規約（議決日）が記録されていません。"
    return _unless(not missing, "votes_missing", message)


def _requoted(draft: ContractDraft, facts: SigningFacts) -> list[Blocker]:
    """群馬: a body answers its own re-quote."""
    needed = MODEL_RULES[facts.model].requote_first and draft.kind is ContractKind.INDIVIDUAL
    message = "この団体への再見積が、まだ事業者から出ていません。"
    return _unless(not needed or facts.requote_yen is not None, "no_requote", message)


def _after_last_vote(draft: ContractDraft, facts: SigningFacts) -> list[Blocker]:
    votes = [vote for vote in facts.votes.values() if vote is not None]
    if not _is_delegates(draft, facts) or not votes:
        return []
    last = max(votes)
    message = f"最後の議決日（{last:%Y-%m-%d}）より前の日付では契約できません。"
    return _unless(draft.signed_on >= last, "before_vote", message, "signed_on")


def _is_delegates(draft: ContractDraft, facts: SigningFacts) -> bool:
    return MODEL_RULES[facts.model].vote_first and draft.kind is ContractKind.REPRESENTATIVE


def _final_shares_stand(draft: ContractDraft, facts: SigningFacts) -> list[Blocker]:
    """What is bought follows from the award (§3): the final version is fixed and agreed first.

    Rules of a delegation come before it: an assembly votes them without an amount. A basic
    contract names no amount either, so it does not wait for consents.
    """
    first = facts.state is State.CONTRACTING and not facts.renewed
    if not first or draft.kind not in FOLLOWS_SHARES:
        return []
    if facts.final_due:
        message = (
            "決定した金額による最終の負担案がまだ確定していません。"
            "幹事団体が「負担案」のページで確定してから、契約を記録します。"
        )
        return [Blocker(code="final_version", message=message)]
    waiting = "、".join(facts.not_agreed.values())
    message = (
        f"最終の負担案に、{waiting}がまだ同意していません。"
        "「同意」のページで同意するか、合意した条件で離脱してから、契約を記録します。"
        "期限と催促2回を過ぎた団体は、幹事団体が期限切れにできます。"
    )
    waits = draft.kind is not ContractKind.BASIC
    return _unless(not waits or not waiting, "consent_missing", message)


def _own_vote(draft: ContractDraft, facts: SigningFacts) -> list[Blocker]:
    if draft.kind is not ContractKind.DELEGATION:
        return []
    if draft.vote_on is None:
        message = "事務委託の規約の議決日を入力してください。"
        return [Blocker(code="vote", message=message, field="vote_on")]
    message = "規約の日付は、議決日より前にできません。"
    return _unless(draft.signed_on >= draft.vote_on, "vote", message, "signed_on")


def _membership_named(draft: ContractDraft, facts: SigningFacts) -> list[Blocker]:
    """山梨: member and non-member are charged on different papers."""
    if not MODEL_RULES[facts.model].membership or draft.kind is not ContractKind.CONTRIBUTION:
        return []
    message = "組合などの構成団体かどうかを選んでください。"
    blockers = _unless(draft.membership is not None, "membership", message, "membership")
    by_agreement = draft.membership is Membership.OTHER
    message = "構成団体以外は協定によります。協定の番号を入力してください。"
    return blockers + _unless(
        not by_agreement or bool(draft.number), "agreement_number", message, "number"
    )


def _amount(draft: ContractDraft, facts: SigningFacts) -> list[Blocker]:
    if draft.kind in WITHOUT_AMOUNT:
        message = f"{draft.kind.label}には総額を記録しません。"
        return _unless(draft.amount_yen is None, "no_amount", message, "amount_yen")
    needed = draft.kind in BUYING or draft.kind is ContractKind.CONTRIBUTION
    message = "金額（税抜）を入力してください。"
    return _unless(not needed or bool(draft.amount_yen), "amount", message, "amount_yen")


def _within_award(draft: ContractDraft, facts: SigningFacts) -> list[Blocker]:
    """Σ contracts ≤ award + approved changes; a recommended product has no award amount."""
    rule = MODEL_RULES[facts.model]
    free = rule.in_operation or rule.requote_first or draft.kind not in BUYING
    if free or facts.awarded_yen is None or draft.amount_yen is None:
        return []
    left = facts.awarded_yen - facts.contracted_yen
    message = "契約額の合計が、決定した額（変更を含む、税抜）を超えます。"
    return _unless(draft.amount_yen <= left, "over_award", message, "amount_yen")


def _within_requote(draft: ContractDraft, facts: SigningFacts) -> list[Blocker]:
    needed = MODEL_RULES[facts.model].requote_first and facts.requote_yen is not None
    if not needed or draft.amount_yen is None:
        return []
    message = "契約額は、この団体の再見積の額（税抜）までです。"
    within = draft.amount_yen <= (facts.requote_yen or 0)
    return _unless(within, "over_requote", message, "amount_yen")


def _days(draft: ContractDraft, facts: SigningFacts) -> list[Blocker]:
    message = "契約日は今日までの日付にしてください。"
    blockers = _unless(draft.signed_on <= facts.today, "future", message, "signed_on")
    if draft.starts_on is None or draft.ends_on is None:
        if draft.kind in (ContractKind.DELEGATION, ContractKind.CONTRIBUTION):
            return blockers
        message = "期間のはじめと終わりを入力してください。"
        name = "ends_on" if draft.starts_on else "starts_on"
        return [*blockers, Blocker(code="period", message=message, field=name)]
    message = "期間の終わりを、はじめより後にしてください。"
    return blockers + _unless(draft.ends_on > draft.starts_on, "period", message, "ends_on")


def _council_names_a_member(draft: ContractDraft, facts: SigningFacts) -> list[Blocker]:
    needed = facts.council and draft.kind in WITH_VENDOR
    message = "協議会は法人ではありません。契約の名義人となる構成団体の長を入力してください。"
    return _unless(not needed or bool(draft.signatory), "signatory", message, "signatory")


def _clause(draft: ContractDraft, facts: SigningFacts) -> list[Blocker]:
    if facts.method not in DISCRETIONARY or draft.kind not in BUYING:
        return []
    message = "随意契約の根拠条項を入力してください。"
    blockers = _unless(bool(draft.clause), "clause", message, "clause")
    message = "随意契約とする理由を入力してください。"
    return blockers + _unless(bool(draft.reason), "direct_reason", message, "reason")


def _guarantee(draft: ContractDraft, facts: SigningFacts) -> list[Blocker]:
    if draft.kind not in BUYING:
        return []
    message = "契約保証金の扱いを選んでください。"
    blockers = _unless(draft.guarantee is not None, "guarantee", message, "guarantee")
    exempt = draft.guarantee is Guarantee.EXEMPT
    message = "免除の根拠を入力してください。"
    stated = not exempt or bool(draft.guarantee_note)
    return blockers + _unless(stated, "guarantee_note", message, "guarantee_note")


def _qualified(draft: ContractDraft, facts: SigningFacts) -> list[Blocker]:
    """入札参加資格 of the vendor with this buyer, on the day of the contract."""
    if draft.kind not in BUYING:
        return []
    until = facts.qualified_until
    if until is None:
        message = "この事業者の入札参加資格を、先に記録してください。"
        return [Blocker(code="qualification", message=message)]
    message = f"事業者の入札参加資格の期限（{until:%Y-%m-%d}）が契約日の前に切れています。"
    return _unless(until >= draft.signed_on, "qualification", message, "signed_on")


def _one_of_the_selected(draft: ContractDraft, facts: SigningFacts) -> list[Blocker]:
    """What is certified: a product of a vendor that was selected, each product once."""
    if draft.kind is not ContractKind.CERTIFICATION:
        return []
    message = "認定する事業者を、選定された事業者から選んでください。"
    blockers = _unless(draft.vendor_id in facts.candidates, "vendor", message, "vendor_id")
    message = "認定する製品の名前を入力してください。"
    blockers += _unless(bool(draft.product.strip()), "product", message, "product")
    twice = (draft.vendor_id, draft.product.strip()) in {
        (each.vendor_id, each.product) for each in facts.certified if each.withdrawn_on is None
    }
    message = "この製品は、すでに認定しています。"
    return blockers + _unless(not twice, "certified", message, "product")


def _chosen_product(draft: ContractDraft, facts: SigningFacts) -> list[Blocker]:
    """A body contracts with one certified product, and begins while the certification lasts."""
    rule = MODEL_RULES[facts.model]
    if not rule.in_operation or draft.kind is not rule.per_body:
        return []
    chosen = next((each for each in facts.certified if each.id == draft.certification_id), None)
    if chosen is None:
        message = "契約する推奨製品を選んでください。"
        return [Blocker(code="certification", message=message, field="certification_id")]
    if chosen.withdrawn_on is not None and draft.signed_on > chosen.withdrawn_on:
        message = (
            f"この製品の認定は{chosen.withdrawn_on:%Y-%m-%d}で取り消されました。"
            "その後の日付では契約できません。ほかの推奨製品を選んでください。"
        )
        return [Blocker(code="withdrawn", message=message, field="certification_id")]
    if draft.starts_on is None or chosen.starts_on is None or chosen.ends_on is None:
        return []
    message = (
        f"この製品の認定の期間（{chosen.starts_on:%Y-%m-%d}から{chosen.ends_on:%Y-%m-%d}まで）に"
        "始まる契約にしてください。"
    )
    during = chosen.starts_on <= draft.starts_on <= chosen.ends_on
    return _unless(during, "outside_certification", message, "starts_on")


_STAGE: tuple[Check, ...] = (
    _once,
    _in_its_stage,
    _awarded,
    _basic_first,
    _something_to_choose,
    _all_votes_first,
    _requoted,
    _final_shares_stand,
)
_CONTENT: tuple[Check, ...] = (
    _one_of_the_selected,
    _chosen_product,
    _days,
    _own_vote,
    _after_last_vote,
    _membership_named,
    _amount,
    _within_award,
    _within_requote,
    _council_names_a_member,
    _clause,
    _guarantee,
    _qualified,
)
