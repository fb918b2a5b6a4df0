"""The sharing page prints everything from which its shares can be computed again."""

import csv
import io
import json
import re
from fractions import Fraction

import pytest

from tests.harness.client import as_page
from tests.harness.example_projects import (
    AGREEMENT,
    ASKED_MANAGER,
    AUDITOR,
    COORDINATOR,
    FORMING,
    LEAD_MANAGER,
    LEAD_STAFF,
    VENDOR,
    project_path,
    signed_in,
)

YEN = re.compile(r"[−]?[\d,]+(?=円)")


def yen(text):
    """「1,234円」 → 1234."""
    found = YEN.search(text)
    assert found, text
    return int(found[0].replace(",", "").replace("−", "-"))


def recompute(total, ratios):
    """Largest remainder, ties to the smaller code: written anew from the page's own words."""
    exact = {code: total * ratio for code, ratio in ratios.items()}
    floors = {code: int(value // 1) for code, value in exact.items()}
    left = total - sum(floors.values())
    order = sorted(exact, key=lambda code: (floors[code] - exact[code], code))
    return {code: floors[code] + (code in order[:left]) for code in exact}


def ratios_of(rule, inputs):
    """The exact ratio of each body from the printed rule and the printed inputs."""
    columns = {"均等割": None, "人口割": "人口（人）", "世帯割": "世帯数"}
    quantity = next(name for name in inputs[0] if name.startswith("数量"))
    columns["数量割"] = quantity
    parts = re.findall(r"(均等割|人口割|世帯割|数量割)(?:(\d+)%)?", rule)
    assert parts, rule
    ratios = {row["団体コード"]: Fraction(0) for row in inputs}
    for name, percent in parts:
        weight = Fraction(int(percent), 100) if percent else Fraction(1)
        bases = {
            row["団体コード"]: int(row[columns[name]].replace(",", "")) if columns[name] else 1
            for row in inputs
        }
        for code, base in bases.items():
            ratios[code] += weight * Fraction(base, sum(bases.values()))
    return ratios


def name_in(row):
    """The body of a row that also says 架空."""
    assert row["団体"].endswith(" 架空"), row
    return row["団体"].removesuffix(" 架空")


def bills_of(page):
    """Caption, shared amount, times per year, and share per body of each bill on the page."""
    bills = []
    for caption in page.captions:
        if not re.search(r"の1回分", caption):
            continue
        rule = re.search(r"・(.+?)）の1回分", caption)[1]
        shared = yen(re.search(r"按分する額 ([\d,]+円)", caption)[1])
        times = {int(y): int(n) for y, n in re.findall(r"（(\d{4})年度） (\d+)回", caption)}
        rows = page.table(caption)
        shares = {row["団体コード"]: yen(row["負担額"]) for row in rows if row["団体"]}
        bills.append((rule, shared, times, shares))
    return bills


@pytest.mark.parametrize(
    ("words", "email"),
    [(AGREEMENT, LEAD_MANAGER), (AGREEMENT, ASKED_MANAGER), (FORMING, COORDINATOR)],
)
def test_the_shares_can_be_computed_again_from_the_page_alone(app, words, email):
    page = signed_in(app, email).page(project_path(app, words, "sharing"))
    inputs = page.table("計算に使った数値")
    bills = bills_of(page)
    assert bills
    for rule, shared, _, shares in bills:
        assert recompute(shared, ratios_of(rule, inputs)) == shares
        assert sum(shares.values()) == shared
    for cell in page.soup.select("table[id^=bill-] tbody td[data-align=num]"):
        assert re.fullmatch(r"[\d,]+(\.\d+…?)?円?", cell.get_text()), cell
        assert not re.search(r"\d{4}", cell.get_text().partition(".")[0]), cell
    by_year = page.table("団体ごとの負担額（税込）")
    *bodies, foot = by_year
    assert [name_in(row) for row in bodies]
    years = [name for name in foot if "年度" in name]
    for row in bodies:
        for name in years:
            year = int(re.search(r"（(\d{4})年度）", name)[1])
            again = sum(
                shares.get(row["団体コード"], 0) * times.get(year, 0)
                for _, _, times, shares in bills
            )
            assert again == yen(row[name])
        assert yen(row["合計"]) == sum(yen(row[name]) for name in years)
    assert yen(foot["合計"]) == sum(yen(row["合計"]) for row in bodies)


def test_the_calculator_agrees_with_the_page(app, tmp_path):
    """`flask procurement share` on the printed inputs gives the printed shares."""
    page = signed_in(app, LEAD_MANAGER).page(project_path(app, AGREEMENT, "sharing"))
    inputs = page.table("計算に使った数値")
    quantity = next(name for name in inputs[0] if name.startswith("数量"))
    members = io.StringIO()
    writer = csv.writer(members)
    writer.writerow(["code", "name", "population", "households", "quantity"])
    for row in inputs:
        figures = [row[n].replace(",", "") for n in ("人口（人）", "世帯数", quantity)]
        writer.writerow([row["団体コード"], row["団体"], *figures])
    path = tmp_path / "members.csv"
    path.write_text(members.getvalue(), encoding="utf-8")
    names = {
        "均等割": "equal",
        "人口割": "population",
        "数量割": "quantity",
        "世帯割": "households",
    }
    checked = 0
    for rule, shared, _, shares in bills_of(page):
        parts = re.findall(r"(均等割|人口割|世帯割|数量割)(?:(\d+)%)?", rule)
        text = names[parts[0][0]]
        if len(parts) > 1:
            text = "mixed:" + ",".join(f"{names[name]}={percent}" for name, percent in parts)
        result = app.test_cli_runner().invoke(
            args=[
                "procurement",
                "share",
                "--members",
                str(path),
                "--total",
                str(shared),
                "--rule",
                text,
                "--format",
                "json",
            ]
        )
        assert result.exit_code == 0, result.output
        answer = json.loads(result.stdout)
        assert {m["code"]: m["share_yen"] for m in answer["members"]} == shares
        checked += 1
    assert checked >= 2


def test_others_see_no_share_before_contracts(app, client):
    path = project_path(app, AGREEMENT, "sharing")
    for reader in (client, signed_in(app, VENDOR), signed_in(app, COORDINATOR)):
        page = reader.page(path)
        assert "参加団体だけが見られます" in page.text
        assert page.captions == []


def test_the_preview_says_that_no_product_is_chosen_and_names_none(app):
    page = signed_in(app, ASKED_MANAGER).page(project_path(app, AGREEMENT, "sharing"))
    assert "特定の製品を選ぶものではありません" in page.text
    assert "試算の前提 A" in page.text
    lead = signed_in(app, LEAD_STAFF).page(project_path(app, AGREEMENT, "terms"))
    for row in lead.table("選んだ試算の前提"):
        assert row["掲載サービス"] not in page.text


def test_staff_of_the_lead_cannot_fix_a_version(app):
    page = signed_in(app, LEAD_STAFF).page(project_path(app, AGREEMENT, "sharing"))
    assert "幹事団体の決裁者だけ" in page.text
    button = page.soup.select_one("#fix-submit")
    assert button.has_attr("disabled")


def test_a_version_that_changes_nothing_cannot_be_fixed(app):
    page = signed_in(app, LEAD_MANAGER).page(project_path(app, AGREEMENT, "sharing"))
    assert "確定済みの版から何も変わっていません" in page.text


def test_one_leaves_and_the_page_names_who_must_consent_again(fresh_app):
    """Acceptance 7 as a person does it: preview, version 2, exactly those named are asked."""
    path = project_path(fresh_app, AGREEMENT, "sharing")
    lead = signed_in(fresh_app, LEAD_MANAGER)
    before = lead.page(path)
    leaver = signed_in(fresh_app, ASKED_MANAGER)
    own = leaver.page(project_path(fresh_app, AGREEMENT, "own"))
    assert own.table("離脱した場合の負担")
    answers = {
        "reason": "予算がつかない",
        "approval_date": "2026-11-19",
        "approval_number": "第5号",
    }
    unconfirmed = as_page(own.form("/own/leave").submit(leaver, answers), status=422)
    assert unconfirmed.soup.select_one("#confirmed-error") is not None
    left = own.form("/own/leave").submit(leaver, {**answers, "confirmed": "y"})
    assert left.status_code == 302
    preview = lead.page(path)
    named = preview.soup.select_one("#asked-again").get_text().split("、")
    changes = {name_in(row): row for row in preview.table("第1版と今の試算")}
    assert changes["綱ノ江市"]["今の試算"] == "参加していません"
    response = preview.form("/sharing/fix").submit(lead, note="1団体の離脱", confirmed="y")
    assert response.status_code == 302
    after = lead.page(path)
    answers = {name_in(row): row["回答"] for row in after.table("第2版への回答")}
    assert sorted(n for n, status in answers.items() if status == "回答待ち") == sorted(named)
    assert "綱ノ江市" not in answers
    given = {name_in(row) for row in before.table("第1版への回答") if row["回答"] == "同意"}
    assert {n for n, s in answers.items() if s == "前の版の同意が有効"} <= given


def test_that_a_consent_was_taken_back_is_read_by_its_body_and_the_lead(fresh_app):
    own = project_path(fresh_app, AGREEMENT, "consent")
    manager = signed_in(fresh_app, ASKED_MANAGER)
    form = manager.page(own).form("/consent", button="同意する")
    form.submit(manager, approval_date="2026-11-19", approval_number="第2号")
    assert manager.page(own).form("/consent/withdraw").submit(manager).status_code == 302
    seen = {}
    for email in (ASKED_MANAGER, LEAD_MANAGER, AUDITOR, "taniyui-manager@moyai.example"):
        page = signed_in(fresh_app, email).page(project_path(fresh_app, AGREEMENT, "sharing"))
        rows = page.table("第1版への回答")
        seen[email] = next(row for row in rows if name_in(row) == "綱ノ江市")
    other = seen.pop("taniyui-manager@moyai.example")
    assert {row["回答"] for row in seen.values()} == {"取下げ"}
    assert (other["回答"], other["回答日時"]) == ("回答待ち", "—")


def test_a_preview_that_changed_meanwhile_is_not_fixed(fresh_app):
    path = project_path(fresh_app, AGREEMENT, "sharing")
    lead = signed_in(fresh_app, LEAD_MANAGER)
    form = lead.page(path).form("/sharing/fix")
    response = form.submit(lead, preview_sha256="0" * 64, confirmed="y")
    assert response.status_code == 409


def test_a_body_reminded_today_cannot_be_reminded_again_and_the_page_says_why(fresh_app):
    path = project_path(fresh_app, AGREEMENT, "sharing")
    lead = signed_in(fresh_app, LEAD_MANAGER)
    code = lead.page(path).soup.select_one("#consents form")["action"].rsplit("/", 1)[1]
    form = lead.page(path).form(f"/remind/{code}")
    assert form.submit(lead).status_code == 302
    after = lead.page(path)
    button = after.form(f"/remind/{code}").tag.button
    assert button.has_attr("disabled")
    why = after.soup.find(id=button["aria-describedby"]).get_text()
    assert why.startswith("催促は1日に1回までです。次の催促は2026年11月21日")
    again = lead.post(form.action, data=form.values, headers={"Referer": f"http://localhost{path}"})
    refused = as_page(again, status=409)
    assert refused.soup.select_one(f'main a[href="{path}"]').get_text() == "元のページに戻る"
