"""The pages of selection records, from a result page to the files one takes away."""

import io
import json
import re
import zipfile

import openpyxl
import pytest
from sqlalchemy import select, text

from catalog.entries import content_sha256
from catalog.search import sources
from catalog.selection.record_content import record_sha256
from catalog.selection.record_models import SelectionDownload, SelectionRecord
from foundation.audit import AuditEvent
from foundation.text import printable
from tests.harness.bad_input import TEXTS
from tests.harness.client import StrictClient, as_page
from tests.harness.example import role_emails, sign_in
from tests.harness.pdf import pdf_text
from tests.harness.queries import counted_queries

STAFF = "hoyui-staff@moyai.example"
COLLEAGUE = "hoyui-manager@moyai.example"
OTHER_TOWN = "tsunanoe-staff@moyai.example"
AUDITOR = "auditor@moyai.example"
VENDOR = "vendor-staff@moyai.example"
NEW = "/searches/new?q=文書管理&kind=offering"
SECRET = "ヒミツノ選定ゾウリムシ"


@pytest.fixture
def staff(fresh_client):
    sign_in(fresh_client, STAFF)
    return fresh_client


def person(app, email):
    client = StrictClient(app)
    sign_in(client, email)
    return client


def boxes(page):
    return [box["value"] for box in page.soup.select("input[name=chosen]")]


def draft(client, *, count=3, address=NEW, title="文書管理の選定", **typed):
    page = client.page(address)
    chosen = boxes(page)[:count]
    answer = page.form("/searches/new").submit(client, title=title, chosen=chosen, **typed)
    assert answer.status_code == 302, as_page(answer).text
    return answer.headers["Location"]


def lock(client, path):
    return client.page(f"{path}/lock").form(f"{path}/lock").submit(client, confirmed="y")


def locked(client, **facts):
    path = draft(client, **facts)
    assert lock(client, path).status_code == 302
    return path


def take(client, path, format_):
    return client.page(path).form(f"{path}/downloads").submit(client, format=format_)


def read(app, statement):
    with app.extensions["moyai_database"].read_session() as session:
        return session.scalars(statement).all()


def test_from_a_result_page_to_a_locked_record_and_its_outcome(staff, fresh_app):
    assert "/searches/new?q=" in staff.get("/search?q=文書管理").text
    path = draft(staff, purpose="紙を減らす")
    page = staff.page(path)
    first, second, _third = (name for name in page.form(path).names if "decision" in name)
    reason = first.replace("decision", "reason")
    answer = page.form(path).submit(
        staff, {first: "excluded", reason: "", second: "left_out"}, notes="残る備考"
    )
    assert answer.status_code == 422, "an exclusion without a reason"
    kept = as_page(answer).form(path)
    assert "を除外する理由を入力してください" in answer.text
    assert (kept.values["notes"], kept.values[first]) == ("残る備考", "excluded")
    assert kept.submit(staff, {reason: "費用が合わない"}).status_code == 302
    without = staff.page(f"{path}/lock").form(f"{path}/lock").submit(staff)
    assert without.status_code == 422
    assert "チェックを入れてください" in without.text
    assert lock(staff, path).status_code == 302
    page = staff.page(path)
    for said in ("確定済み", "費用が合わない", "残る備考", "紙を減らす", "索引の世代", "架空"):
        assert said in page.text, said
    assert len(page.soup.select("#locked-results tbody tr")) == 2
    assert "/versions/" in str(page.soup.select_one("#locked-results tbody a")["href"])
    form = page.form(f"{path}/outcome")
    assert form.submit(staff, outcome="chosen").status_code == 422
    [candidate] = [
        option["value"]
        for option in page.soup.select("select[name=result] option")
        if option["value"]
    ]
    facts = {"outcome": "chosen", "result": candidate, "note": "仕様に合う"}
    assert form.submit(staff, facts).status_code == 302
    assert "この中から選んだ" in staff.page("/searches").text
    assert form.submit(staff, facts).status_code == 410
    assert f"{path}/outcome" not in staff.get(path).text


def test_from_the_comparison(staff):
    page = staff.page("/search?q=文書管理&kind=offering")
    ids = [str(a["href"]).split("/")[2] for a in page.soup.select("h3 a[href^='/offerings/']")][:2]
    compared = staff.get(f"/offerings/compare?ids={','.join(ids)}").text
    assert f"/searches/new?ids={ids[0]}" in compared
    path = locked(staff, address=f"/searches/new?ids={','.join(ids)}", title="比較からの選定")
    text = staff.page(path).text
    assert "比較の画面に並べた掲載サービス 2件" in text
    assert "検索によらない（比較の画面から）" in text and "上位には出ていない" not in text


def test_a_search_without_conditions_and_one_that_finds_nothing(staff):
    page = staff.page("/searches/new")
    assert len(boxes(page)) == 60
    assert "最初の60件" in page.text
    over = page.form("/searches/new").submit(staff, title="多すぎる", chosen=boxes(page)[:31])
    assert over.status_code == 422
    assert "30件まで" in over.text
    assert len(as_page(over).soup.select("input[name=chosen][checked]")) == 31
    none = page.form("/searches/new").submit(staff, title="ない", chosen=[])
    assert "結果を1件以上選んでください" in none.text
    assert staff.get(f"/searches/new?q={'あ' * 300}").status_code == 404


def test_that_nothing_was_found_is_recorded_and_concluded(staff, fresh_app):
    """「適するものがなかった」 is an outcome of a search too that finds nothing."""
    address = "/searches/new?q=ぬぬぬぬ&exact=1"
    assert "/searches/new" in staff.get("/search?q=ぬぬぬぬ&exact=1").text
    page = staff.page(address)
    assert "「見つからなかった」ことも記録できます" in page.text
    answer = page.form("/searches/new").submit(staff, title="該当なしの確認")
    path = answer.headers["Location"]
    assert staff.page(path).form(path).submit(staff, notes="二度さがした").status_code == 302
    assert lock(staff, path).status_code == 302
    form = staff.page(path).form(f"{path}/outcome")
    assert form.submit(staff, outcome="none", note="仕様を見直す").status_code == 302
    export = json.loads(take(staff, path, "json").data)
    assert (export["record"]["results"], export["record"]["search"]["total"]) == ([], 0)
    for format_ in ("csv", "print", "pdf", "xlsx"):
        assert take(staff, path, format_).status_code == 200
    assert "適するものがなかった" in take(staff, path, "csv").data.decode("utf-8-sig")
    assert "仕様を見直す" in take(staff, path, "print").text


def test_a_comparison_of_nothing_is_no_record(staff):
    page = staff.page("/searches/new?ids=999999999")
    assert page.soup.select("form[action^='/searches/new']") == []


def test_the_outcome_is_in_what_is_taken_away_and_a_changed_one_is_named(
    staff, fresh_app, tmp_path
):
    path = locked(staff)
    before = json.loads(take(staff, path, "json").data)
    assert "outcome" not in before and "結論" not in take(staff, path, "print").text.split("<h1")[1]
    page = staff.page(path)
    candidate = page.soup.select("select[name=result] option")[1]["value"]
    facts = {"outcome": "chosen", "result": candidate, "note": "費用と仕様に合う"}
    assert page.form(f"{path}/outcome").submit(staff, facts).status_code == 302
    for format_, name in (("zip", "all.zip"), ("json", "record.json"), ("csv", "record.csv")):
        (tmp_path / name).write_bytes(take(staff, path, format_).data)
    assert "費用と仕様に合う" in (tmp_path / "record.csv").read_text(encoding="utf-8-sig")
    assert "費用と仕様に合う" in take(staff, path, "print").text
    assert "費用と仕様に合う" in pdf_text(take(staff, path, "pdf").data)
    for name in ("all.zip", "record.csv", "record.json"):
        assert verify(fresh_app, tmp_path / name)[0] == 0
    export = json.loads((tmp_path / "record.json").read_text(encoding="utf-8"))
    assert export["record_sha256"] == before["record_sha256"], "the lock is as it was"
    for change in ({"note": "別の理由"}, {"outcome": "none"}, {"answered_by": "別の人"}):
        said = {**export["outcome"]["said"], **change}
        forged = {**export, "outcome": {**export["outcome"], "said": said}}
        (tmp_path / "record.json").write_text(json.dumps(forged), encoding="utf-8")
        code, output = verify(fresh_app, "--no-database", tmp_path / "record.json")
        assert code == 1 and "結論が、それを記した監査記録の検証値と一致しません" in output
    event = {**export["outcome"]["event"], "actor_label": "別の人"}
    forged = {**export, "outcome": {**export["outcome"], "event": event}}
    (tmp_path / "record.json").write_text(json.dumps(forged), encoding="utf-8")
    assert verify(fresh_app, "--no-database", tmp_path / "record.json")[0] == 1


def test_a_limit_is_told_once_and_a_refused_tick_is_none(staff):
    answer = staff.page(NEW).form("/searches/new").submit(staff, title="長い", purpose="あ" * 4_500)
    assert answer.status_code == 422
    assert "1,000文字以内" in answer.text and "4,000文字以内" not in answer.text
    path = draft(staff)
    page = staff.page(f"{path}/lock")
    for value in ("n", "off", "0", "false"):
        assert page.form(f"{path}/lock").submit(staff, confirmed=value).status_code == 422


def test_a_result_the_search_does_not_find_is_not_taken_in(staff):
    form = staff.page(NEW).form("/searches/new")
    answer = form.submit(staff, title="改ざん", chosen=["offering:999999"])
    assert answer.status_code == 422
    assert "今の検索の結果にありません" in answer.text


def test_two_people_at_once_lose_nothing_that_was_typed(staff, fresh_app):
    path = draft(staff)
    colleague = person(fresh_app, COLLEAGUE)
    mine, theirs = staff.page(path).form(path), colleague.page(path).form(path)
    assert theirs.submit(colleague, title="同僚の表題", notes="同僚の備考").status_code == 302
    answer = mine.submit(staff, title="自分の表題")
    assert answer.status_code == 409
    page = as_page(answer)
    assert "ほかの人が先に保存しました" in page.text
    assert "表題：同僚の表題" in page.text
    assert "備考：同僚の備考" in page.text
    assert page.form(path).values["title"] == "自分の表題"
    assert page.form(path).submit(staff).status_code == 302
    assert "自分の表題" in staff.page("/searches").text
    seen = staff.page(f"{path}/lock").form(f"{path}/lock")
    assert staff.page(path).form(path).submit(staff, notes="また変えた").status_code == 302
    assert seen.submit(staff, confirmed="y").status_code == 409


def test_a_locked_record_takes_no_more_forms(staff):
    path = draft(staff)
    form, again = staff.page(path).form(path), staff.page(f"{path}/lock").form(f"{path}/lock")
    delete = staff.page(path).form(f"{path}/delete")
    assert lock(staff, path).status_code == 302
    for late in (form, again, delete):
        answer = late.submit(staff, confirmed="y")
        assert answer.status_code == 409
        assert "確定した記録は変更できません" in answer.text
    assert staff.get(f"{path}/lock").status_code == 409


def test_a_draft_is_deleted_and_not_exported(staff, fresh_app):
    path = draft(staff)
    token = staff.page(path).form(path).values["csrf_token"]
    early = staff.post(f"{path}/downloads", data={"csrf_token": token, "format": "csv"})
    assert early.status_code == 409
    assert staff.page(path).form(f"{path}/delete").submit(staff).status_code == 302
    assert staff.get(path).status_code == 404
    kept = read(fresh_app, select(SelectionRecord.title))
    assert kept
    assert "文書管理の選定" not in kept


def test_nobody_else_learns_of_a_record(staff, fresh_app):
    record, unlocked = locked(staff, title=SECRET), draft(staff, title=SECRET)
    readers = {STAFF, COLLEAGUE, AUDITOR}
    emails = {*role_emails(fresh_app).values(), OTHER_TOWN, *readers}
    assert len(emails) > 8
    for email in emails:
        client = person(fresh_app, email)
        pages = [client.get(p, follow_redirects=True) for p in ("/searches", record, unlocked)]
        assert all((SECRET in page.text) is (email in readers) for page in pages), email
        if email == OTHER_TOWN:
            assert [page.status_code for page in pages] == [200, 404, 404]
            nothing = client.get("/searches/999999")
            assert (nothing.status_code, as_page(nothing).text) == (404, as_page(pages[1]).text)
    visitor = StrictClient(fresh_app)
    for path in ("/searches", record, f"{record}/lock", "/searches/new"):
        answer = visitor.get(path)
        assert answer.status_code == 302
        assert "/login" in answer.headers["Location"]
    assert person(fresh_app, VENDOR).get(record).status_code == 403


def test_the_auditor_reads_and_changes_nothing(staff, fresh_app):
    record, unlocked = locked(staff), draft(staff)
    auditor = person(fresh_app, AUDITOR)
    assert not auditor.page(unlocked).soup.select("main form")
    page = auditor.page(record)
    assert "まだ登録されていません" in page.text
    token = page.form(f"{record}/downloads").values["csrf_token"]
    data = {"csrf_token": token, "title": "監査", "confirmed": "y", "outcome": "none"}
    for path in (unlocked, f"{unlocked}/lock", f"{unlocked}/delete", f"{record}/outcome"):
        assert auditor.post(path, data=data).status_code == 403
    assert take(auditor, record, "json").status_code == 200


def test_each_download_is_a_post_and_is_remembered(staff, fresh_app):
    path = locked(staff)
    assert staff.get(f"{path}/downloads").status_code == 405
    types = {}
    for format_ in ("csv", "xlsx", "json", "zip", "print"):
        answer = take(staff, path, format_)
        assert answer.status_code == 200, format_
        types[format_] = answer.mimetype
    assert types["csv"] == "text/csv"
    downloads = read(fresh_app, select(SelectionDownload).order_by(SelectionDownload.id))
    assert [d.format for d in downloads] == list(types)
    events = read(
        fresh_app, select(AuditEvent).where(AuditEvent.action == "download_selection_record")
    )
    assert [event.changes["format"] for event in events] == list(types)
    assert "帆結 あおい" in staff.page(path).table("書き出しの記録（新しい順）")[0]["書き出した人"]
    assert take(staff, path, "doc").status_code == 400


def test_every_format_says_the_same(staff):
    path = locked(staff, purpose="紙を減らす")
    sha256 = json.loads(take(staff, path, "json").data)["record_sha256"]
    printed = as_page(take(staff, path, "print")).text
    drawn = pdf_text(take(staff, path, "pdf").data).replace("\n", "")
    plain = take(staff, path, "csv").data.decode("utf-8")
    assert plain.startswith("\ufeff")
    workbook = openpyxl.load_workbook(io.BytesIO(take(staff, path, "xlsx").data))
    cells = "\n".join(str(c.value) for page in workbook for row in page.rows for c in row)
    for said in (sha256, "紙を減らす", "「文書管理」を含み", "帆結市", "第", "架空", "候補"):
        for where, content in (("print", printed), ("pdf", drawn), ("csv", plain), ("xlsx", cells)):
            assert said in content, (said, where)
    with zipfile.ZipFile(io.BytesIO(take(staff, path, "zip").data)) as archive:
        assert sorted(archive.namelist()) == [
            "audit-heads.csv",
            "record.csv",
            "record.json",
            "record.xlsx",
        ]
        assert archive.read("record.csv").decode("utf-8") == plain


def test_without_the_library_of_pdf_the_answer_says_what_to_do(staff, fresh_app, monkeypatch):
    path = locked(staff)
    monkeypatch.setitem(__import__("sys").modules, "weasyprint", None)
    answer = take(staff, path, "pdf")
    assert answer.status_code == 503
    assert "印刷用の画面" in as_page(answer).text
    assert read(fresh_app, select(SelectionDownload)) == []


def test_no_page_of_a_record_asks_the_database_too_often(staff, fresh_app):
    record, unlocked = locked(staff, count=30), draft(staff, count=30)
    engine = fresh_app.extensions["moyai_database"].engine
    auditor = person(fresh_app, AUDITOR)
    for path in ("/searches", "/searches/new?q=文書", record, unlocked, f"{unlocked}/lock"):
        with counted_queries(engine) as log:
            assert staff.get(path).status_code == 200
        log.at_most(12)
    for path in ("/searches", record, unlocked):
        with counted_queries(engine) as log:
            assert auditor.get(path).status_code == 200
        log.at_most(12)


def test_a_record_changed_in_the_database_says_so_itself(staff, fresh_app):
    path = locked(staff, purpose="紙を減らす")
    assert "検証値と一致しません" not in staff.page(path).text
    with fresh_app.extensions["moyai_database"].transaction() as session:
        session.execute(text("DROP TRIGGER selection_lock_no_update"))
        session.execute(text("UPDATE selection_lock SET content = replace(content, '紙', '時')"))
    assert "内容が検証値と一致しません" in staff.page(path).text


def test_every_kind_can_be_locked(staff, fresh_app):
    taken = []
    for kind in sources.list_kinds():
        page = staff.page(f"/searches/new?kind={kind}")
        path = draft(staff, address=f"/searches/new?kind={kind}", count=30, title=f"{kind}の選定")
        assert lock(staff, path).status_code == 302, kind
        export = json.loads(take(staff, path, "json").data)
        results = export["record"]["results"]
        assert len(results) == min(30, len(boxes(page)))
        assert all((r["version"] is None) == (r["content"] is not None) for r in results)
        assert all(bool(r["version"]) == (kind == "offering") for r in results)
        taken.append(kind)
    assert sorted(taken) == ["case", "offering", "program", "project", "spec"]


# -- flask catalog verify-record ---------------------------------------------------------


@pytest.fixture
def files(staff, tmp_path):
    """A locked record taken away in every format that can be checked."""
    path = locked(staff, purpose="紙を減らす")
    names = {"csv": "record.csv", "xlsx": "record.xlsx", "json": "record.json", "zip": "all.zip"}
    for format_, name in names.items():
        (tmp_path / name).write_bytes(take(staff, path, format_).data)
    return tmp_path


def verify(app, *arguments):
    result = app.test_cli_runner().invoke(
        args=["catalog", "verify-record", *(str(argument) for argument in arguments)]
    )
    assert not isinstance(result.exception, Exception) or isinstance(
        result.exception, SystemExit
    ), result.exception
    return result.exit_code, result.output


def test_an_export_passes(fresh_app, files):
    for name in ("record.csv", "record.xlsx", "record.json", "all.zip"):
        for database in ("--database", "--no-database"):
            code, output = verify(fresh_app, files / name, database)
            assert code == 0, output
            assert "変更は見つかりませんでした" in output
            assert ("掲載サービスの版は" in output) is (database == "--database")
    event = json.loads((files / "record.json").read_bytes())["audit"]["event"]
    head = f"{event['seq']}:{event['hash']}"
    audit = fresh_app.test_cli_runner().invoke(args=["audit", "verify", "--head", head])
    assert audit.exit_code == 0, audit.output


def test_a_workbook_saved_again_passes_and_a_changed_cell_is_named(fresh_app, files):
    path = files / "record.xlsx"
    workbook = openpyxl.load_workbook(path)
    workbook.save(path)
    assert verify(fresh_app, path)[0] == 0
    workbook["結果"]["E2"] = "別の製品"
    workbook.save(path)
    code, output = verify(fresh_app, path, "--record", files / "record.json")
    assert code == 1
    assert "シート「結果」 2行 E列：" in output
    assert "「別の製品」になっています" in output


def test_a_changed_record_json_is_found(fresh_app, files):
    path = files / "record.json"
    path.write_text(path.read_text("utf-8").replace("紙を減らす", "紙を増やす"), "utf-8")
    for database in ("--database", "--no-database"):
        code, output = verify(fresh_app, path, database)
        assert code == 1
        assert "検証値（SHA-256）と一致しません" in output


def test_the_published_heads_are_compared(fresh_app, files):
    heads = files / "audit-heads.csv"
    fresh_app.config["MOYAI_NOW"] = "2026-11-21T10:00:00+09:00"
    heads.write_bytes(fresh_app.test_client().get("/open-data/audit-heads.csv").data)
    code, output = verify(fresh_app, files / "all.zip", "--heads", heads)
    assert code == 0, output
    assert "公開された日ごとの末尾の値のうち、この記録が控えているものは一致します" in output
    day, seq, _digest = heads.read_text("utf-8").strip().splitlines()[-1].split(",")
    heads.write_text(f"day,seq,hash\n{day},{int(seq) - 50},{'0' * 64}\n", "utf-8")
    code, output = verify(fresh_app, files / "all.zip", "--heads", heads, "--no-database")
    assert code == 1
    assert "切り取られています" in output


def forged(export):
    """The record with another decision and every hash of the export made to fit."""
    content, event = export["record"], export["audit"]["event"]
    content["title"] = "偽造した記録"
    content["results"][0]["reason"] = "あとから書いた理由"
    event["changes"]["content_sha256"] = export["record_sha256"] = record_sha256(content)
    event["hash"] = content_sha256({k: v for k, v in event.items() if k != "hash"})
    return export


def test_a_record_made_anew_is_found_by_the_published_locks(fresh_app, files):
    """Acceptance 5: without the database, whoever can write a file can write every hash in it."""
    locks = files / "selection-locks.csv"
    locks.write_bytes(fresh_app.test_client().get("/open-data/selection-locks.csv").data)
    true = files / "record.json"
    for file in ("record.csv", "record.json", "all.zip"):
        code, output = verify(fresh_app, files / file, "--locks", locks, "--no-database")
        assert code == 0, output
        assert "公開された確定の一覧に、この記録があります" in output
    false = files / "forged.json"
    false.write_text(json.dumps(forged(json.loads(true.read_bytes()))), "utf-8")
    code, output = verify(fresh_app, false, "--no-database")
    assert "照合しないと、全体を作り直した偽の記録は見つけられません" in output
    code, output = verify(fresh_app, false, "--locks", locks, "--no-database")
    assert code == 1
    assert "過去が書き換えられています" in output
    locks.write_text("day,seq,hash\n", "utf-8")
    code, output = verify(fresh_app, true, "--locks", locks, "--no-database")
    assert code == 1
    assert "一覧（selection-locks.csv）にありません" in output
    locks.write_text("day,seq,hash\n2026-11-20,1,abc\n", "utf-8")
    assert verify(fresh_app, true, "--locks", locks)[0] == 2


def test_the_published_locks_name_nobody(fresh_app, staff):
    before = fresh_app.test_client().get("/open-data/selection-locks.csv").text.splitlines()
    locked(staff, purpose="秘密の目的")
    after = fresh_app.test_client().get("/open-data/selection-locks.csv").text.splitlines()
    assert after[:-1] == before
    assert re.fullmatch(r"\d{4}-\d\d-\d\d,\d+,[0-9a-f]{64}", after[-1])


def test_what_cannot_be_checked_is_told(fresh_app, files):
    path = files / "other.bin"
    for content, said in (
        (b"%PDF-1.7", "PDF"),
        (b"{}", "record.json として読めません"),
        (b"PK\x03\x04broken", "Excel"),
        (b"\xff\xfe\x00", "CSV"),
    ):
        path.write_bytes(content)
        code, output = verify(fresh_app, path, "--record", files / "record.json")
        assert code == 2, output
        assert said in output
    path.write_bytes(b"")
    assert verify(fresh_app, files / "record.csv", "--record", path)[0] == 2


def test_without_a_record_json_it_says_what_is_missing(fresh_app, files, tmp_path):
    alone = tmp_path / "alone"
    alone.mkdir()
    (alone / "record.csv").write_bytes((files / "record.csv").read_bytes())
    code, output = verify(fresh_app, alone / "record.csv")
    assert code == 2
    assert "--record" in output
    assert verify(fresh_app, alone / "missing.csv")[0] == 2


def archive(files, name, members, **options):
    """An archive of these (name, bytes), beside the true one."""
    path = files / name
    with zipfile.ZipFile(path, "w", **options) as made:
        for member, content in members:
            made.writestr(member, content)
    return path


def members_of(files):
    with zipfile.ZipFile(files / "all.zip") as whole:
        return [(name, whole.read(name)) for name in whole.namelist()]


def test_an_archive_that_cannot_be_unpacked_is_told(fresh_app, files):
    members, whole = members_of(files), (files / "all.zip").read_bytes()
    stored = archive(files, "stored.zip", members).read_bytes()
    broken = {
        "flipped.zip": stored.replace("確認のための値".encode(), "確認のための噂".encode(), 1),
        "locked.zip": re.sub(rb"(PK\x01\x02.{4}).", rb"\1" + b"\x01", whole, flags=re.DOTALL),
        "other.zip": re.sub(rb"(PK\x01\x02.{6}).", rb"\1c", whole, flags=re.DOTALL),
    }
    for name, content in broken.items():
        (files / name).write_bytes(content)
    archive(files, "long.zip", [*members, ("長" * 90 + ".csv", b"")])
    archive(files, "twice.zip", [*members, ("RECORD.CSV", b"")])
    for name in (*broken, "long.zip", "twice.zip"):
        code, output = verify(fresh_app, files / name)
        assert (code, "確かめられません: " in output) == (2, True), (name, output)


def test_what_an_archive_lacks_and_what_is_no_part_of_it_is_told(fresh_app, files):
    members = members_of(files)
    code, output = verify(
        fresh_app, archive(files, "in.zip", [(f"控え/{n}", c) for n, c in members])
    )
    assert code == 0, output
    assert "照合していません" not in output.replace("照合していません（--", "")
    fewer = [one for one in members if one[0] != "record.xlsx"]
    code, output = verify(fresh_app, archive(files, "less.zip", fewer))
    assert code == 0, output
    assert "－ ZIP に record.xlsx がない" in output
    for name in ("record.pdf", "a/..", "見積\u202e.txt"):
        code, output = verify(fresh_app, archive(files, "more.zip", [*members, (name, b"x")]))
        assert code == 0, output
        assert "記録の書き出しにないファイルのため、照合していません" in output
        assert "\u202e" not in output
    loud = [*fewer, ("record.XLSX", b"x")]
    assert verify(fresh_app, archive(files, "loud.zip", loud))[0] == 1


def test_a_record_json_saved_by_an_editor_passes(fresh_app, files):
    path = files / "record.json"
    spaced = json.dumps(json.loads(path.read_bytes()), indent=2, ensure_ascii=False)
    for text_ in ("\n " + spaced, "\ufeff" + spaced):
        path.write_text(text_, "utf-8")
        code, output = verify(fresh_app, path)
        assert code == 0, output


def test_what_no_hash_covers_is_refused_and_no_number_breaks_the_check(fresh_app, files):
    true = json.loads((files / "record.json").read_bytes())

    def said(change):
        export = json.loads(json.dumps(true))
        change(export["record"], export["audit"])
        forged(export)
        path = files / "changed.json"
        path.write_text(json.dumps(export), "utf-8")
        return verify(fresh_app, path)

    unheard = {"day": "2026-11-01", "seq": 1, "hash": "0" * 64, "by": "偽の人"}
    for code, output in (
        said(lambda _record, audit: audit.update(note="偽の注記")),
        said(lambda _record, audit: audit["heads"].append(unheard)),
    ):
        assert code == 2
        assert "記録にない項目があります：audit." in output
    for change in (
        lambda record, audit: record["results"][0].update(id=10**30),
        lambda record, audit: record["results"][0].update(version=[1]),
        lambda record, audit: record["audit"].update(before={"seq": 10**30, "hash": "0" * 64}),
    ):
        code, output = said(change)
        assert code == 2, output
        assert "record.json として読めません" in output
    code, output = said(lambda _record, audit: audit["event"].update(action="edit_offering"))
    assert code == 1
    assert "確定を記した監査記録が、別の記録のものです" in output


def test_an_outcome_taken_out_of_the_file_is_told_with_the_database(staff, fresh_app, files):
    path = next(f"/searches/{one.id}" for one in read(fresh_app, select(SelectionRecord))
                if one.purpose == "紙を減らす")  # fmt: skip
    outcome = staff.page(path).form(f"{path}/outcome")
    assert outcome.submit(staff, outcome="none", result="").status_code == 302
    code, output = verify(fresh_app, files / "record.json")
    assert code == 0, output
    assert "データベースには結論があります" in output
    (files / "record.json").write_bytes(take(staff, path, "json").data)
    assert "データベースには結論があります" not in verify(fresh_app, files / "record.json")[1]


def test_of_a_long_table_the_first_changes_are_named_and_the_rest_counted(fresh_app, files):
    path = files / "record.csv"
    path.write_text("x,y\r\n" * 5_000, "utf-8")
    code, output = verify(fresh_app, path)
    assert code == 1
    assert len(output.splitlines()) < 40
    assert re.search(r"ほかに[\d,]{5,}か所", output)


# -- what people type by mistake or on purpose -------------------------------------------


def test_whatever_is_typed_is_told_or_locked_and_can_be_checked(staff, fresh_app, tmp_path):
    outcomes = [
        lock_with(staff, fresh_app, tmp_path / "all.zip", typed)
        for typed in (*TEXTS, "a\r\nb\x0c", "=1+1", "-")
    ]
    assert outcomes.count("told") == 2, "5,000 characters are too many, an unseen one too few"


def lock_with(staff, app, file, typed):
    """Lock a record with the text in every field, and check its export."""
    page = staff.page(NEW)
    facts = {"title": typed, "purpose": typed, "chosen": boxes(page)[:2]}
    answer = page.form("/searches/new").submit(staff, facts)
    if answer.status_code == 422:
        assert as_page(answer).soup.select(".dads-form-control__error")
    path = answer.headers.get("Location") or draft(staff, count=2)
    form = staff.page(path).form(path)
    decision = next(name for name in form.names if "decision" in name)
    reason = decision.replace("decision", "reason")
    answer = form.submit(staff, {decision: "excluded", reason: typed, "notes": typed})
    if answer.status_code == 422:
        assert as_page(answer).form(path).values["notes"] == printable(typed)
        unseen = not printable(typed).strip("\u202e")  # a sign that only turns text is no reason
        assert ("理由を入力" if unseen else "文字以内で入力") in answer.text
        return "told"
    locked = lock(staff, path)
    assert locked.status_code == 302
    assert staff.get(path).status_code == 200
    file.write_bytes(take(staff, path, "zip").data)
    code, output = verify(app, file)
    assert code == 0, output
    return "locked"


def test_forms_that_were_tampered_with_are_told(staff):
    path = draft(staff)
    form = staff.page(path).form(path)
    for value in ("", "x", "-1", "9" * 30):
        assert form.submit(staff, seen_version=value).status_code == 409
    decision = next(name for name in form.names if "decision" in name)
    answer = form.submit(staff, {decision: "<script>"})
    assert answer.status_code == 422
    assert "候補にするか、除外するか、外すかを選んでください" in answer.text
    assert staff.page(path).form(path).values[decision] == "candidate"
    for page in ("0", "-1", "abc", "１", "2", "99"):
        assert staff.get("/searches", query_string={"page": page}).status_code == 404, page
    assert staff.get("/searches/99999999999999999999").status_code == 404
    assert lock(staff, path).status_code == 302
    outcome = staff.page(path).form(f"{path}/outcome")
    for values in ({}, {"outcome": "x"}, {"outcome": "chosen", "result": "offering:1' OR 1"}):
        assert outcome.submit(staff, values).status_code == 422
