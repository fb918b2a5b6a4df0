"""What a search answers to words nobody wrote: synonyms, similar words, and never a hidden one."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.search import sources
from catalog.search.documents import SearchDocument, Viewer
from catalog.search.fallback import Rephraser
from catalog.search.plan import Plan
from catalog.search.query import SearchQuery
from catalog.search.results import SearchPage
from catalog.search.service import SearchService
from catalog.search.synonyms import make_synonyms
from catalog.search.vocabulary import Vocabularies, Vocabulary
from catalog.words.models import SynonymGroup
from foundation.db import Database
from tests.harness.corpus import NOW, ListSource, make_document

Ask = Callable[..., SearchPage]
TITLES = (
    "文書管理クラウド", "文書管理システム", "文書管理の共同利用", "議事録作成支援",
    "議事録の文字起こし",
    "電子申請ポータル", "電子契約サービス", "図書館予約", "会議録作成", "防災情報配信", "LGWAN接続",
    "電子で受け付けた紙の申請",
)  # fmt: skip


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> dict[int, SearchDocument]:
    """The entries of the only source."""
    monkeypatch.setattr(sources, "_sources", {})
    monkeypatch.setattr(sources, "_label_loaders", {})
    # These are tests of what is done with words, whatever the repository's table says.
    monkeypatch.setattr("catalog.search.understanding.list_table_groups", lambda: ())
    documents = [make_document("offering", n, title) for n, title in enumerate(TITLES, 1)]
    hidden = make_document("offering", 90, "暗号鍵束管理", visibility=Viewer.GOVERNMENT)
    partly = make_document("offering", 91, "庁舎", government_body="脆弱性診断の結果")
    source = ListSource({d.object_id: d for d in (*documents, hidden, partly)})
    sources.register("offering", source)
    return source.held


@pytest.fixture
def service(
    sqlite_database: Database, held: dict[int, SearchDocument], tmp_path: Path
) -> SearchService:
    service = SearchService(sqlite_database, tmp_path / "search")
    service.ensure_index()
    return service


@pytest.fixture
def ask(service: SearchService) -> Ask:
    def ask(text: str, viewer: Viewer = Viewer.PUBLIC, **facts: object) -> SearchPage:
        query = SearchQuery(text=text, **facts)  # type: ignore[arg-type]
        return service.search(query, viewer=viewer, now=NOW)

    return ask


def titles(page: SearchPage) -> set[str]:
    return {result.title for result in page.results}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("電子申請", {"電子申請ポータル", "電子で受け付けた紙の申請"}),
        ('"電子申請"', {"電子申請ポータル"}),
        ("「電子 申請」", {"電子申請ポータル"}),
        ("電子申請 -紙", {"電子申請ポータル"}),
        ("図書館または防災 -配信", {"図書館予約"}),
        ("議事録 －文字", {"議事録作成支援"}),
        ("図書館｜LGWAN", {"図書館予約", "LGWAN接続"}),
        ('"図書館', {"図書館予約"}),
    ],
)
def test_the_language_finds(ask: Ask, text: str, found: set[str]) -> None:
    assert titles(ask(text)) == found


def test_a_phrase_is_marked_where_it_stands(ask: Ask) -> None:
    (result,) = ask('"電子申請"').results
    assert result.highlights["title"] == (("電子申請", True), ("ポータル", False))
    assert result.matched_in == (("title", "名称"),)


@pytest.mark.parametrize(
    ("typed", "answered"),
    [
        ("ぶんしょかんり", "文書管理"),
        ("ブンショカンリ", "文書管理"),
        ("bunshokanri", "文書管理"),
        ("bunsyokanri", "文書管理"),
        ("bosai", "防災"),
        ("ぶんしょ", "文書"),
        ("ぎじろく", "議事録"),
        ("としょかん", "図書館"),
        ("議事碌", "議事録"),
        ("議事碌作成", "議事録作成"),
        ("電子請申", "電子申請"),
        ("でんししんせ", "電子申請"),
        ("lgwn", "lgwan"),
        ("図書缶 予約", "図書館 予約"),
        ("電子しんせい", "電子申請"),
        ("議事ろく", "議事録"),
        ("lgw", "lgwan"),
    ],
)
def test_words_nobody_wrote_are_answered_by_similar_ones(
    ask: Ask, typed: str, answered: str
) -> None:
    page = ask(typed)
    assert page.answered_text == answered
    assert titles(page) == titles(ask(answered)) != set()
    literal = ask(typed, literal=True)
    assert (literal.total, literal.answered_text) == (0, "")


def test_a_synonym_is_known_by_its_sound_though_no_entry_has_it(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    groups = (("議事録", "反訳"), ("文書管理", "図書管理"))
    monkeypatch.setattr("catalog.search.understanding.list_table_groups", lambda: groups)
    page = ask("はんやく")
    assert page.answered_text == "反訳"
    assert "議事録作成支援" in titles(page)


def test_a_synonym_is_no_slip_for_another(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    groups = (("庶務管理", "服務管理"), ("文書管理", "庶務監理"))
    monkeypatch.setattr("catalog.search.understanding.list_table_groups", lambda: groups)
    assert ask("庶務管理").answered_text == ""
    assert ask("庶務看理").answered_text == "庶務監理"  # a slip of the pen is


def test_a_name_in_kana_stays_as_it_is_written(
    ask: Ask, service: SearchService, held: dict[int, SearchDocument]
) -> None:
    held[50] = make_document("offering", 50, "みなと電子しんせい")
    service.rebuild()
    page = ask("みなと電子しんせい")
    assert (titles(page), page.answered_text) == ({"みなと電子しんせい"}, "")


def test_conditions_that_leave_nothing_do_not_change_the_words(ask: Ask) -> None:
    page = ask("文書管理", filters={"kind": ("case",)})
    assert (page.total, page.answered_text, page.did_you_mean) == (0, "", "")


def test_a_word_wrong_all_over_is_not_mended_for_ever() -> None:
    """How often the index is asked does not grow with what is typed."""
    asked: list[Plan] = []

    def count(plan: Plan) -> int:
        asked.append(plan)
        return 0

    words = Vocabulary({"電子", "申請", "文書", "管理"}, {"電子 申請", "文書 管理"})
    rephraser = Rephraser(vocabulary=Vocabularies([words]), synonyms=make_synonyms([]), count=count)
    numbers = []
    for times in (10, 20):
        asked.clear()
        assert rephraser.find("電志申精文署管里" * times) is None
        numbers.append(len(asked))
    assert numbers[0] > 0 and numbers[1] < 200


def test_nothing_like_it_is_answered_by_nothing(ask: Ask) -> None:
    for text in ("量子もつれ", "zzzz", '"電子図書"'):
        page = ask(text)
        assert (page.total, page.answered_text) == (0, ""), text


def test_few_results_propose_what_finds_much_more(
    ask: Ask, service: SearchService, held: dict[int, SearchDocument]
) -> None:
    held[50] = make_document("offering", 50, "議事碌")  # somebody's slip of the pen
    held.update({n: make_document("offering", n, f"議事録作成 {n}号") for n in range(60, 70)})
    service.rebuild()
    page = ask("議事碌")
    assert titles(page) == {"議事碌"}
    assert (page.did_you_mean, page.answered_text) == ("議事録", "")


@pytest.mark.parametrize(
    "typed", ["暗号鍵朿管理", "あんごうかぎたばかんり", "脆弱性珍断", "ぜいじゃくせい"]
)
def test_a_hidden_word_is_never_proposed_to_a_visitor(ask: Ask, typed: str) -> None:
    visitor = ask(typed)
    assert (visitor.total, visitor.answered_text, visitor.did_you_mean) == (0, "", "")
    body = ask(typed, Viewer.GOVERNMENT)
    assert body.answered_text
    assert body.total == 1


def test_a_compound_nobody_wrote_is_answered_and_a_likely_one_proposed(
    ask: Ask, service: SearchService, held: dict[int, SearchDocument]
) -> None:
    held[50] = make_document("offering", 50, "住民票の写し")
    held.update({n: make_document("offering", n, f"住民 一覧の表 {n}号") for n in range(60, 64)})
    service.rebuild()
    page = ask("住民表")
    assert page.total == 4
    assert (page.did_you_mean, page.answered_text) == ("住民票", "")
    assert ask("住民票").did_you_mean == ""


def test_a_withdrawn_word_is_not_proposed(
    ask: Ask, service: SearchService, held: dict[int, SearchDocument]
) -> None:
    assert ask("としょかん").answered_text == "図書館"
    with service.index.lock():
        service.index.replace(["offering:8"], [])
    page = ask("としょかん")
    assert (page.total, page.answered_text) == (0, "")


def test_a_group_works_on_the_next_query_of_every_process_and_both_ways(
    database: Database, held: dict[int, SearchDocument], tmp_path: Path
) -> None:
    service, other = (SearchService(database, tmp_path / "search") for _ in range(2))

    def ask(text: str, **facts: object) -> SearchPage:
        query = SearchQuery(text=text, **facts)  # type: ignore[arg-type]
        return service.search(query, viewer=Viewer.PUBLIC, now=NOW)

    assert titles(ask("議事録 作成")) == {"議事録作成支援"}
    generation = ask("").generation
    with database.transaction() as session:
        group = SynonymGroup(words=["議事録", "会議録"], updated_at=NOW)
        session.add(group)
        session.flush()
        group_id = group.id
    both = {"議事録作成支援", "会議録作成"}
    for asked in (service, other):
        for text in ("議事録作成", "会議録作成"):
            page = asked.search(SearchQuery(text=text), viewer=Viewer.PUBLIC, now=NOW)
            assert titles(page) == both
            assert page.results[0].title.startswith(text)  # the typed word counts more
    assert titles(ask("議事録 作成", literal=True)) == {"議事録作成支援"}
    with database.transaction() as session:
        session.get_one(SynonymGroup, group_id).active = False
    assert titles(ask("議事録 作成")) == {"議事録作成支援"}
    assert ask("").generation == generation


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text(max_size=30)
    | st.lists(
        st.sampled_from(["議事碌", "ぶんしょ", "bunsho", "電子申請", "または", *'-"「」 '])
    ).map("".join)
)
def test_any_text_is_answered_with_what_the_reader_may_find(ask: Ask, text: str) -> None:
    page = ask(text)
    assert page.total >= len(page.results)
    assert page.sentence
    if page.answered_text:
        assert page.total > 0
        assert "暗号" not in page.answered_text
