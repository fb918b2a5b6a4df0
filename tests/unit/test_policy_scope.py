"""Category first, keywords second; a suggestion warns and forbids nothing."""

from dataclasses import dataclass

from catalog.policy import PolicyScope, get_policy_text, policy_texts, suggest_scope


@dataclass(frozen=True)
class Item:
    id: int
    kind: str
    name: str
    keywords: str


ITEMS = (
    Item(1, "standard_20", "住民基本台帳", "住民基本台帳|住民記録|住記"),
    Item(2, "commonization_target", "畜犬管理システム", "畜犬|狂犬病予防"),
)


def test_a_general_category_without_keywords_stays_general() -> None:
    found = suggest_scope("general", "生成AIで文書を作るサービス", ITEMS)
    assert (found.scope, found.item_id, found.matched) == (PolicyScope.GENERAL, None, ())


def test_keywords_suggest_where_the_category_says_nothing() -> None:
    found = suggest_scope("general", "狂犬病予防注射の畜犬台帳", ITEMS)
    assert found.scope is PolicyScope.COMMONIZATION_TARGET
    assert found.item_id == 2
    assert found.matched == ("畜犬", "狂犬病予防")


def test_the_category_wins_over_keywords() -> None:
    found = suggest_scope("standard_20", "畜犬も扱う基幹業務", ITEMS)
    assert (found.scope, found.item_id) == (PolicyScope.STANDARD_20, None)


def test_width_and_spaces_do_not_hide_a_keyword() -> None:
    assert suggest_scope("undetermined", "住民 基本 台帳", ITEMS).item_id == 1


def test_every_sentence_says_where_it_stands() -> None:
    assert all(text.source_doc and text.as_of for text in policy_texts().values())
    assert get_policy_text("scope_exclusion").is_draft
