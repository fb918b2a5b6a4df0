"""Three fictional purchases of a special shape, walked by the real services (架空).

Two certified products that each body chooses between, a purchase in two lots, and a contract
by unit prices with its use and invoices.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from accounts.audit import record
from accounts.queries import get_actor
from accounts.roles import SYSTEM
from catalog.example.world import SEED, make_world
from catalog.plan_units import Unit
from catalog.pricing import Kind
from foundation.clock import (
    add_months,
    fiscal_year_of,
    fiscal_year_start,
    jst_moment,
    next_working_day,
)
from foundation.settings import find_setting, put_setting
from procurement.domain.ledger import Billed
from procurement.domain.lots import Division, DivisionDraft
from procurement.domain.unit_prices import UnitPrice, used_total
from procurement.example_actors import actor_of
from procurement.example_contracts import (
    choose,
    date_back,
    list_vendors,
    make_draft,
    sign_as,
    sign_for_all,
)
from procurement.example_moves import fix_preview
from procurement.example_stages import try_and_decide
from procurement.example_steps import (
    Walk,
    agree,
    join_all,
    net_total,
    open_for_bodies,
    plan_of_type,
    set_conditions,
)
from procurement.services.ledger import InvoiceDraft, record_vendor_invoice
from procurement.services.lots import add_lot
from procurement.services.notice import NoticeFields, set_notice
from procurement.services.projects import ProjectFields, open_project
from procurement.services.unit_prices import record_item_usage, record_unit_prices

SETTING = "example_shapes"
BODIES = ("992038", "992046", "993026")
COUNCIL, COORDINATOR = "example-council", "pref@moyai.example"
VENDOR = "vendor-manager@moyai.example"
CERTIFIED_TITLE = "自治体チャットの推奨製品（複数の製品・架空）"
LOTS_TITLE = "グループウェアの共同調達（区分あり・架空）"
UNIT_PRICE_TITLE = "会議音声の文字起こし（単価契約・架空）"
PRODUCTS = ("架空チャット甲", "架空チャット乙")
TERMS = {"rules": {"initial": "equal", "recurring": "mixed:equal=20,quantity=80"}}
TERM_MONTHS = 36
RULE = {
    "full_score": 100,
    "criteria": [{"group": "企画", "key": "使いやすさ", "max_points": 60}],
    "price": {"formula": "ratio_to_lowest", "max_points": 40},
    "tie_break": ["lot"],
}
# Used in the first month: minutes, characters, set-ups.
USED = ((1_240, 30_000, 1), (860, 0, 1), (0, 12_000, 1))


def load_example_shapes(session: Session, now: datetime, base: date) -> int:
    """Make the three purchases once; how many projects, 0 if they are there."""
    if find_setting(session, SETTING) is not None:
        return 0
    past = fiscal_year_start(fiscal_year_of(add_months(base.replace(day=1), -4)))
    _certify(_open(session, now, base, past, CERTIFIED_TITLE))
    _divide(_open(session, now, base, add_months(past, 24), LOTS_TITLE))
    _price(_open(session, now, base, past, UNIT_PRICE_TITLE))
    put_setting(session, SETTING, SEED)
    record(session, SYSTEM, "load_example_projects", "example", SEED, {"project": 4}, now)
    return 4


# Title → what only this purchase has.
_FIELDS: dict[str, dict[str, Any]] = {
    CERTIFIED_TITLE: {
        "purpose": "協議会が2つの製品を推奨製品として認定し、市と町が一つを選んで契約します。",
        "system_type_code": "municipal_chat",
        "contract_model": "recommended_product",
        "procurement_method": "negotiated_contract",
        "main_unit": Unit.ACCOUNT.value,
    },
    LOTS_TITLE: {
        "purpose": "本体と保守を区分に分けて公告し、市と町が区分ごとに参加を決めます。",
        "system_type_code": "groupware",
        "contract_model": "basic_and_individual",
        "procurement_method": "open_proposal",
        "main_unit": Unit.ACCOUNT.value,
    },
    UNIT_PRICE_TITLE: {
        "purpose": "会議の録音を文字にするサービスを、使った分と単価で市と町に請求します。",
        "system_type_code": "minutes_transcription",
        "contract_model": "basic_and_individual",
        "procurement_method": "negotiated_contract",
        "main_unit": Unit.BODY.value,
    },
}


def _open(session: Session, now: datetime, base: date, term_start: date, title: str) -> Walk:
    """The project, with its lead: the council certifies, the prefecture does the rest."""
    by_council = title == CERTIFIED_TITLE
    lead = actor_of(session, COUNCIL) if by_council else get_actor(session, COORDINATOR)
    wanted = ProjectFields(
        title=title,
        prefecture_code="99",
        agreement_basis="council_rules" if by_council else "project_agreement",
        procurement_method_reason="条件を満たす製品・事業者を比べたため（架空）",
        min_participants=2,
        join_closes_at=jst_moment(base + timedelta(days=5)),
        consent_closes_at=jst_moment(base + timedelta(days=10)),
        term_start=term_start,
        term_months=TERM_MONTHS,
        **_FIELDS[title],
    )
    return Walk(
        session=session,
        project=open_project(session, actor=lead, now=now, wanted=wanted),
        lead=lead,
        towns={body.code: body for body in make_world(base).bodies[1:]},
        base=base,
        now=now,
        term_start=term_start,
    )


def _gather(walk: Walk) -> int:
    """Everybody joined and agreed; the estimate of the term, tax-excluded."""
    plan_id = plan_of_type(walk.session, walk.project.system_type_code)
    open_for_bodies(walk, BODIES, TERMS, plan_id)
    join_all(walk, BODIES)
    return net_total(agree(walk, BODIES))


def _bill(walk: Walk, code: str, net_yen: int, category: Kind, seen: int) -> None:
    """The body books its vendor's invoice of the first month."""
    invoiced_on = add_months(walk.term_start, 1) + timedelta(days=4)
    record_vendor_invoice(
        walk.session,
        **walk.given | {"actor": actor_of(walk.session, code)},
        draft=InvoiceDraft(
            billed=Billed(
                period=walk.term_start,
                category=category,
                net_yen=net_yen,
                tax_percent=Decimal(10),
            ),
            vendor_number=f"架-{code}-{category.value[:3]}",
            invoiced_on=invoiced_on,
            due_on=invoiced_on + timedelta(days=20),
        ),
        seen_number=seen,
    )


# Several certified products


def _certify(walk: Walk) -> None:
    """Two products; the first two bodies choose one each, the third has not chosen yet."""
    _gather(walk)
    walk.move("start_contracting", walk.now)
    vendors = list_vendors(walk)
    products = []
    for n, (vendor, product) in enumerate(zip(vendors, PRODUCTS, strict=True)):
        choose(walk, vendor, None, n)
        draft = replace(
            make_draft(walk, f"認定第{n + 1}号"),
            vendor_id=vendor.id,
            product=product,
            signatory="架空協議会を代表する市長",
        )
        products.append(sign_for_all(walk, draft))
    for step in ("start_introduction", "start_operation"):
        walk.move(step, walk.now)
    for n, code in enumerate(BODIES[:2]):
        amount = (n + 1) * 3_600_000
        draft = replace(make_draft(walk, f"チャット第{n + 1}号"), amount_yen=amount)
        sign_as(walk, code, vendors[n], replace(draft, certification_id=products[n]))
        _bill(walk, code, amount // TERM_MONTHS, Kind.RECURRING, n)
    date_back(walk)


# Two lots


def _divide(walk: Walk) -> None:
    """The first lot has its notice; the second, with two of the bodies, is about to have it."""
    plan_id = plan_of_type(walk.session, walk.project.system_type_code)
    open_for_bodies(walk, BODIES, TERMS, plan_id)
    draft = DivisionDraft(name="保守", own_name="本体", divided_by=Division.SYSTEM_PART)
    second = add_lot(walk.session, **walk.given, draft=draft, seen_count=0)
    other = replace(walk, project=second)
    set_conditions(other, TERMS, plan_id)
    for lot, codes in ((walk, BODIES), (other, BODIES[:2])):
        join_all(lot, codes)
        agree(lot, codes)
        _write_notice(lot)
    walk.move("publish_notice", walk.now)


def _write_notice(walk: Walk) -> None:
    days = [next_working_day(walk.base + timedelta(days=n)) for n in (12, 19, 40)]
    closes = [jst_moment(day) for day in days]
    wanted = NoticeFields(
        rule=RULE,
        questions_close_at=closes[0],
        answers_due_at=closes[1],
        proposals_close_at=closes[2],
        notice_number="架空県告示第21号",
    )
    set_notice(walk.session, **walk.given, wanted=wanted, seen_version=0)


# Unit prices


def _price(walk: Walk) -> None:
    """First tried with little money (F13); then the award as a table, and each body's contract.

    The first month is booked as it was used.
    """
    price = _gather(walk)
    try_and_decide(walk.session, walk.project, walk.lead, walk.now, walk.prepared_on)
    walk.move("start_contracting", walk.now)
    vendor = list_vendors(walk)[0]
    choose(walk, vendor, price, 0)
    lines = record_unit_prices(walk.session, **walk.given, text=_table(price))
    fix_preview(walk.session, walk.project, walk.lead, walk.now, "決定した金額による（架空）")
    sign_for_all(walk, make_draft(walk, "基本第1号"))
    for n, code in enumerate(BODIES):
        draft = replace(make_draft(walk, f"単価第{n + 1}号"), amount_yen=price // len(BODIES))
        sign_as(walk, code, vendor, draft)
    walk.move("start_introduction", walk.now)
    for n, (code, used) in enumerate(zip(BODIES, USED, strict=True)):
        _use_and_bill(walk, code, lines, dict(enumerate(used, 1)), n)
    date_back(walk)


def _table(price: int) -> str:
    """Set-ups, characters, and for the rest minutes: it comes to the price to the yen."""
    setups, characters = 100_000 * len(BODIES), 1_000
    minutes = (price - setups - characters) * 2 // 25
    return f"""文字起こし、分、運用、12.5、{minutes}
翻訳、字、運用、0.5、{characters * 2}
設定、回、初期、100000、{len(BODIES)}"""


def _use_and_bill(
    walk: Walk, code: str, lines: tuple[UnitPrice, ...], used: dict[int, int], place: int
) -> None:
    record_item_usage(
        walk.session,
        **walk.given | {"actor": actor_of(walk.session, code)},
        body_code=code,
        period=walk.term_start,
        quantities=used,
        seen_number=0,
    )
    for n, category in enumerate((Kind.INITIAL, Kind.RECURRING)):
        _bill(walk, code, used_total(lines, used, category), category, 2 * place + n)
