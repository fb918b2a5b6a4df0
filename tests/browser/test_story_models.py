"""Each contract model other than おうみ's, by its pages: who signs what, how many, who is invoiced.

Every body, company, price and day is made up (架空); what is real is the shape of the model, as
群馬, 鳥取, 山梨 and 福岡 use it (domain §4). The long way is gone by an HTTP client through the
same forms; what each model alone refuses, and what everybody then reads, is seen in a browser.
"""

import re

import pytest

from accounts.models import User
from accounts.roles import Role
from tests.harness.builders import make_body, make_organization, make_user, organization_of
from tests.harness.story_forms import contract_facts, contract_parties, seat_clerk
from tests.harness.story_pages import send_traveller
from tests.harness.tender import make_bidder, make_judge

BODIES = ("架空甲市", "架空乙町", "架空丙村")
VENDOR, RIVAL = "架空推奨株式会社", "架空次点株式会社"
SIGNED = {
    "signed_on": "2027-03-12",
    "starts_on": "2027-04-01",
    "ends_on": "2028-03-31",
    "clause": "地方自治法施行令第167条の2第1項第2号（架空）",
    "reason": "1者だけが提供できるため",
    "guarantee": "exempt",
    "guarantee_note": "架空の規則による",
    "approval_date": "2027-03-01",
    "approval_number": "架空第1号",
}
BUYING = ("clause", "reason", "guarantee", "guarantee_note")


class Cast:
    """Who takes part; `cast[name]` goes by HTTP, `cast.seat(name)` sits at a browser."""

    def __init__(self, app, reader, lead_kind):
        self.app, self._reader, self._seated, self._sent = app, reader, {}, {}
        with app.extensions["moyai_database"].transaction() as session:
            self._emails, self.codes = self._hire(session, lead_kind)

    def _hire(self, session, lead_kind):
        both = Role.MUNICIPAL_STAFF, Role.MUNICIPAL_MANAGER
        if lead_kind == "prefecture":
            lead = organization_of(session, make_body(session, "架空受託県", kind="prefecture"))
            both_of_lead = (Role.PREFECTURE_COORDINATOR,)
        else:
            key = f"story-{lead_kind}"
            lead = make_organization(session, lead_kind, name="架空総合事務組合", alternate_key=key)
            both_of_lead = both
        people = {
            "lead": make_user(session, lead, *both_of_lead).id,
            "second": make_user(session, lead, *both_of_lead[:1]).id,
            "judge": make_judge(session).user_id,
        }
        codes = {}
        for name in BODIES:
            body = make_body(session, name)
            codes[name] = body.code
            people[name] = make_user(session, organization_of(session, body), *both).id
        for name in (VENDOR, RIVAL):
            vendor, manager = make_bidder(session, name)
            people[name], codes[name] = manager.user_id, str(vendor.id)
        return {name: session.get_one(User, id).email for name, id in people.items()}, codes

    def __getitem__(self, name):
        if name not in self._sent:
            self._sent[name] = send_traveller(self.app, self._emails[name])
        return self._sent[name]

    def seat(self, name):
        if name not in self._seated:
            self._seated[name] = seat_clerk(self.app, self._reader, self._emails[name])
        return self._seated[name]

    def day(self, moment):
        self.app.config["MOYAI_NOW"] = f"{moment}+09:00"

    def email(self, name):
        return self._emails[name]


@pytest.fixture
def hire(live_app, reader):
    """`hire(lead_kind)` makes a cast whose lead is of that kind."""
    live_app.config["MOYAI_NOW"] = "2026-11-20T10:00:00+09:00"
    yield lambda lead_kind: Cast(live_app, reader, lead_kind)
    live_app.config["MOYAI_NOW"] = "2026-11-20T10:00:00+09:00"


def open_project(cast, model, **fields):
    """A project of three bodies that have joined, with plan and terms; its path."""
    lead = cast["lead"]
    values = {
        "title": f"架空の共同調達（{model}）",
        "system_type_code": "generative_ai",
        "purpose": "契約の形を確かめる架空の物語です。",
        "contract_model": model,
        "agreement_basis": "project_agreement",
        "procurement_method": "negotiated_contract",
        "procurement_method_reason": "1者だけが提供できるため",
        "main_unit": "account",
        "min_participants": "2",
        "join_closes_on": "2026-12-18",
        "consent_closes_on": "2027-01-15",
        "term_start": "2027-04-01",
        "term_months": "12",
    }
    opened = lead.send("/projects/new", "/projects/new", "案件を作る", **values | fields)
    path = re.search(r"/projects/\d+", opened)[0]
    plans = lead.page(f"{path}/terms").soup.select("#price_plan_id option")
    lead.send(f"{path}/terms", "/bases", "前提に加える", price_plan_id=str(plans[1]["value"]))
    lead.send(f"{path}/terms", "/terms", "条件を保存")
    lead.send(path, "/move", "参加団体の募集を始める")
    for number, name in enumerate(BODIES, start=1):
        cast[name].send(
            f"{path}/join",
            "/join",
            "参加する",
            quantity=str(100 * number),
            budget_status="appropriated",
            approval_date="2026-11-20",
            approval_number="架空第1号",
        )
    return path


def agree(cast, path):
    """Agreement straight from forming: one version, everybody's consent."""
    cast["lead"].send(path, "/move", "負担合意に進む")
    cast["lead"].send(f"{path}/sharing", "/sharing/fix", "確定する", confirmed=True)
    for name in BODIES:
        cast[name].send(
            f"{path}/consent",
            "/consent",
            "同意する",
            approval_date="2026-11-20",
            approval_number="架空第2号",
        )


def contract_directly(cast, path, **price):
    """Without a notice: the lead names whom it asked."""
    cast["lead"].send(path, "/move", "契約に進む")
    chosen = {"vendor_id": cast.codes[VENDOR], "quotes_taken": "1", "reason": "1者だけが提供"}
    typed = {f"choose__{name}": value for name, value in (chosen | price).items()}
    cast["lead"].send(f"{path}/contracts", "/contracts/vendor", "相手方を記録する", **typed)
    cast.day("2027-03-12T10:00:00")


def settle(cast, path):
    """The final shares by the decided price; whoever is above its maximum consents anew."""
    page = cast["lead"].page(f"{path}/sharing")
    asked = page.soup.select_one("#asked-again")
    names = asked.get_text().split("、") if asked else []
    typed = {"confirmed": True} | ({"closes_on": "2027-04-30"} if names else {})
    cast["lead"].send(f"{path}/sharing", "/sharing/fix", "確定する", **typed)
    for name in names:
        cast[name].send(
            f"{path}/consent",
            "/consent",
            "同意する",
            approval_date="2027-03-12",
            approval_number="架空第4号",
        )


def contest(cast, path):
    """One contest for all: the best proposal names the vendor."""
    lead, judge, page = cast["lead"], cast["judge"], f"{path}/evaluation"
    lead.send(
        f"{path}/notice",
        "/notice",
        "公告の内容を保存する",
        notice_number="架空公告第1号",
        questions_close_on="2027-01-20",
        answers_due_on="2027-01-27",
        proposals_close_on="2027-02-05",
        criteria="企画、企画提案、700",
        price_formula="ratio_to_lowest",
        price_points="300",
    )
    lead.send(path, "/move", "公告する")
    for name, price in ((VENDOR, "9000000"), (RIVAL, "12000000")):
        cast[name].send(
            f"{path}/proposals",
            "/proposals",
            "提案を提出する",
            price_yen=price,
            summary=f"{name}の提案の要旨",
            lot_digits="123",
            mandatory_met=True,
            confirmed=True,
        )
    cast.day("2027-02-05T17:00:00")
    lead.send(f"{path}/proposals", "/open", "開札を申し出る")
    cast["second"].send(f"{path}/proposals", "/open", "二人目として開札する")
    lead.send(path, "/move", "開札・審査に進む")
    lead.send(page, "/judges", "審査委員を招く", email=cast.email("judge"))
    judge.send(page, "/declare", "申告する", declared=True)
    judge.score(page, {VENDOR: (600,), RIVAL: (400,)})
    lead.send(page, "/award", "集計の第1位に決定する")
    lead.send(path, "/move", "契約に進む")
    cast.day("2027-03-12T10:00:00")


def qualify(cast, path, name):
    cast[name].send(
        f"{path}/contracts",
        "/contracts/qualification",
        "資格を記録する",
        qualification__number="A-1",
        qualification__valid_until="2029-03-31",
    )


def written(prefix, *left_out, **changes):
    values = {k: v for k, v in SIGNED.items() if k not in left_out} | changes
    return {f"{prefix}__{name}": value for name, value in values.items()}


def book(cast, path, name, yen):
    """The month of April as the vendor invoiced it, booked by who pays it."""
    cast.day("2027-05-10T10:00:00")
    page = f"{path}/ledger/2027-04"
    typed = {"net_yen": yen, "invoiced_on": "2027-05-01", "due_on": "2027-05-31"}
    cast[name].send(page, "/invoices", "", **{f"invoice__{k}": v for k, v in typed.items()})
    return page


def amounts(clerk, page, caption, name, column):
    return {
        row[name]: int(row[column].rstrip("円").replace(",", ""))
        for row in clerk.rows(page, caption)
    }


def test_a_body_refuses_after_its_requote_and_the_others_keep_their_prices(hire):
    """群馬: one contest, a new quotation for each body, each contracts alone and is invoiced."""
    cast = hire("council")
    path = open_project(cast, "selection_and_requote", procurement_method="open_proposal")
    agree(cast, path)
    contest(cast, path)
    first, second, third = BODIES
    page, quotes = f"{path}/contracts", {first: 5_000_000, second: 2_500_000, third: 9_999_999}
    town = cast.seat(second)
    town.see(page, "この団体への再見積が、まだ事業者から出ていません。")
    for name, yen in quotes.items():
        code = cast.codes[name]
        typed = {f"q{code}__amount_yen": str(yen)}
        cast[VENDOR].send(page, f"/quotes/{code}", f"{name}への再見積", **typed)
        qualify(cast, path, name)
    town.see(page, "決定した金額による最終の負担案がまだ確定していません。")
    cast[third].send(
        page,
        "/contracts/refuse",
        "契約しないことを記録する",
        refuse__reason="予算を超えるため",
        refuse__approval_date="2027-03-10",
        refuse__approval_number="架空第5号",
    )
    settle(cast, path)
    own = "自団体の個別契約を記録する"
    said = town.send_in_vain(page, "/contracts/own", own, **written("own", amount_yen="2500001"))
    assert "契約額は、この団体の再見積の額（税抜）までです。" in said
    assert "9,999,999" not in said
    for name in (first, second):
        typed = written("own", amount_yen=str(quotes[name]))
        cast.seat(name).send(page, "/contracts/own", own, **typed)
    lead = cast.seat("lead")
    assert contract_facts(lead, page) == {
        "第1期に必要な契約": "2件のうち2件",
        "事業者からの請求先": "各団体",
    }
    assert contract_parties(lead, page) == [
        ("個別契約", f"{first} と {VENDOR}"),
        ("個別契約", f"{second} と {VENDOR}"),
    ]
    lead.see(page, "再見積のあと契約しない団体", third, "5,000,000円", "2,500,000円")
    cast["lead"].send(path, "/move", "導入に進む")
    for name in (first, second):
        page = book(cast, path, name, str(quotes[name] // 10))
    assert amounts(lead, page, "団体ごとの請求", "負担する者", "請求額") == {
        first: 550_000,
        second: 275_000,
    }
    assert amounts(town, page, "団体ごとの請求", "負担する者", "請求額") == {second: 275_000}
    assert cast[third].client.get(page).status_code == 404


def test_the_delegate_contracts_in_its_own_name_after_the_last_assembly(hire):
    """鳥取: agreed first, specified afterwards; rules voted by all; one contract, one invoice."""
    cast = hire("prefecture")
    path = open_project(cast, "delegation", agreement_basis="delegation_rules")
    agree(cast, path)
    for step in ("合意のうえで仕様作成に進む", "概算見積に進む", "負担合意に進む"):
        cast["lead"].send(path, "/move", step)
    contract_directly(cast, path, price_yen="36000000")
    settle(cast, path)
    page, lead = f"{path}/contracts", cast.seat("lead")
    whole = written("overall", amount_yen="36000000")
    votes = dict(zip(BODIES, ("2027-02-26", "2027-03-05", "2027-03-12"), strict=True))
    qualify(cast, path, "lead")

    def vote(name):
        typed = written("own", *BUYING, "starts_on", "ends_on", vote_on=votes[name])
        cast[name].send(page, "/contracts/own", "自団体の事務委託の規約を記録する", **typed)

    for name in BODIES[:2]:
        vote(name)
    lead.see(page, f"{BODIES[2]}の事務委託の規約（議決日）が記録されていません。")
    vote(BODIES[2])
    early = whole | {"overall__signed_on": "2027-03-11"}
    said = lead.send_in_vain(page, "/contracts/overall", "代表契約を記録する", **early)
    assert "最後の議決日（2027-03-12）より前の日付では契約できません。" in said
    lead.send(page, "/contracts/overall", "代表契約を記録する", **whole)
    assert contract_facts(lead, page) == {
        "第1期に必要な契約": "4件のうち4件",
        "事業者からの請求先": "架空受託県",
    }
    assert contract_parties(lead, page) == [
        ("代表契約", f"架空受託県 と {VENDOR}"),
        *[("事務委託の規約", f"{name} と 架空受託県") for name in BODIES],
    ]
    cast["lead"].send(path, "/move", "導入に進む")
    month = book(cast, path, "lead", "1000001")
    shares = amounts(lead, month, "団体ごとの請求", "負担する者", "請求額")
    assert (set(shares), sum(shares.values())) == (set(BODIES), 1_100_001)
    lead.see(f"{path}/ledger", "集めて支払う根拠を確かめてください")
    assert contract_parties(cast.seat(VENDOR), page) == [
        ("代表契約", f"架空受託県 と {VENDOR}")
    ] + [("事務委託の規約", f"{name} と 架空受託県") for name in BODIES]
    assert len(cast.seat(VENDOR).rows(month, "事業者の請求")) == 1


def test_the_association_charges_its_members_and_others_differently(hire):
    """山梨: one contract by the association; members by 特別負担金, others by an agreement."""
    cast = hire("association")
    path = open_project(cast, "intermediary")
    agree(cast, path)
    contract_directly(cast, path, price_yen="36000000")
    settle(cast, path)
    page, lead, first = f"{path}/contracts", cast.seat("lead"), BODIES[0]
    qualify(cast, path, "lead")
    whole = written("overall", amount_yen="36000000")
    lead.send(page, "/contracts/overall", "代表契約を記録する", **whole)
    button = "自団体の負担の取決めを記録する"

    def charge(yen, **changes):
        return written("own", *BUYING, "starts_on", "ends_on", amount_yen=yen, **changes)

    city = cast.seat(first)
    said = city.send_in_vain(page, "/contracts/own", button, **charge("6000000"))
    assert "組合などの構成団体かどうかを選んでください。" in said
    city.send(page, "/contracts/own", button, **charge("6000000", membership="member"))
    cast[BODIES[1]].send(page, "/contracts/own", button, **charge("12000000", membership="member"))
    village = cast.seat(BODIES[2])
    other = charge("18000000", membership="other")
    said = village.send_in_vain(page, "/contracts/own", button, **other)
    assert "構成団体以外は協定によります。協定の番号を入力してください。" in said
    village.send(page, "/contracts/own", button, **other, own__number="協定第1号")
    assert contract_facts(lead, page) == {
        "第1期に必要な契約": "4件のうち4件",
        "事業者からの請求先": "架空総合事務組合",
    }
    rows = lead.rows(page, "記録された契約")
    assert [(row["種類"], row["当事者"].split(" と ")[1]) for row in rows] == [
        ("代表契約", VENDOR),
        *[("負担の取決め", "架空総合事務組合")] * 3,
    ]
    assert [row["そのほか"].split(" ")[0] for row in rows[1:]] == [
        "構成団体（特別負担金）",
        "構成団体（特別負担金）",
        "構成団体以外（協定による負担金）",
    ]
    cast["lead"].send(path, "/move", "導入に進む")
    month = book(cast, path, "lead", "3000000")
    charged = amounts(lead, month, "団体ごとの請求", "負担する者", "請求額")
    assert sum(charged.values()) == 3_300_000
    assert list(charged) == [
        f"{first} （特別負担金）",
        f"{BODIES[1]} （特別負担金）",
        f"{BODIES[2]} （協定による負担金）",
    ]


def test_each_city_contracts_the_product_it_chose_and_is_invoiced_by_its_maker(hire):
    """福岡, with two products: certified with a term and no amount, contracted in operation.

    One body chooses each product, the third is late: its choice was withdrawn meanwhile.
    """
    cast = hire("prefecture")
    path = open_project(cast, "recommended_product")
    agree(cast, path)
    contract_directly(cast, path)
    page, lead, city = f"{path}/contracts", cast.seat("lead"), cast.seat(BODIES[0])
    named = {"vendor_id": cast.codes[RIVAL], "quotes_taken": "1", "reason": "条件を満たす"}
    cast["lead"].send(
        page, "/contracts/vendor", "", **{f"choose__{k}": v for k, v in named.items()}
    )
    products = {VENDOR: "架空チャット甲", RIVAL: "架空チャット乙"}
    for vendor, product in products.items():
        values = written("overall", *BUYING, product=product, vendor_id=cast.codes[vendor])
        cast["lead"].send(page, "/contracts/overall", "推奨製品の認定を記録する", **values)
    waits = "推奨製品は、運用の段階になってから、団体ごとに契約します。"
    city.see(page, waits)
    assert "円" not in lead.see(page, "1件のうち1件")
    for step in ("導入に進む", "運用に進む"):
        cast["lead"].send(path, "/move", step)
    own, button = "/contracts/own", "自団体の個別契約を記録する"
    assert waits not in city.see(page, button)
    for name, vendor in zip(BODIES, (VENDOR, RIVAL, RIVAL), strict=True):
        stated = {"number": "A-1", "valid_until": "2029-03-31"}
        prefix = f"qualification{cast.codes[vendor]}"
        typed = {f"{prefix}__{k}": v for k, v in stated.items()}
        cast[name].send(page, "/contracts/qualification", f"{vendor}の資格を記録する", **typed)
    chosen = {
        vendor: chosen_option(cast[BODIES[0]], page, "certification_id", vendor)
        for vendor in products
    }
    for name, vendor, yen in ((BODIES[0], VENDOR, "999999999"), (BODIES[1], RIVAL, "6000000")):
        values = written("own", amount_yen=yen, certification_id=chosen[vendor])
        cast.seat(name).send(page, own, button, **values)
    withdrawn = {"certification_id": chosen[RIVAL], "ends_on": "2027-03-12"}
    withdrawn |= {"reason": "提供が終わるため", "approval_date": "2027-03-12"}
    withdrawn |= {"approval_number": "架空第9号"}
    typed = {f"withdraw__{name}": value for name, value in withdrawn.items()}
    lead.send(page, "/contracts/withdraw", "認定を取り消す", **typed)
    cast.day("2027-03-13T10:00:00")
    late = written("own", amount_yen="1", certification_id=chosen[RIVAL], signed_on="2027-03-13")
    said = cast.seat(BODIES[2]).send_in_vain(page, own, button, **late)
    assert "その後の日付では契約できません。ほかの推奨製品を選んでください。" in said
    cast.seat(BODIES[1]).see(page, "契約している製品の認定が取り消されました")
    assert contract_facts(lead, page) == {
        "第1期に必要な契約": "1件のうち1件",
        "事業者からの請求先": "各団体",
    }
    assert contract_parties(lead, page) == [
        (f"推奨製品の認定：{products[VENDOR]}", f"架空受託県 と {VENDOR}"),
        (f"推奨製品の認定：{products[RIVAL]}", f"架空受託県 と {RIVAL}"),
        (f"個別契約：{products[VENDOR]}", f"{BODIES[0]} と {VENDOR}"),
        (f"個別契約：{products[RIVAL]}", f"{BODIES[1]} と {RIVAL}"),
    ]
    assert lead.rows(page, "記録された契約")[0]["金額"] == "総額なし"
    month = book(cast, path, BODIES[0], "500000")
    book(cast, path, BODIES[1], "200000")
    assert amounts(lead, month, "団体ごとの請求", "負担する者", "請求額") == {
        BODIES[0]: 550_000,
        BODIES[1]: 220_000,
    }
    bills = [(row["事業者"], row["税抜"]) for row in lead.rows(month, "事業者の請求")]
    assert sorted(bills) == sorted([(VENDOR, "500,000円"), (RIVAL, "200,000円")])
    assert [row["事業者"] for row in cast.seat(RIVAL).rows(month, "事業者の請求")] == [RIVAL]


def chosen_option(traveller, page, field, words):
    """The value of the choice that says this."""
    options = traveller.page(page).soup.select(f"[name$='{field}'] option")
    return next(str(each["value"]) for each in options if words in each.get_text())
