"""Which contracts a model asks for, who is invoiced, and what keeps one from being signed."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from procurement.domain.contracts import (
    MODEL_RULES,
    ContractKind,
    Guarantee,
    Membership,
    Party,
    list_expected,
    list_invoiced,
)
from procurement.domain.signing import (
    Certified,
    ContractDraft,
    SigningFacts,
    list_signing_blockers,
    list_stage_blockers,
)
from procurement.domain.states import ContractModel, ProcurementMethod, State

TODAY = date(2026, 11, 20)
PARTIES = (
    Party(code="000003", name="三町", wave=2),
    Party(code="000002", name="二町"),
    Party(code="000001", name="一市"),
)
GOOD = ContractDraft(
    kind=ContractKind.INDIVIDUAL,
    number="1",
    signed_on=TODAY,
    starts_on=date(2027, 4, 1),
    ends_on=date(2029, 3, 31),
    amount_yen=100,
    tax_percent=Decimal(10),
    guarantee=Guarantee.PAID,
)
DAY = timedelta(days=1)
CERTIFIED = Certified(
    id=1,
    vendor_id=1,
    product="架空チャット",
    starts_on=date(2027, 4, 1),
    ends_on=date(2032, 3, 31),
)


def facts(model: ContractModel, **more: object) -> SigningFacts:
    values: dict[str, object] = {
        "model": model,
        "state": State.CONTRACTING,
        "method": ProcurementMethod.OPEN_BIDDING,
        "today": TODAY,
        "overall_signed": True,
        "awarded_yen": 1_000,
        "qualified_until": TODAY,
    }
    return SigningFacts(**(values | more))  # type: ignore[arg-type]


def codes(draft: ContractDraft, around: SigningFacts) -> list[str]:
    return [blocker.code for blocker in list_signing_blockers(draft, around)]


@pytest.mark.parametrize(
    ("model", "expected", "invoiced"),
    [
        (
            ContractModel.BASIC_AND_INDIVIDUAL,
            [("basic", ""), ("individual", "000001"), ("individual", "000002")],
            ("一市", "三町", "二町"),
        ),
        (
            ContractModel.SELECTION_AND_REQUOTE,
            [("individual", "000001"), ("individual", "000002")],
            ("一市", "三町", "二町"),
        ),
        (
            ContractModel.DELEGATION,
            [("representative", ""), ("delegation", "000001"), ("delegation", "000002")],
            ("県",),
        ),
        (
            ContractModel.INTERMEDIARY,
            [("representative", ""), ("contribution", "000001"), ("contribution", "000002")],
            ("県",),
        ),
        (ContractModel.RECOMMENDED_PRODUCT, [("certification", "")], ("一市", "三町", "二町")),
    ],
)
def test_each_model_asks_for_its_own_documents(model, expected, invoiced) -> None:
    assert [(e.kind.value, e.code) for e in list_expected(model, PARTIES)] == expected
    assert sorted(list_invoiced(model, PARTIES, "県")) == sorted(invoiced)


def test_a_later_wave_owes_only_its_own_documents() -> None:
    wave = list_expected(ContractModel.BASIC_AND_INDIVIDUAL, PARTIES, wave=2)
    assert [(e.kind.value, e.code) for e in wave] == [("individual", "000003")]


def test_a_body_that_refused_owes_nothing_and_is_not_invoiced() -> None:
    refused = (replace(PARTIES[1], refused=True), PARTIES[2])
    model = ContractModel.SELECTION_AND_REQUOTE
    assert [e.code for e in list_expected(model, refused)] == ["000001"]
    assert list_invoiced(model, refused, "県") == ("一市",)


def test_the_row_of_every_model_is_there() -> None:
    assert set(MODEL_RULES) == set(ContractModel)


def test_a_good_contract_is_signed() -> None:
    assert codes(GOOD, facts(ContractModel.BASIC_AND_INDIVIDUAL)) == []


@pytest.mark.parametrize(
    ("change", "around", "code"),
    [
        ({}, {"overall_signed": False}, "overall_first"),
        ({}, {"awarded_yen": None}, "no_award"),
        ({}, {"signed": True}, "signed"),
        ({}, {"state": State.EVALUATION}, "wrong_state"),
        ({"wave": 2}, {}, "later_wave"),
        ({"amount_yen": 1_001}, {}, "over_award"),
        ({"amount_yen": 101}, {"contracted_yen": 900}, "over_award"),
        ({"amount_yen": None}, {}, "amount"),
        ({"signed_on": date(2026, 11, 21)}, {"qualified_until": date(2030, 1, 1)}, "future"),
        ({"ends_on": None}, {}, "period"),
        ({"ends_on": date(2027, 4, 1)}, {}, "period"),
        ({}, {"council": True}, "signatory"),
        ({"guarantee": None}, {}, "guarantee"),
        ({"guarantee": Guarantee.EXEMPT}, {}, "guarantee_note"),
        ({}, {"qualified_until": None}, "qualification"),
        ({}, {"qualified_until": date(2026, 11, 19)}, "qualification"),
    ],
)
def test_what_is_missing_keeps_it_from_being_signed(change, around, code) -> None:
    draft = replace(GOOD, **change)
    assert codes(draft, facts(ContractModel.BASIC_AND_INDIVIDUAL, **around)) == [code]


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (ProcurementMethod.OPEN_BIDDING, []),
        (ProcurementMethod.COMPREHENSIVE_EVALUATION, []),
        (ProcurementMethod.OPEN_PROPOSAL, ["clause", "direct_reason"]),
        (ProcurementMethod.NEGOTIATED_CONTRACT, ["clause", "direct_reason"]),
    ],
)
def test_a_discretionary_contract_names_clause_and_reason(method, expected) -> None:
    around = facts(ContractModel.BASIC_AND_INDIVIDUAL, method=method)
    assert codes(GOOD, around) == expected


def test_the_delegate_waits_for_the_last_assembly() -> None:
    """鳥取: no contract before the last vote, nor while one is missing."""
    draft = replace(GOOD, kind=ContractKind.REPRESENTATIVE)
    votes = {"一市": date(2026, 10, 1), "二町": TODAY}
    assert codes(draft, facts(ContractModel.DELEGATION, votes=votes)) == []
    early = replace(draft, signed_on=date(2026, 11, 19))
    assert codes(early, facts(ContractModel.DELEGATION, votes=votes)) == ["before_vote"]
    missing = facts(ContractModel.DELEGATION, votes=votes | {"二町": None})
    assert codes(draft, missing) == ["votes_missing"]
    assert codes(early, facts(ContractModel.INTERMEDIARY, votes={})) == []


def test_rules_of_delegation_carry_the_vote() -> None:
    draft = ContractDraft(kind=ContractKind.DELEGATION, signed_on=TODAY)
    around = facts(ContractModel.DELEGATION, awarded_yen=None)
    assert codes(draft, around) == ["vote"]
    assert codes(replace(draft, vote_on=date(2026, 11, 21)), around) == ["vote"]
    assert codes(replace(draft, vote_on=TODAY), around) == []


def test_a_body_answers_its_own_requote() -> None:
    """群馬: no re-quote, no contract; and never above it."""
    model = ContractModel.SELECTION_AND_REQUOTE
    assert codes(GOOD, facts(model)) == ["no_requote"]
    assert codes(GOOD, facts(model, requote_yen=99)) == ["over_requote"]
    # The award's sum says nothing here: each body has its own price.
    assert codes(GOOD, facts(model, requote_yen=100, awarded_yen=1)) == []
    assert codes(GOOD, facts(model, requote_yen=100, refused=True)) == ["refused"]


def test_members_and_others_are_charged_on_different_papers() -> None:
    """山梨: the member by special contribution, others by an agreement with a number."""
    draft = ContractDraft(kind=ContractKind.CONTRIBUTION, signed_on=TODAY, amount_yen=100)
    around = facts(ContractModel.INTERMEDIARY)
    assert codes(draft, around) == ["membership"]
    assert codes(replace(draft, membership=Membership.MEMBER), around) == []
    other = replace(draft, membership=Membership.OTHER)
    assert codes(other, around) == ["agreement_number"]
    assert codes(replace(other, number="協定第1号"), around) == []


def test_a_recommended_product_has_no_award_amount_and_is_bought_in_operation() -> None:
    """福岡: the certification names a term and no amount; cities contract when they like."""
    model = ContractModel.RECOMMENDED_PRODUCT
    selected = facts(model, candidates=frozenset({1, 2}))
    certified = replace(
        GOOD, kind=ContractKind.CERTIFICATION, guarantee=None, vendor_id=1, product="架空チャット"
    )
    assert codes(certified, selected) == ["no_amount"]
    certified = replace(certified, amount_yen=None)
    assert codes(certified, selected) == []
    assert codes(replace(certified, vendor_id=3), selected) == ["vendor"]
    assert codes(replace(certified, product=" "), selected) == ["product"]
    products = replace(selected, certified=(CERTIFIED,), signed=True)
    assert codes(certified, products) == ["certified"]
    # Another product, of the same vendor or another, later on too.
    assert codes(replace(certified, product="架空会議"), products) == []
    assert codes(replace(certified, vendor_id=2), replace(products, state=State.OPERATION)) == []
    chosen = replace(GOOD, amount_yen=1_000_000, certification_id=CERTIFIED.id)
    around = facts(model, certified=(CERTIFIED,))
    assert codes(chosen, around) == ["not_in_operation"]
    assert codes(chosen, replace(around, state=State.OPERATION)) == []


def test_a_body_chooses_a_certified_product_while_its_certification_lasts() -> None:
    model, begins = ContractModel.RECOMMENDED_PRODUCT, GOOD.starts_on
    around = facts(model, certified=(CERTIFIED,), state=State.OPERATION)
    chosen = replace(GOOD, certification_id=CERTIFIED.id)
    assert codes(replace(chosen, certification_id=None), around) == ["certification"]
    assert codes(replace(chosen, certification_id=2), around) == ["certification"]
    for change, expected in (
        ({"starts_on": begins + DAY}, ["outside_certification"]),
        ({"starts_on": begins, "ends_on": begins}, []),
        ({"ends_on": begins - DAY}, ["outside_certification"]),
    ):
        lasting = replace(CERTIFIED, **change)
        assert codes(chosen, replace(around, certified=(lasting,))) == expected, change


@pytest.mark.parametrize(
    ("model", "kind", "waits"),
    [
        (ContractModel.BASIC_AND_INDIVIDUAL, ContractKind.BASIC, ["final_version"]),
        (ContractModel.BASIC_AND_INDIVIDUAL, ContractKind.INDIVIDUAL, ["final_version"]),
        (ContractModel.SELECTION_AND_REQUOTE, ContractKind.INDIVIDUAL, ["final_version"]),
        (ContractModel.DELEGATION, ContractKind.DELEGATION, []),
        (ContractModel.DELEGATION, ContractKind.REPRESENTATIVE, ["final_version"]),
        (ContractModel.INTERMEDIARY, ContractKind.REPRESENTATIVE, ["final_version"]),
        (ContractModel.INTERMEDIARY, ContractKind.CONTRIBUTION, ["final_version"]),
    ],
)
def test_what_is_bought_waits_for_the_final_shares(model, kind, waits) -> None:
    around = facts(model, requote_yen=100, final_due=True)
    assert [each.code for each in list_stage_blockers(kind, 1, around)] == waits
    later = facts(model, requote_yen=100, final_due=True, state=State.INTRODUCTION)
    codes_later = [each.code for each in list_stage_blockers(kind, 2, later)]
    assert "final_version" not in codes_later
    silent = facts(model, requote_yen=100, not_agreed={"011002": "一市"})
    said = list_stage_blockers(kind, 1, silent)
    asked = [] if kind is ContractKind.BASIC or not waits else ["consent_missing"]
    assert [each.code for each in said] == asked
    assert all("一市" in each.message for each in said)
