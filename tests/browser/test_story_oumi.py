"""The re-enactment of おうみ 2026, from the survey to the contracts and what follows them.

Real are the members, their users and the published ceilings; prices, proposals, scores, days and
the formula of the price points are invented (架空), and the notice says so.
"""

import re

import pytest

from accounts.models import Organization, User
from accounts.roles import Role
from catalog.example.reference import OUMI_COUNCIL_KEY
from catalog.example.tables import catalog_table
from procurement.example_oumi import SOURCE_URL
from procurement.models import Project
from tests.harness.builders import make_user
from tests.harness.story_forms import contract_facts, contract_parties, seat_clerk
from tests.harness.tender import make_bidder, make_judge

TITLE = "おうみ自治体クラウド・生成AI（物語による再現）"
PUBLISHED = catalog_table("oumi_2026_members")
FIRST_WAVE = {row["body_code"]: row for row in PUBLISHED if row["participation"] == "current"}
SECOND_WAVE = [row["body_code"] for row in PUBLISHED if row["participation"] == "later"]
CITIES = {row["body_code"]: row for row in PUBLISHED}
# 架空: prices before tax; points of 企画 and 機能.
PRICES = {"架空甲株式会社": 9_000_000, "架空乙株式会社": 12_000_000, "架空丙株式会社": 8_000_000}
POINTS = {"架空甲株式会社": (300, 280), "架空乙株式会社": (210, 210), "架空丙株式会社": (210, 209)}
# 提案上限額: published, tax included; by kind of cost as the notice calls it.
KINDS = {
    "月額": "monthly_ceiling_yen",
    "初期": "initial_setup_ceiling_yen",
    "LGWAN接続": "lgwan_setup_ceiling_yen",
}
CEILINGS = [
    (code, kind, int(row[column]))
    for code, row in FIRST_WAVE.items()
    for kind, column in KINDS.items()
    if row[column]
]
SIGNED = {
    "starts_on": "2026-04-01",
    "ends_on": "2027-03-31",
    "clause": "地方自治法施行令第167条の2第1項第2号（架空）",
    "reason": "公募型プロポーザルで選んだため",
    "guarantee": "exempt",
    "guarantee_note": "架空の規則による",
    "approval_date": "2026-03-01",
    "approval_number": "架空第1号",
}


class Cast:
    """Who takes part, each at a window of their own; the day it is can be set."""

    def __init__(self, app, reader):
        self.app, self._reader, self._seated = app, reader, {}
        with app.extensions["moyai_database"].transaction() as session:
            emails = self._hire(session)
        self._emails = emails

    def _hire(self, session):
        council = session.query(Organization).filter_by(alternate_key=OUMI_COUNCIL_KEY).one()
        self.council = council.name
        people = {
            "lead": make_user(session, council, Role.MUNICIPAL_STAFF, Role.MUNICIPAL_MANAGER).id,
            "second": make_user(session, council, Role.MUNICIPAL_STAFF).id,
            "judge": make_judge(session).user_id,
        }
        for code in (*FIRST_WAVE, *SECOND_WAVE):
            city = session.query(Organization).filter_by(body_code=code).one()
            roles = Role.MUNICIPAL_STAFF, Role.MUNICIPAL_MANAGER
            people[code] = make_user(session, city, *roles).id
        for name in ("架空甲株式会社", "架空乙株式会社", "架空丙株式会社"):
            people[name] = make_bidder(session, name)[1].user_id
        return {name: session.get_one(User, id).email for name, id in people.items()}

    def __getitem__(self, name):
        if name not in self._seated:
            self._seated[name] = seat_clerk(self.app, self._reader, self._emails[name])
        return self._seated[name]

    def mark_reenactment(self, path):
        """As the example's own: it never counts among the projects of real bodies."""
        with self.app.extensions["moyai_database"].transaction() as session:
            project = session.get_one(Project, int(path.split("/")[-1]))
            project.fictional, project.reenactment_of = True, SOURCE_URL

    def day(self, moment):
        self.app.config["MOYAI_NOW"] = f"{moment}+09:00"

    def email(self, name):
        return self._emails[name]


@pytest.fixture
def cast(live_app, reader):
    yield Cast(live_app, reader)
    live_app.config["MOYAI_NOW"] = "2026-11-20T10:00:00+09:00"


def test_from_the_survey_to_the_renewal(cast):
    cast.day("2025-11-20T10:00:00")
    path = open_project(cast)
    ask_and_answer(cast, path)
    gather(cast, path)
    agree(cast, path)
    compete(cast, path)
    sign_six(cast, path)
    introduce(cast, path, FIRST_WAVE)
    cast["lead"].send(path, "/move", "運用に進む")
    let_two_join(cast, path)
    renew(cast, path)


def open_project(cast):
    """A draft of the council, its plan and terms."""
    lead = cast["lead"]
    lead.send(
        "/projects/new",
        "/projects/new",
        "案件を作る",
        title=TITLE,
        system_type_code="generative_ai",
        purpose="公表された参加団体・上限額による再現です。価格・日程・採点は架空です。",
        prefecture_code="25",
        contract_model="basic_and_individual",
        agreement_basis="council_rules",
        procurement_method="open_proposal",
        procurement_method_reason="公表資料による",
        main_unit="account",
        min_participants="2",
        join_closes_on="2025-12-18",
        consent_closes_on="2026-01-15",
        term_start="2026-04-01",
        term_months="12",
    )
    path = re.search(r"/projects/\d+", lead.reader.page.url)[0]
    cast.mark_reenactment(path)
    plan = (
        lead.reader.open(f"{path}/terms")
        .locator("#price_plan_id option")
        .nth(1)
        .get_attribute("value")
    )
    lead.send(f"{path}/terms", "/bases", "前提に加える", price_plan_id=plan)
    lead.send(f"{path}/terms", "/terms", "条件を保存")
    return path


def ask_and_answer(cast, path):
    """The survey: questions fixed beforehand, all eight cities answer in the product."""
    lead, page = cast["lead"], f"{path}/survey"
    lead.send(f"{path}/invite", "/invite", "案内する", codes="\n".join(CITIES))
    for text, kind in (("使う人の数", "quantity"), ("始めたい月", "month")):
        lead.send(page, "/survey/questions", "加える", text=text, kind=kind)
    lead.send(page, "/survey/open", "調査を始める", closes_on="2025-12-01")
    for code, row in CITIES.items():
        cast[code].answer(
            page,
            "/survey/answer",
            "回答する",
            {
                "使う人の数": row["expected_users"] or "300",
                "始めたい月": "2026-04" if code in FIRST_WAVE else "2027-04",
            },
        )
    lead.see(page, "8団体のうち8団体が回答済み")


def gather(cast, path):
    """Six join with the published numbers of users; two wait for the next year."""
    cast["lead"].send(path, "/move", "参加団体の募集を始める")
    for code, row in FIRST_WAVE.items():
        cast[code].send(
            f"{path}/join",
            "/join",
            "参加する",
            quantity=row["expected_users"],
            budget_status="appropriated",
            approval_date="2025-11-20",
            approval_number="架空第1号",
        )
    for code in SECOND_WAVE:
        cast[code].send(f"{path}/join", "/interest", "関心だけ登録する")
    cast["lead"].see(path, "6団体")


def agree(cast, path):
    """A version of the shares, and six consents."""
    cast["lead"].send(path, "/move", "負担合意に進む")
    fix_and_consent(cast, path, FIRST_WAVE, "2025-11-20")


def fix_and_consent(cast, path, codes, day):
    """What was previewed is fixed, and each city's manager consents to its own."""
    cast["lead"].send(f"{path}/sharing", "/sharing/fix", "確定する", confirmed=True)
    for code in codes:
        cast[code].send(
            f"{path}/consent",
            "/consent",
            "同意する",
            approval_date=day,
            approval_number="架空第2号",
        )


def compete(cast, path):
    """The rule of おうみ: 350 + 350 + 300 points, and 420 of the first 700 or nothing."""
    lead = cast["lead"]
    lead.send(
        f"{path}/notice",
        "/notice",
        "公告の内容を保存する",
        notice_number="架空公告第1号",
        questions_close_on="2026-01-20",
        answers_due_on="2026-01-27",
        proposals_close_on="2026-02-05",
        criteria="企画、企画提案（架空の式による再現）、350\n機能、機能、350",
        price_formula="ratio_to_lowest",
        price_points="300",
        minimums="企画+機能、420",
        ceilings="\n".join(f"{code}、{kind}、{yen}" for code, kind, yen in CEILINGS),
    )
    lead.send(path, "/move", "公告する")
    text = cast[next(iter(FIRST_WAVE))].see(f"{path}/notice", "1000点", "420点に満たない提案は失格")
    assert "架空" in text
    shown = lead.rows(f"{path}/notice", "団体・費目ごとの提案上限額（税込）")
    cities = {row["name"] for row in FIRST_WAVE.values()}
    assert {row["団体"] for row in shown if row["初期"] == "110,000円"} == cities, shown
    assert sum(row["月額"] == "105,600円" for row in shown) == 3, shown
    for digits, (name, price) in enumerate(PRICES.items(), start=1):
        cast[name].send(
            f"{path}/proposals",
            "/proposals",
            "提案を提出する",
            price_yen=str(price),
            offered="\n".join(f"{code}、{kind}、{yen * 10 // 11}" for code, kind, yen in CEILINGS),
            summary=f"{name}の提案の要旨",
            lot_digits=f"{digits:03}",
            mandatory_met=True,
            confirmed=True,
        )
    cast.day("2026-02-05T17:00:00")
    lead.send(f"{path}/proposals", "/open", "開札を申し出る")
    cast["second"].send(f"{path}/proposals", "/open", "二人目として開札する")
    lead.send(path, "/move", "開札・審査に進む")
    judge(cast, path)


def judge(cast, path):
    """419 of 700 fails whatever the price; 420 stays in with no more than that."""
    lead, person, page = cast["lead"], cast["judge"], f"{path}/evaluation"
    lead.send(page, "/judges", "審査委員を招く", email=cast.email("judge"))
    person.send(page, "/declare", "申告する", declared=True)
    person.score(page, POINTS)
    rows = lead.rows(page, "審査の集計（順位順）")
    assert {row["事業者"]: row["順位"] for row in rows} == {
        "架空甲株式会社": "第1位",
        "架空乙株式会社": "第2位",
        "架空丙株式会社": "失格",
    }, rows
    lead.send(page, "/award", "集計の第1位に決定する")
    lead.send(path, "/move", "契約に進む")
    cast["架空丙株式会社"].see(page, "失格")


def sign(cast, path, code, *, amount, **changes):
    """The city's own contract under the basic one."""
    page = f"{path}/contracts"
    cast[code].send(
        page,
        "/contracts/qualification",
        "資格を記録する",
        qualification__number="A-1",
        qualification__valid_until="2028-03-31",
    )
    own = SIGNED | {"number": f"{code}-1", "amount_yen": str(amount)} | changes
    cast[code].send(
        page, "/contracts/own", "個別契約を記録する", **{f"own__{k}": v for k, v in own.items()}
    )


def sign_basic(cast, path, **changes):
    """The chair's contract for all: it has prices and no amount."""
    whole = {
        "number": "基本第1号",
        "signatory": "会長（架空）",
        "starts_on": "2026-04-01",
        "ends_on": "2027-03-31",
        "approval_date": "2026-03-01",
        "approval_number": "架空第3号",
    } | changes
    cast["lead"].send(
        f"{path}/contracts",
        "/contracts/overall",
        "基本契約を記録する",
        **{f"overall__{name}": value for name, value in whole.items()},
    )


def settle(cast, path):
    """The final shares by the awarded price; only who is above its maximum consents anew."""
    page = f"{path}/sharing"
    rows = cast["lead"].rows(page, "同意した上限額と最終の負担額")
    above = {row["団体"].split()[0] for row in rows if "必要" in row["上限との関係"]}
    typed = {"confirmed": True} | ({"closes_on": "2026-04-15"} if above else {})
    cast["lead"].send(page, "/sharing/fix", "確定する", **typed)
    for code, row in FIRST_WAVE.items():
        if row["name"] in above:
            cast[code].send(
                f"{path}/consent",
                "/consent",
                "同意する",
                approval_date="2026-03-09",
                approval_number="架空第4号",
            )


def sign_six(cast, path):
    """One basic contract by the lead; then each city its own, and is invoiced itself."""
    cast.day("2026-03-10T10:00:00")
    settle(cast, path)
    page = f"{path}/contracts"
    sign_basic(cast, path, signed_on="2026-03-10")
    for code, row in FIRST_WAVE.items():
        yearly = int(row["monthly_ceiling_yen"]) * 12 * 10 // 11
        sign(cast, path, code, amount=yearly, signed_on="2026-03-10")
    assert contract_facts(cast["lead"], page) == {
        "第1期に必要な契約": "7件のうち7件",
        "事業者からの請求先": "各団体",
    }
    assert sorted(contract_parties(cast["lead"], page)) == expected_parties(cast)
    cast["lead"].send(path, "/move", "導入に進む")


def expected_parties(cast, later=()):
    """The council's basic contract, and one of each city, which is itself the party."""
    winner = "架空甲株式会社"
    waves = {"個別契約": FIRST_WAVE, "個別契約（第2期）": later}
    own = [
        (kind, f"{CITIES[code]['name']} と {winner}")
        for kind, codes in waves.items()
        for code in codes
    ]
    return sorted([("基本契約", f"{cast.council} と {winner}"), *own])


def introduce(cast, path, codes):
    """Each city's checklist, and its first day of use."""
    cast.day("2026-04-01T10:00:00")
    page = f"{path}/introduction"
    for code in codes:
        for step in ("setup", "training", "acceptance"):
            cast[code].send(
                page,
                f"/introduction/{code}/check",
                "確認を記録する",
                **{f"c{code}__step": step, f"c{code}__done_on": "2026-04-01"},
            )
        cast[code].send(
            page,
            f"/introduction/{code}/check",
            "確認を記録する",
            **{f"c{code}__step": "migration", f"c{code}__note": "移すデータがない"},
        )
        cast[code].send(
            page,
            f"/introduction/{code}/start",
            "利用開始を記録する",
            **{f"s{code}__starts_on": "2026-04-01"},
        )


def let_two_join(cast, path):
    """In operation two more join by the terms: approved by the lead, each with its contract."""
    cast.day("2026-06-01T10:00:00")
    page = f"{path}/contracts"
    for code in SECOND_WAVE:
        cast["lead"].send(
            page,
            "/contracts/extensions",
            "承認を記録する",
            extend__kind="late_joiner",
            extend__body_code=code,
            extend__amount_yen="1,000,000",
            extend__quantity="300",
            extend__reason="第2期の利用",
            extend__approval_date="2026-05-20",
            extend__approval_number="架空第9号",
        )
        sign(
            cast,
            path,
            code,
            amount=900_000,
            signed_on="2026-06-01",
            starts_on="2026-07-01",
            approval_date="2026-05-31",
        )
    assert sorted(contract_parties(cast["lead"], page)) == expected_parties(cast, SECOND_WAVE)


def renew(cast, path):
    """The next fiscal year is agreed by all eight and signed anew; the old contracts stay."""
    cast.day("2027-01-20T10:00:00")
    cast["lead"].send(
        f"{path}/edit",
        "/edit",
        "保存",
        term_start="2027-04-01",
        consent_closes_on="2027-02-15",
    )
    fix_and_consent(cast, path, CITIES, "2027-01-18")
    cast["lead"].send(path, "/move", "更新する")
    term = {"starts_on": "2027-04-01", "ends_on": "2028-03-31", "approval_date": "2027-01-18"}
    sign_basic(cast, path, signed_on="2027-01-20", number="基本第2号", **term)
    for code in CITIES:
        sign(cast, path, code, amount=900_000, signed_on="2027-01-20", **term)
    rows = cast["lead"].rows(f"{path}/contracts", "記録された契約")
    assert len(rows) == 2 * (1 + len(CITIES)), rows
    assert {"基本第1号", "基本第2号"} <= {row["番号"] for row in rows}
