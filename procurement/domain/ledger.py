"""Sharing a vendor's invoice among those who pay it, by the agreed version (domain §3, §7).

What is shared is the tax-included amount of one month, category and rate; the lines sum to it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from catalog.pricing import Kind, Period
from foundation.clock import months_between
from foundation.errors import Blocker, Refused, refuse
from foundation.labels import LabelledEnum
from foundation.money import with_tax
from procurement.domain.allocation import Cap
from procurement.domain.apportion import split_by_largest_remainder, weights_from
from procurement.domain.billing import Bill, BillKind, Timeline
from procurement.domain.contracts import MODEL_RULES, Invoiced
from procurement.domain.periods import Splitter
from procurement.domain.pricing import CategoryCost, Costs
from procurement.domain.sharing_members import SharingMember
from procurement.domain.states import ContractModel
from procurement.domain.terms import LateJoiner, Payer, SharingTerms

MAX_INVOICE_YEN = 100_000_000_000


class PaymentRoute(LabelledEnum):
    """The way money goes from the bodies to the vendor."""

    INDIVIDUAL = "individual", "各団体が事業者に支払う"
    VIA_LEAD = "via_lead", "幹事団体が集めて支払う"
    VIA_COUNCIL = "via_council", "協議会・組合が集めて支払う"
    VIA_NATIONAL = "via_national", "国が集めて支払う"


# Who leads → how money that one body pays for all is collected. All others: by the lead.
_COLLECTORS = {
    "council": PaymentRoute.VIA_COUNCIL,
    "association": PaymentRoute.VIA_COUNCIL,
    "ministry": PaymentRoute.VIA_NATIONAL,
}


def route_of(model: ContractModel, lead_kind: str) -> PaymentRoute:
    """The contract model says who is invoiced; the lead's kind, who then collects."""
    if MODEL_RULES[model].invoiced is Invoiced.EACH_BODY:
        return PaymentRoute.INDIVIDUAL
    return _COLLECTORS.get(lead_kind, PaymentRoute.VIA_LEAD)


class LinePayer(LabelledEnum):
    """Whose line of an invoice it is."""

    BODY = "body", "団体"
    SHORTFALL = "shortfall", "端数（幹事団体）"
    PREFECTURE = "prefecture", "都道府県負担分"
    GRANT = "grant", "交付金・補助金"


@dataclass(frozen=True, kw_only=True)
class Line:
    """What one payer owes. key: body code, or the name of who bears a part."""

    payer: LinePayer
    key: str
    body_code: str | None
    amount_yen: int


@dataclass(frozen=True, kw_only=True)
class Billed:
    """A vendor's invoice to be shared. period: the first of its month. net_yen: tax-excluded."""

    period: date
    category: Kind
    net_yen: int
    tax_percent: Decimal

    @property
    def amount_yen(self) -> int:
        """Tax-included, rounded once."""
        return with_tax(self.net_yen, self.tax_percent)


@dataclass(frozen=True, kw_only=True)
class Agreed:
    """What the bodies agreed on: terms, members and costs of the version.

    agreed_yen: body → fiscal year → its agreed share, for a version with a cap.
    """

    terms: SharingTerms
    members: Sequence[SharingMember]
    costs: Costs
    agreed_yen: Mapping[str, Mapping[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Before:
    """What was invoiced before, without what was reversed, tax-included.

    parts_yen: label of a part → what it has borne. initial_yen: body → initial cost it owed.
    """

    parts_yen: Mapping[str, int] = field(default_factory=dict)
    initial_yen: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class SharedInvoice:
    """The lines and how they came about, in words for the page."""

    lines: tuple[Line, ...]
    rule: str
    by_usage: bool


def share_invoice(
    agreed: Agreed, billed: Billed, before: Before, usage: Mapping[str, int]
) -> SharedInvoice:
    """Parts off first, then the category's rule among the bodies active in the month.

    usage: body → quantity used in the month; it measures 実費 where every payer has one.
    Raises Refused: outside the term, nobody who pays, a shortfall without a lead.
    """
    month = months_between(agreed.terms.term_start, billed.period)
    if not 0 <= month < agreed.terms.term_months:
        raise refuse("outside_term", "負担案の期間の外の月です。", "period")
    timeline = Timeline(terms=agreed.terms, members=agreed.members, costs=agreed.costs)
    parts = _parts(agreed.terms, billed, before)
    part_yen = sum(line.amount_yen for line in parts)
    bill = _bill(timeline, billed, month, usage)
    by_usage = (
        bool(usage)
        and bill.reason is not BillKind.AFTER_LEAVING
        and bill.cost.own == _own_of(usage, bill.sharers)
    )
    if agreed.terms.cap is Cap.STANDALONE:
        shares = _by_agreed_shares(agreed, bill, billed.amount_yen - part_yen)
        rule, missing_yen = "単独額上限のある負担案の、その年度の負担額の割合", 0
    else:
        splitter = Splitter(timeline=timeline)
        splitter.remember_paid(before.initial_yen)
        split = splitter.split(bill, part_yen)
        shares, missing_yen = dict(split.shares_yen), split.shortfall_yen
        rule = splitter.rule_of(bill).label
    lines = [
        Line(payer=LinePayer.BODY, key=code, body_code=code, amount_yen=shares[code])
        for code in sorted(shares)
    ]
    lines += _shortfall(agreed.terms, missing_yen)
    return SharedInvoice(lines=(*lines, *parts), rule=rule, by_usage=by_usage)


def _bill(timeline: Timeline, billed: Billed, month: int, usage: Mapping[str, int]) -> Bill:
    active = timeline.active(month)
    sharers = timeline.payers(billed.category, active)
    reason, newcomers = BillKind.PLAIN, frozenset[str]()
    opening = min((s.first for s in timeline.stays.values() if s.months), default=0)
    late = timeline.joiners(month) if month != opening else frozenset[str]()
    period = Period.ONCE if billed.category is Kind.INITIAL else Period.MONTH
    if billed.category is Kind.INITIAL and late:
        reason, sharers = _late(timeline.terms.late_joiner, sharers, late)
        newcomers = late
    after_leaving = _after_leaving(timeline, billed, month, active)
    if after_leaving and sharers:
        return after_leaving
    own = _own_of(usage, sharers) or timeline.cost(billed.category, period, active).own
    return Bill(
        month=month,
        fiscal_year=timeline.fiscal_year(month),
        kind=billed.category,
        period=period,
        reason=reason,
        sharers=sharers,
        cost=CategoryCost(net_yen={billed.tax_percent: billed.net_yen}, own=own),
        newcomers=newcomers,
    )


def _after_leaving(
    timeline: Timeline, billed: Billed, month: int, active: frozenset[str]
) -> Bill | None:
    """A bill of which bodies that have left owe the difference; None where none does.

    What the vendor would ask for had nobody left is told by the agreed costs: the invoice in
    the proportion of theirs with and without those who left.
    """
    left = timeline.leavers(month) - active
    leavers = timeline.payers(billed.category, left)
    if billed.category is Kind.INITIAL or not leavers:
        return None
    for period in (Period.MONTH, Period.YEAR):
        staying = timeline.cost(billed.category, period, active)
        whole = timeline.cost(billed.category, period, active | left)
        if staying.total_net_yen and whole.total_net_yen:
            rise = Fraction(whole.total_net_yen, staying.total_net_yen)
            net = {billed.tax_percent: int(billed.net_yen * rise)}
            return Bill(
                month=month,
                fiscal_year=timeline.fiscal_year(month),
                kind=billed.category,
                period=period,
                reason=BillKind.AFTER_LEAVING,
                sharers=timeline.payers(billed.category, active),
                cost=CategoryCost(net_yen={billed.tax_percent: billed.net_yen}, own=staying.own),
                leavers=leavers,
                whole_cost=CategoryCost(net_yen=net, own=whole.own),
            )
    return None


def _late(
    terms: LateJoiner, staying: frozenset[str], late: frozenset[str]
) -> tuple[BillKind, frozenset[str]]:
    """Who carries the initial cost of bodies that join later, as in billing._late_bill."""
    return {
        LateJoiner.NOTHING: (BillKind.LATE_OTHERS, staying - late or staying),
        LateJoiner.OWN_SETUP: (BillKind.LATE_OWN, staying & late or staying),
        LateJoiner.SHARE_WITH_CREDIT: (BillKind.LATE_SETTLED, staying),
    }[terms]


def _own_of(usage: Mapping[str, int], sharers: frozenset[str]) -> dict[str, Fraction | int]:
    """What was used, if it is known of everybody who pays and of somebody more than nothing."""
    known = {code: usage[code] for code in sorted(sharers) if code in usage}
    return dict(known) if len(known) == len(sharers) and any(known.values()) else {}


def _by_agreed_shares(agreed: Agreed, bill: Bill, shared_yen: int) -> dict[str, int]:
    bases = {
        code: Fraction(max(agreed.agreed_yen.get(code, {}).get(bill.fiscal_year, 0), 0))
        for code in sorted(bill.sharers)
    }
    if not any(bases.values()):
        raise refuse("nobody_pays", f"{bill.kind.label}を負担する団体がありません。")
    portions = split_by_largest_remainder(shared_yen, weights_from(bases))
    return {code: portion.share_yen for code, portion in portions.items()}


def _parts(terms: SharingTerms, billed: Billed, before: Before) -> list[Line]:
    """What prefecture and grants bear, one after the other, never more than is left."""
    left_yen, lines = billed.amount_yen, []
    for declared in terms.parts:
        if billed.category not in declared.categories:
            continue
        share = int(Fraction(declared.part.percent) * billed.amount_yen / 100)
        pool = max(declared.part.amount_yen - before.parts_yen.get(declared.label, 0), 0)
        taken = min(left_yen, share + pool)
        left_yen -= taken
        if taken:
            prefecture = declared.payer is Payer.PREFECTURE
            payer = LinePayer.PREFECTURE if prefecture else LinePayer.GRANT
            lines.append(Line(payer=payer, key=declared.label, body_code=None, amount_yen=taken))
    return lines


def _shortfall(terms: SharingTerms, missing_yen: int) -> list[Line]:
    if not missing_yen:
        return []
    if terms.lead_code is None:
        raise Refused([Blocker(code="shortfall", message="端数を負担する団体が決まっていません。")])
    code = terms.lead_code
    return [Line(payer=LinePayer.SHORTFALL, key=code, body_code=code, amount_yen=missing_yen)]


def reversed_lines(lines: Sequence[Line]) -> tuple[Line, ...]:
    """The same lines taken back."""
    return tuple(replace(line, amount_yen=-line.amount_yen) for line in lines)


@dataclass(frozen=True, kw_only=True)
class Intake:
    """Money that came in, cut at what is owed. Both in yen, not negative."""

    receipt_yen: int
    overpayment_yen: int


def take_in(amount_yen: int, owed_yen: int, received_yen: int) -> Intake:
    """Up to what is still owed it is a receipt; what is over is 過納."""
    open_yen = max(owed_yen - received_yen, 0)
    receipt_yen = min(amount_yen, open_yen)
    return Intake(receipt_yen=receipt_yen, overpayment_yen=amount_yen - receipt_yen)


def days_late(due_on: date, today: date) -> int:
    """Days in arrears: 0 on the due day and before."""
    return max((today - due_on).days, 0)


# Below four fifths of the contract for three months running, less may be enough.
STEP_DOWN_BELOW = Fraction(4, 5)
STEP_DOWN_MONTHS = 3


def suggest_quantity(contracted: int, used: Sequence[int]) -> int | None:
    """The quantity that would have been enough, newest months first; None: as it is.

    Never a rule: the highest of the last three months, where all stay below four fifths.
    """
    recent = used[:STEP_DOWN_MONTHS]
    if len(recent) < STEP_DOWN_MONTHS or not contracted:
        return None
    highest = max(recent)
    return highest if Fraction(highest, contracted) < STEP_DOWN_BELOW else None
