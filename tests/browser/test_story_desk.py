"""A new vendor: registers, enters a product with three tiers, is sent back once, is published.

Then raises its price, which waits until the operator has looked.
"""

import re

from tests.harness.browser import PHONE, screenshot
from tests.harness.builders import corporate_number
from tests.harness.story import Person

PASSWORD = "kyodo-chotatsu-2026"
MAIL = "hajimete@moyai.example"
NAME = "みかづき議事録ノート"
OPERATOR = "operator@moyai.example"
EXAMPLE_PASSWORD = "moyai-example-2026"


def answer(person: Person, section: str, *labels: str, months: str = "") -> None:
    """Choose these answers on a page of the form and save it."""
    person.click("link", section, exact=True)
    if months:
        person.fill("解約の予告期間", months)
    for label in labels:
        person.inputs += 1
        question, _, option = label.partition("：")
        group = person.page.get_by_role("group", name=re.compile(f"^{question}"))
        group.get_by_label(option, exact=True).check()
    person.click("button", "保存して一覧に戻る")
    person.sees("を保存しました")


def hand_in(person: Person, note: str) -> None:
    person.click("link", "内容を確かめて提出する")
    person.fill("変更の内容", note)
    person.click("button", "提出する")


def test_a_new_vendor_from_registration_to_a_raised_price(reader):
    newcomer = reader()
    vendor = Person(newcomer.open("/vendors/register"))
    vendor.looks_well()
    vendor.fill("メールアドレス", MAIL)
    vendor.click("button", "確認のメールを送る")
    vendor.click("link", "登録を続ける")
    vendor.looks_well()
    vendor.fill("事業者の名称", "株式会社みかづき（見本）")
    vendor.fill("法人番号", corporate_number("999900000955"))
    vendor.fill("氏名", "三日月 はじめ")
    vendor.page.locator("#password").fill(PASSWORD)
    vendor.page.locator("#again").fill(PASSWORD)
    vendor.click("button", "登録する")
    newcomer.sign_in(MAIL, PASSWORD)
    vendor.page = newcomer.open("/desk/vendor")

    vendor.click("link", "掲載サービスを登録する")
    vendor.fill("名称", NAME)
    vendor.fill("概要", "会議の音声から記録を作ります。")
    vendor.choose("システム種別", "議事録作成")
    vendor.click("button", "下書きを作る")
    vendor.sees("下書き", "必ず回答してください")
    answer(vendor, "用途", "目的：職員の業務効率化", "提供形態：SaaS")
    answer(vendor, "ネットワークと接続", "LGWAN接続口：なし")
    answer(vendor, "設置とデータの所在", "設置場所：その他のクラウド", "データの保存場所：国内のみ")
    answer(vendor, "セキュリティ", "認証・登録：登録なし")
    answer(vendor, "標準への適合と連携", "カスタマイズの方針：しない")
    answer(
        vendor,
        "終了と移行",
        "データの書き出し形式：CSV",
        "移行の支援：料金に含む",
        "データ消去の証明：あり",
        "別のクラウドへの移設：できる",
        months="3",
    )
    three_tiers(vendor)
    vendor.click("link", "内容を確かめて提出する")
    vendor.sees("はじめての公開なので")
    vendor.looks_well()
    vendor.fill("変更の内容", "はじめての登録")
    vendor.click("button", "提出する")
    vendor.sees("運営者の審査を待っています")

    desk = reader()
    desk.sign_in(OPERATOR, EXAMPLE_PASSWORD)
    operator = Person(desk.open("/admin/reviews"))
    operator.looks_well()
    operator.click("link", NAME)
    operator.sees("自動の確認", "1〜100：1,000円", "法人番号")
    operator.looks_well()
    screenshot(operator.page, "story-desk-review")
    operator.fill("事業者への返信", "概要に、対応する会議の大きさを書いてください。")
    operator.click("button", "理由を付けて差し戻す")
    operator.sees("差し戻しました")

    vendor.page = newcomer.open("/desk/vendor")
    vendor.sees("差し戻されました", "会議の大きさ")
    vendor.click("link", NAME)
    vendor.click("link", "名称と概要", exact=True)
    vendor.fill("概要", "50人までの会議の音声から記録を作ります。")
    vendor.click("button", "保存して一覧に戻る")
    hand_in(vendor, "概要を直しました")
    operator.page = desk.open("/admin/reviews")
    operator.click("link", NAME)
    operator.click("button", "承認して公開する")
    operator.sees("第1版として承認しました")

    visitor = Person(reader().open(f"/search?q={NAME}"))
    visitor.click("link", NAME)
    visitor.sees("50人までの会議", "1〜100：1,000円")
    public = visitor.page.url

    vendor.page = newcomer.open("/desk/vendor")
    vendor.click("link", NAME)
    vendor.click("link", "販売と料金", exact=True)
    vendor.click("link", "編集")
    price = vendor.page.get_by_label("第1段階の単価").first
    price.fill("1200")
    vendor.page.locator("#estimate").get_by_text("1,152,000円", exact=True).first.wait_for()
    vendor.click("button", "保存する")
    vendor.click("link", "内容を確かめて提出する")
    vendor.sees("運営者が確認してから公開されます", "1〜100：1,200円")
    vendor.fill("変更の内容", "値上げ")
    vendor.click("button", "提出する")
    visitor.page.goto(public)
    visitor.sees("1〜100：1,000円")
    visitor.sees_not("1,200円")
    assert yearly_costs(visitor, public) == (1, "1,200,000円")
    operator.page = desk.open("/admin/reviews")
    operator.click("link", NAME)
    operator.sees("1〜100：1,200円", "公開前に審査")
    operator.click("button", "承認して公開する")

    assert yearly_costs(visitor, public) == (2, "1,440,000円")
    visitor.page.goto(f"{public}/versions/1")
    visitor.sees("古い版です", "1〜100：1,000円")
    visitor.page.goto(f"{public}/versions/2/changes")
    visitor.sees("1〜100：1,000円", "1〜100：1,200円")
    visitor.looks_well()


def yearly_costs(visitor: Person, public: str) -> tuple[int, str]:
    """What the comparison says: the number of the version, and a year for 100 accounts."""
    number = public.rsplit("/", 1)[1]
    visitor.page.goto(public.replace(f"/{number}", f"/compare?ids={number}&account=100"))
    visitor.sees(NAME)
    version = re.search(r"第(\d+)版", visitor.page.locator("main").inner_text())
    assert version
    amount = visitor.page.locator("table", has_text="年額（税抜）").locator("tbody td").nth(2)
    return int(version[1]), amount.inner_text()


def three_tiers(person: Person) -> None:
    """The editor: rows by buttons, costs as one types, a gap named, then saved."""
    person.click("link", "販売と料金", exact=True)
    person.click("link", "料金プランを加える")
    person.fill("構成要素の名称", "利用料")
    person.choose("費用の種類", "運用費")
    person.choose("課金の周期", "月額")
    person.choose("数える単位", "アカウント")
    for _ in range(2):
        person.click("button", "構成要素1に段階を加える")
    tiers = (("1", "100", "1000"), ("120", "500", "800"), ("501", "", "600"))
    for number, values in enumerate(tiers):
        for name, value in zip(("from_qty", "to_qty", "unit_price"), values, strict=True):
            person.inputs += 1
            person.page.locator(f"#components-0-tiers-{number}-{name}").fill(value)
    person.click("button", "保存する")
    person.sees("101から119までの単価がありません")
    person.looks_well()
    person.page.locator("#components-0-tiers-1-from_qty").fill("101")
    person.page.locator("#estimate").get_by_text("960,000円", exact=True).first.wait_for()
    screenshot(person.page, "story-desk-plan")
    person.click("button", "保存する")
    person.sees("料金プラン「標準」を保存しました")
    person.click("link", "回答の一覧に戻る")


def test_the_desk_fits_a_phone(reader):
    vendor = reader(width=PHONE)
    vendor.sign_in("vendor-manager@moyai.example", EXAMPLE_PASSWORD)
    person = Person(vendor.open("/desk/vendor"))
    person.looks_well()
    person.click("link", "いそぶえ電子決裁ボード")
    person.looks_well()
    for section in ("機能", "セキュリティ", "販売と料金"):
        person.click("link", section, exact=True)
        person.looks_well()
        person.page.go_back()
    person.click("link", "販売と料金", exact=True)
    person.click("link", "編集")
    person.looks_well()
    screenshot(person.page, "story-desk-phone")
    person.page = vendor.open("/desk/vendor/members")
    person.looks_well()
