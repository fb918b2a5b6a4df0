"""Contracts by model (domain §4): who signs what with whom, who is invoiced, and when not yet.

The model's row of MODEL_RULES says which documents there are; `list_signing_blockers` says why
one of them cannot be signed now.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from foundation.labels import LabelledEnum
from procurement.domain.states import ContractModel, ProcurementMethod


class ContractKind(LabelledEnum):
    """What kind of document it is."""

    BASIC = "basic", "基本契約"
    INDIVIDUAL = "individual", "個別契約"
    REPRESENTATIVE = "representative", "代表契約"
    CERTIFICATION = "certification", "推奨製品の認定"
    DELEGATION = "delegation", "事務委託の規約"
    CONTRIBUTION = "contribution", "負担の取決め"


class Membership(LabelledEnum):
    """What a body is to the association, and so how it is charged."""

    MEMBER = "member", "構成団体（特別負担金）"
    OTHER = "other", "構成団体以外（協定による負担金）"


# What the invoice to each is called.
CHARGES: Mapping[Membership, str] = {
    Membership.MEMBER: "特別負担金",
    Membership.OTHER: "協定による負担金",
}


class Guarantee(LabelledEnum):
    """契約保証金: how it is settled."""

    PAID = "paid", "納付"
    INSURED = "insured", "履行保証保険など"
    EXEMPT = "exempt", "免除"


class Invoiced(LabelledEnum):
    """Who gets the vendor's invoice."""

    EACH_BODY = "each_body", "各団体"
    LEAD = "lead", "代表して契約する団体（各団体には負担金として請求します）"


@dataclass(frozen=True, kw_only=True)
class ModelRule:
    """One row of the table of domain §4.

    overall: the document made once for all, None where there is none. vote_first, requote_first,
    membership, in_operation: the guard that fires for this model only.
    """

    overall: ContractKind | None
    per_body: ContractKind
    invoiced: Invoiced
    vote_first: bool = False
    requote_first: bool = False
    membership: bool = False
    in_operation: bool = False

    @property
    def names_amount(self) -> bool:
        """Whether an amount is awarded: a recommended product is certified without one."""
        return not self.in_operation


MODEL_RULES: Mapping[ContractModel, ModelRule] = {
    ContractModel.BASIC_AND_INDIVIDUAL: ModelRule(
        overall=ContractKind.BASIC,
        per_body=ContractKind.INDIVIDUAL,
        invoiced=Invoiced.EACH_BODY,
    ),
    ContractModel.SELECTION_AND_REQUOTE: ModelRule(
        overall=None,
        per_body=ContractKind.INDIVIDUAL,
        invoiced=Invoiced.EACH_BODY,
        requote_first=True,
    ),
    ContractModel.DELEGATION: ModelRule(
        overall=ContractKind.REPRESENTATIVE,
        per_body=ContractKind.DELEGATION,
        invoiced=Invoiced.LEAD,
        vote_first=True,
    ),
    ContractModel.INTERMEDIARY: ModelRule(
        overall=ContractKind.REPRESENTATIVE,
        per_body=ContractKind.CONTRIBUTION,
        invoiced=Invoiced.LEAD,
        membership=True,
    ),
    ContractModel.RECOMMENDED_PRODUCT: ModelRule(
        overall=ContractKind.CERTIFICATION,
        per_body=ContractKind.INDIVIDUAL,
        invoiced=Invoiced.EACH_BODY,
        in_operation=True,
    ),
}
# Documents the vendor is a party to; the others are between a body and the lead.
WITH_VENDOR = frozenset(
    {
        ContractKind.BASIC,
        ContractKind.INDIVIDUAL,
        ContractKind.REPRESENTATIVE,
        ContractKind.CERTIFICATION,
    }
)
# Documents that buy: an amount, a qualification, a guarantee, a clause.
BUYING = frozenset({ContractKind.INDIVIDUAL, ContractKind.REPRESENTATIVE})
# Documents that rest on the final shares. A certification names no amount.
FOLLOWS_SHARES = frozenset(
    {
        ContractKind.BASIC,
        ContractKind.INDIVIDUAL,
        ContractKind.REPRESENTATIVE,
        ContractKind.CONTRIBUTION,
    }
)
# Documents that name no amount: unit prices or a term only.
WITHOUT_AMOUNT = frozenset({ContractKind.BASIC, ContractKind.CERTIFICATION})
# Methods after which the contract is a discretionary one (随意契約): its clause is recorded.
DISCRETIONARY = frozenset(
    {
        ProcurementMethod.OPEN_PROPOSAL,
        ProcurementMethod.QUOTE_COMPARISON,
        ProcurementMethod.NEGOTIATED_CONTRACT,
    }
)


@dataclass(frozen=True, kw_only=True)
class Party:
    """A body of the project as the contracts see it. refused: after its re-quote."""

    code: str
    name: str
    wave: int = 1
    refused: bool = False


@dataclass(frozen=True, kw_only=True)
class Expected:
    """A document the model asks for. code: the body's, '' for the one made for all."""

    kind: ContractKind
    wave: int
    code: str = ""
    name: str = ""


def list_expected(
    model: ContractModel, parties: Sequence[Party], wave: int = 1
) -> tuple[Expected, ...]:
    """The documents of a wave: the one for all (with the first), then one per body by code.

    Bodies that refused after their re-quote owe none; under a recommended product none is owed
    at all: bodies contract when they like, in operation.
    """
    rule = MODEL_RULES[model]
    overall = [Expected(kind=rule.overall, wave=1)] if rule.overall and wave == 1 else []
    if rule.in_operation:
        return tuple(overall)
    bodies = sorted((p for p in parties if p.wave == wave and not p.refused), key=lambda p: p.code)
    return (
        *overall,
        *(Expected(kind=rule.per_body, wave=wave, code=p.code, name=p.name) for p in bodies),
    )


def list_invoiced(model: ContractModel, parties: Sequence[Party], lead: str) -> tuple[str, ...]:
    """Names of those the vendor invoices: each body that contracts, or the lead alone."""
    if MODEL_RULES[model].invoiced is Invoiced.LEAD:
        return (lead,)
    bodies = sorted((p for p in parties if not p.refused), key=lambda p: p.code)
    return tuple(party.name for party in bodies)
