"""Importing local bodies: everything or nothing, every bad row named, killed halfway or not."""

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from accounts.codes import body_check_digit, corporate_number_of_body
from accounts.importing import check_bodies, import_bodies, load_sources
from accounts.models import FactSourceRow, LocalBody, Organization
from accounts.roles import SYSTEM
from app import create_app
from foundation.audit import AuditEvent, verify
from foundation.errors import Conflict
from foundation.staging import ImportBatch, ImportRow, commit
from foundation.tables import UnreadableTable

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
COLUMNS = (
    "code",
    "name",
    "kana",
    "kind",
    "prefecture_code",
    "prefecture",
    "corporate_number",
    "population_census_2020",
    "fiscal_strength_index",
)


def code(n):
    first = f"99{n:03d}"
    return f"{first}{body_check_digit(first)}"


def row(n, **changes):
    own = {
        "code": code(n),
        "name": f"架空{n}市",
        "kana": "かくうし",
        "kind": "city",
        "prefecture_code": "99",
        "prefecture": "架空県",
        "corporate_number": "",
        "population_census_2020": str(1000 + n),
        "fiscal_strength_index": "0.51",
    }
    return own | changes


def write(tmp_path, rows, *, encoding="utf-8", columns=COLUMNS, name="bodies.csv"):
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    path = tmp_path / name
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def silent(_rows):
    pass


def take_in(database, path, progress=silent):
    return import_bodies(database, path, actor=SYSTEM, now=NOW, progress=progress)


def counted(database):
    with database.read_session() as session:
        return {
            table.__tablename__: session.scalar(select(func.count()).select_from(table))
            for table in (LocalBody, Organization, AuditEvent, ImportRow)
        }


def reasons(result):
    return [str(problem) for problem in result.staged.problems]


def test_the_products_own_table_is_taken_in_whole(database):
    with database.transaction() as session:
        load_sources(session, ROOT / "accounts/data/sources.csv")
    result = take_in(database, ROOT / "accounts/data/local_bodies.csv")
    assert result.staged.problems == ()
    assert counted(database) == {
        "local_body": 1788,
        "organization": 1788,
        "audit_event": 1,
        "import_row": 0,
    }
    with database.read_session() as session:
        sapporo = session.get_one(LocalBody, "011002")
        assert (sapporo.name, sapporo.population_census_2020) == ("札幌市", 1_973_395)
        futaba = session.scalars(select(LocalBody).where(LocalBody.name == "双葉町")).one()
        assert (futaba.population_census_2020, futaba.population_register_2025) == (0, 5294)
        ward = session.scalars(select(LocalBody).where(LocalBody.name == "千代田区")).one()
        assert ward.fiscal_strength_index is None
        assert session.scalar(select(func.count()).select_from(FactSourceRow)) == 7


def test_taking_in_the_same_table_again_changes_nothing_but_the_log(database):
    path = ROOT / "accounts/data/local_bodies.csv"
    take_in(database, path)
    assert take_in(database, path).added == 0
    assert counted(database)["local_body"] == 1788


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_every_encoding_gives_the_same_bodies(sqlite_database, tmp_path, encoding):
    take_in(sqlite_database, write(tmp_path, [row(1, name="髙﨑市")], encoding=encoding))
    with sqlite_database.read_session() as session:
        assert session.get_one(LocalBody, code(1)).name == "髙﨑市"


def test_full_width_digits_are_normalised(database, tmp_path):
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    take_in(
        database,
        write(
            tmp_path,
            [row(1, code=code(1).translate(wide), population_census_2020="１２，３４５")],
        ),
    )
    with database.read_session() as session:
        assert session.get_one(LocalBody, code(1)).population_census_2020 == 12_345


def test_an_empty_figure_stays_unknown_and_is_no_zero(database, tmp_path):
    take_in(database, write(tmp_path, [row(1, population_census_2020="")]))
    with database.read_session() as session:
        assert session.get_one(LocalBody, code(1)).population_census_2020 is None


def test_columns_a_file_lacks_leave_those_facts_alone(database, tmp_path):
    take_in(database, write(tmp_path, [row(1)]))
    some = tuple(column for column in COLUMNS if column != "population_census_2020")
    take_in(database, write(tmp_path, [row(1, name="新しい名前")], columns=some))
    with database.read_session() as session:
        body = session.get_one(LocalBody, code(1))
        assert (body.name, body.population_census_2020) == ("新しい名前", 1001)


def test_a_missing_column_is_named(database, tmp_path):
    path = write(tmp_path, [row(1)], columns=("code", "name", "kana", "kind"))
    with pytest.raises(UnreadableTable, match="prefecture_code、prefecture"):
        take_in(database, path)
    assert counted(database)["local_body"] == 0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"code": "990010"}, "「code」: 団体コード「990010」の検査数字"),
        ({"code": "1100", "prefecture_code": "11"}, "「code」: 団体コードは数字6桁"),
        ({"code": "11002", "prefecture_code": "11"}, "先頭の0が消えていないか"),
        ({"name": "　"}, "「name」: 空にできません"),
        ({"kind": "郡"}, "「kind」: 「郡」という種別はありません"),
        ({"prefecture_code": "98"}, "「prefecture_code」: 団体コードの上2桁と一致しません"),
        ({"population_census_2020": "-5"}, "「population_census_2020」: 「-5」は負の数です"),
        ({"population_census_2020": "−５"}, "は負の数です"),
        ({"population_census_2020": "約1000"}, "整数として読めません"),
        ({"population_census_2020": "1000.5"}, "整数として読めません"),
        (
            {"fiscal_strength_index": "NaN"},
            "「fiscal_strength_index」: 「NaN」は数として読めません",
        ),
        ({"corporate_number": "1234567890123"}, "検査数字（1桁目）が合いません"),
        ({"corporate_number": corporate_number_of_body("011002")}, "の法人番号ではありません"),
    ],
)
def test_a_bad_cell_is_named_with_its_place(sqlite_database, tmp_path, changes, said):
    result = take_in(sqlite_database, write(tmp_path, [row(1), row(2, **changes), row(3)]))
    assert result.changed == 0
    assert result.staged.bad_rows == 1
    assert any(
        reason.startswith("bodies.csv 3行目") and said in reason for reason in reasons(result)
    )
    assert counted(sqlite_database) == {
        "local_body": 0,
        "organization": 0,
        "audit_event": 0,
        "import_row": 0,
    }


def test_a_code_that_checks_but_is_nobodys_is_refused(database, tmp_path):
    take_in(database, ROOT / "accounts/data/local_bodies.csv")
    stranger = f"01999{body_check_digit('01999')}"
    changes = {"code": stranger, "prefecture_code": "01", "prefecture": "北海道"}
    result = take_in(database, write(tmp_path, [row(1, **changes)]))
    assert f"団体コード「{stranger}」は団体コード表にありません" in reasons(result)[0]


def test_the_same_body_twice_in_a_file_is_refused(database, tmp_path):
    result = take_in(database, write(tmp_path, [row(1), row(2), row(1, name="別名")]))
    assert reasons(result) == [f"bodies.csv 4行目: 「{code(1)}」が前の行と重複しています。"]


def test_ten_thousand_rows_and_one_bad_one_import_nothing_and_name_it(database, tmp_path):
    rows = [row(n % 1000) for n in range(10_000)]
    # Different codes throughout: 99000–99999 and on into further fictional prefixes.
    for n, each in enumerate(rows):
        first = f"{90 + n // 1000:02d}{n % 1000:03d}"
        each["code"] = f"{first}{body_check_digit(first)}"
        each["prefecture_code"] = first[:2]
    rows[7_777]["population_census_2020"] = "-1"
    seen = []
    result = take_in(database, write(tmp_path, rows), progress=seen.append)
    assert reasons(result) == [
        "bodies.csv 7779行目「population_census_2020」: "
        "「-1」は負の数です。0以上で入力してください。"
    ]
    assert seen[-1] == 10_000
    assert counted(database)["local_body"] == 0


def test_a_dry_run_finds_the_same_and_leaves_nothing(database, tmp_path):
    good = check_bodies(database, write(tmp_path, [row(1)]), now=NOW, progress=silent)
    bad = check_bodies(database, write(tmp_path, [row(1, kind="郡")]), now=NOW, progress=silent)
    assert (good.rows, good.problems) == (1, ())
    assert bad.bad_rows == 1
    assert set(counted(database).values()) == {0}


class Killed(BaseException):
    """The process ends here."""


def test_an_import_killed_while_reading_goes_on_where_it_stopped(database, tmp_path):
    path = write(tmp_path, [row(n) for n in range(1000)])

    def die(rows):
        if rows >= 500:
            raise Killed

    with pytest.raises(Killed):
        take_in(database, path, progress=die)
    assert counted(database) == {
        "local_body": 0,
        "organization": 0,
        "audit_event": 0,
        "import_row": 500,
    }
    seen = []
    assert take_in(database, path, progress=seen.append).changed == 1000
    assert seen == [1000]
    with database.read_session() as session:
        assert session.scalars(select(ImportBatch.state)).all() == ["committed"]


def test_an_import_killed_while_committing_leaves_nothing_half_done(database, tmp_path):
    path = write(tmp_path, [row(n) for n in range(20)])

    def take_some_then_die(session, rows):
        for n, _row in enumerate(rows):
            session.add(LocalBody(**_some_body(n)))
            if n == 10:
                session.flush()
                raise Killed

    with pytest.raises(Killed):
        _stage_then(database, path, take_some_then_die)
    assert counted(database)["local_body"] == 0
    assert take_in(database, path).changed == 20
    with database.read_session() as session:
        assert verify(session).problems == ()


def _stage_then(database, path, apply):
    from accounts.importing import _kind
    from foundation.staging import stage

    staged = stage(database, _kind(database), path, now=NOW, progress=silent)
    with database.transaction() as session:
        commit(session, staged.batch_id, apply, now=NOW)


def _some_body(n):
    return {
        "code": code(n),
        "name": "x",
        "kana": "",
        "kind": "city",
        "prefecture_code": "99",
        "prefecture_name": "架空県",
    }


def test_a_batch_is_committed_once(database, tmp_path):
    path = write(tmp_path, [row(1)])
    take_in(database, path)
    with database.read_session() as session:
        batch_id = session.scalars(select(ImportBatch.id)).one()
    with pytest.raises(Conflict), database.transaction() as session:
        commit(session, batch_id, lambda _session, _rows: None, now=NOW)


def test_the_event_names_the_file_by_its_hash(database, tmp_path):
    result = take_in(database, write(tmp_path, [row(1), row(2)]))
    with database.read_session() as session:
        event = session.scalars(select(AuditEvent)).one()
    assert event.batch_file_sha256 == result.staged.file_sha256
    assert event.changes == {"file": "bodies.csv", "rows": 2, "added": 2}


@pytest.fixture
def run(sqlite_url, tmp_path):
    app = create_app({"DATABASE_URL": sqlite_url, "INSTANCE_DIR": str(tmp_path / "instance")})
    runner = app.test_cli_runner()
    yield lambda *args: runner.invoke(args=["bodies", *map(str, args)])
    app.extensions["moyai_database"].dispose()


def test_the_command_says_what_it_did_and_leaves_0_1_or_2(run, tmp_path):
    good = run("import", write(tmp_path, [row(1)]))
    assert (good.exit_code, good.stdout.strip()) == (0, "1団体を取り込みました（うち新規 1）。")
    bad = run("import", write(tmp_path, [row(2, kind="郡")]))
    assert bad.exit_code == 1
    assert "2行目「kind」" in bad.stderr
    assert "1行も取り込んでいません" in bad.stderr
    unreadable = run("import", write(tmp_path, [row(1)], columns=("code",)))
    assert (unreadable.exit_code, "name" in unreadable.stderr) == (1, True)
    assert run("import", tmp_path / "nowhere.csv").exit_code == 2
    assert run("import").exit_code == 2


def test_the_command_only_looks_when_told_to(run, tmp_path):
    result = run("import", "--dry-run", write(tmp_path, [row(1)]))
    assert (result.exit_code, "誤りはありません" in result.stdout) == (0, True)
    assert run("list").stdout == ""


def test_a_body_is_shown_with_its_sources(run, tmp_path):
    run("import", write(tmp_path, [row(1)]))
    shown = run("show", code(1))
    assert "人口（国勢調査）: 1,001人  出典: 架空" in shown.stdout
    assert run("show", "000000").exit_code == 1
