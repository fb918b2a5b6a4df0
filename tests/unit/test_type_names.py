"""Which kinds of systems a text names: the rule behind 「募集中の共同調達」."""

import csv
from pathlib import Path

import pytest

from catalog.search.naming import KindOfSystem, Names, NameTable, make_names
from catalog.search.synonyms import list_table_groups, make_synonyms

TABLE = Path(__file__).parents[2] / "catalog" / "data" / "system_types.csv"
SYNONYMS = make_synonyms([*list_table_groups(), ("生成AI", "対話型人工知能")])


@pytest.fixture(scope="module")
def kinds() -> list[KindOfSystem]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [
            KindOfSystem(code=row["code"], name=row["name"], keywords=row["keywords"])
            for row in csv.DictReader(file)
        ]


@pytest.fixture(scope="module")
def names(kinds: list[KindOfSystem]) -> Names:
    return make_names(kinds, SYNONYMS)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("電子申請", ("electronic_application",)),
        ("住基 連携 できる 電子申請", ("electronic_application",)),
        ("住基連携", ("core_business",)),
        ("住基", ("core_business",)),
        ("文書管理", ("document_management",)),
        ("電子決裁", ("document_management",)),
        ("議事録ＡＩ", ("minutes_transcription",)),
        ("生成ＡＩ", ("generative_ai",)),
        ("対話型人工知能", ("generative_ai",)),
        ("スマホからの施設予約", ("facility_booking",)),
        ("統合型校務支援", ("school_administration",)),
        ("文書管理 または 生成AI", ("document_management", "generative_ai")),
        ("「電子申請」", ("electronic_application",)),
        ("建築確認電子申請", ("building_application",)),
        ("電子申請 -建築確認", ("electronic_application",)),
        ("-電子申請", ()),
        ("電子", ()),
        ("管理", ()),
        ("システム", ()),
        ("その他", ()),
        ("千早赤阪村", ()),
        ("", ()),
        ("！？", ()),
    ],
)
def test_words_name_kinds(names: Names, text: str, named: tuple[str, ...]) -> None:
    assert names.find(text) == named


def test_every_kind_is_named_by_its_own_name(names: Names, kinds: list[KindOfSystem]) -> None:
    for kind in kinds:
        if kind.code != "other":
            assert kind.code in names.find(kind.name), kind.name


def test_names_are_cut_again_only_when_something_changed(kinds: list[KindOfSystem]) -> None:
    table = NameTable()
    first = table.names(kinds, SYNONYMS)
    assert table.names(list(kinds), SYNONYMS) is first
    assert table.names(kinds[:-1], SYNONYMS) is not first
