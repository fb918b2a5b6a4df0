"""The contracts of a project in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from foundation.filters import era_date, yen
from procurement.domain.contracts import (
    MODEL_RULES,
    ContractKind,
    Guarantee,
    Membership,
    Party,
    list_expected,
    list_invoiced,
)
from procurement.domain.signing import Certified
from procurement.domain.states import CONTRACT_MODEL_NOTES, ContractModel, State
from procurement.domain.unit_prices import price_words
from procurement.models import Project
from procurement.queries.contract_prices import OwnPriceRow
from procurement.queries.contracts import ContractRow
from procurement.queries.signing_facts import Around
from procurement.services.ledger_access import LEDGER_STATES


@dataclass(frozen=True, kw_only=True)
class ContractLine:
    """A signed document in words. details: what its parties and the lead read besides."""

    kind: str
    parties: str
    number: str
    signed: str
    period: str
    amount: str
    details: tuple[str, ...]
    own: bool


def contract_lines(
    rows: Sequence[ContractRow], lead: str, prices: Mapping[int, Sequence[OwnPriceRow]]
) -> list[ContractLine]:
    """In the order of waves and bodies. lead: name of the lead body. prices: by contract."""
    return [
        ContractLine(
            kind=_kind(row),
            parties=f"{row.buyer_name} と {row.vendor_name or lead}",
            number=row.number or "—",
            signed=era_date(row.signed_on),
            period=_period(row),
            amount=_amount(row),
            details=(
                *_ending(row),
                *(_own_price(each, row) for each in prices.get(row.id, ())),
                *(_details(row) if row.private else []),
            ),
            own=row.own,
        )
        for row in rows
    ]


def _own_price(price: OwnPriceRow, row: ContractRow) -> str:
    """「この契約の単価：文字起こし 11円（決定した単価 12.5円）」; the reason for its parties."""
    awarded = f"決定した単価 {price_words(price.awarded_price)}円"
    reason = f"、理由：{price.reason}" if row.private else ""
    words = f"{price.item} {price_words(price.unit_price)}円（{awarded}{reason}）"
    return f"この契約の単価：{words}"


def _kind(row: ContractRow) -> str:
    """「個別契約（第2期）」、「推奨製品の認定：架空チャット」."""
    wave = f"（第{row.wave}期）" if row.wave > 1 else ""
    return f"{row.kind.label}{wave}：{row.product}" if row.product else f"{row.kind.label}{wave}"


def choices(around: Around, kind: ContractKind) -> dict[str, list[tuple[str, str]]]:
    """What the document's form lets one choose: a selected vendor, or a certified product."""
    if not around.certifies:
        return {}
    names = {each.vendor_id: each.vendor_name for each in around.candidates}
    if kind is ContractKind.CERTIFICATION:
        return {"vendor_id": [(str(id_), name) for id_, name in names.items()]}
    return {
        "certification_id": [
            (str(each.id), _offered_name(each, names[each.vendor_id]))
            for each in around.certified
            if each.vendor_id in names
        ]
    }


def _period(row: ContractRow) -> str:
    if row.starts_on is None or row.ends_on is None:
        return "—"
    if row.changed_end and row.changed_end < row.starts_on:
        return f"始まる前の{era_date(row.changed_end)}で認定取消"
    until = f"{era_date(row.starts_on)}から{era_date(row.changed_end or row.ends_on)}まで"
    if row.ended:
        withdrawn = row.kind is ContractKind.CERTIFICATION
        ended = "製品の変更により終了" if row.replaced else "解約"
        return f"{until}（{'認定取消' if withdrawn else ended}）"
    return f"{until}（変更後）" if row.changed_end else until


def _amount(row: ContractRow) -> str:
    if row.amount_yen is None:
        return "総額なし"
    text = f"税抜 {yen(row.amount_yen)}（税込 {yen(row.amount_with_tax_yen)}）"
    return f"{text}、変更後 税抜 {yen(row.current_yen)}" if row.changed_yen else text


def _ending(row: ContractRow) -> list[str]:
    """Why a certification was withdrawn, for whoever reads it; why a body changed, for itself."""
    if row.replaced and row.private:
        return [f"製品を変えた理由：{row.end_reason}"]
    if row.kind is not ContractKind.CERTIFICATION or not row.end_reason:
        return []
    return [f"取消の理由：{row.end_reason}"]


def withdrawn_own(around: Around, body_code: str) -> str:
    """「架空チャット乙（2027-01-31で取消）」 where the body's own contract rests on it; else ''."""
    own = around.find_own_open(body_code)
    rests = own.certification_id if own else None
    found = (each for each in around.certified if each.id == rests and each.withdrawn_on)
    return next((f"{each.product}（{era_date(each.withdrawn_on)}で取消）" for each in found), "")


def withdrawal_choices(around: Around) -> list[tuple[str, str]]:
    """The certifications that can be withdrawn."""
    names = {each.vendor_id: each.vendor_name for each in around.candidates}
    return [("", "選んでください")] + [
        (str(each.id), f"{each.product}（{names.get(each.vendor_id, '')}）")
        for each in around.certified
        if each.withdrawn_on is None
    ]


def _offered_name(each: Certified, vendor: str) -> str:
    until = f"、{era_date(each.withdrawn_on)}で認定取消" if each.withdrawn_on else ""
    return f"{each.product or '製品'}（{vendor}{until}）"


def _details(row: ContractRow) -> list[str]:
    found = []
    if row.vote_on:
        found.append(f"議決日：{era_date(row.vote_on)}")
    if row.membership:
        found.append(Membership(row.membership).label)
    if row.signatory:
        found.append(f"名義人：{row.signatory}")
    if row.clause:
        found.append(f"随意契約：{row.clause}（{row.reason}）")
    if row.guarantee:
        note = f"（{row.guarantee_note}）" if row.guarantee_note else ""
        found.append(f"契約保証金：{Guarantee(row.guarantee).label}{note}")
    return [*found, f"決裁番号：{row.approval_number}"]


def model_facts(around: Around, lead: str) -> list[tuple[str, str]]:
    """What the contract model means here: who signs, how many are there, who is invoiced."""
    if around.model is None:
        return []
    rule, expected = MODEL_RULES[around.model], list_expected(around.model, around.parties)
    done = sum(around.find_signed(each.kind, each.code) is not None for each in expected)
    invoiced = "、".join(list_invoiced(around.model, (), lead)) or rule.invoiced.label
    progress = (
        f"{len(expected)}件のうち{done}件" if expected else "団体ごとに、運用の段階で結びます"
    )
    return [
        ("契約の形", f"{around.model.label}：{CONTRACT_MODEL_NOTES[around.model]}"),
        ("第1期に必要な契約", progress),
        ("事業者からの請求先", invoiced),
    ]


def missing_texts(around: Around) -> list[str]:
    """What the first wave still owes, by name: for the lead and members."""
    if around.model is None:
        return []
    return [
        f"{each.name or '幹事団体'}：{each.kind.label}"
        for each in list_expected(around.model, around.parties)
        if around.find_signed(each.kind, each.code) is None
    ]


def names_amount(project: Project) -> bool:
    """Whether the lead awards an amount; a recommended product has none."""
    model = project.contract_model
    return not model or MODEL_RULES[ContractModel(model)].names_amount


def overall_kind(around: Around) -> ContractKind | None:
    """The document made once for all by this model."""
    return MODEL_RULES[around.model].overall if around.model else None


def own_kind(around: Around) -> ContractKind | None:
    """The document of each body by this model."""
    return MODEL_RULES[around.model].per_body if around.model else None


def requote_text(around: Around, body_code: str) -> str:
    """The newest re-quote to the body."""
    quote = around.quotes.get(body_code)
    if quote is None:
        return "まだ再見積が出ていません。"
    note = f"（{quote.note}）" if quote.note else ""
    return f"再見積（第{quote.number}回）：税抜 {yen(quote.amount_yen)}{note}"


def may_requote(around: Around, vendor_id: int | None) -> list[Party]:
    """The bodies the awarded vendor may still quote to; empty for everybody else."""
    awarded = around.award is not None and around.award.vendor_id == vendor_id
    if around.model is None or not awarded or not MODEL_RULES[around.model].requote_first:
        return []
    return [p for p in around.parties if not around.find_signed(ContractKind.INDIVIDUAL, p.code)]


def invoices_to(around: Around, vendor_id: int | None) -> bool:
    """Whether the reader is the vendor, and its invoices have a page."""
    award = around.award
    awarded = award is not None and award.vendor_id == vendor_id
    if around.certifies:
        bought = (row.vendor_id for row in around.contracts if row.kind is ContractKind.INDIVIDUAL)
        awarded = vendor_id is not None and vendor_id in bought
    return awarded and State(around.project.state) in LEDGER_STATES
