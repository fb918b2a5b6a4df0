"""Words that mean the same find one another, whichever of them is typed."""

from catalog.search.analyzer import analyze, cut, neighbours
from catalog.search.plan import Plan
from catalog.search.planning import BODY_WEIGHT, plan_of
from catalog.search.synonyms import SYNONYM_WEIGHT, list_table_groups, make_synonyms
from catalog.search.value_words import value_atom

SYNONYMS = make_synonyms(
    [
        ("文書管理", "ドキュメント管理", "DMS"),
        ("議事録", "会議録"),
        ("会議録", "ミーティングメモ"),
        ("LGWAN", "総合行政ネットワーク"),
        ("システム", "ソフト"),
        ("", "の", "庁内"),
    ]
)


def finds(plan: Plan, text: str) -> bool:
    """Whether a text of these words matches the plan."""
    tokens = analyze(text)
    atoms = {token.term for token in tokens} | set(neighbours(tokens))
    return all(any(set(found) <= atoms for found in group) for group in plan.required)


def test_every_word_of_a_group_finds_the_others() -> None:
    words = ("文書管理", "ドキュメント管理", "DMS")
    for typed in words:
        plan = plan_of(typed, SYNONYMS)
        for word in words:
            assert finds(plan, f"庁内の{word}です"), (typed, word)
        assert not finds(plan, "図書の予約")


def test_a_synonym_of_several_units_must_stand_side_by_side() -> None:
    plan = plan_of("LGWAN", SYNONYMS)
    assert plan.required[0][0] == ("lgwan",)
    assert all(" " in atom for atom in plan.required[0][1])
    assert not finds(plan, "総合窓口で行政の手続をネットワークで")


def test_a_word_of_two_groups_has_the_words_of_both_but_no_further() -> None:
    assert finds(plan_of("会議録", SYNONYMS), "議事録")
    assert finds(plan_of("会議録", SYNONYMS), "ミーティングメモ")
    assert not finds(plan_of("議事録", SYNONYMS), "ミーティングメモ")


def test_a_synonym_counts_a_little_less_than_the_typed_word() -> None:
    plan = plan_of("文書管理", SYNONYMS)
    assert plan.weights["dms"] == SYNONYM_WEIGHT < 1
    assert plan.weights["ドキュメント 管理"] == SYNONYM_WEIGHT
    assert "文書" not in plan.weights
    assert "dms" not in plan_of("文書管理 DMS", SYNONYMS).weights


def test_words_of_every_entry_are_not_widened() -> None:
    assert plan_of("予約システム", SYNONYMS).required == ((("予約",),),)


def test_phrases_are_as_typed_and_exclusions_are_what_the_words_find() -> None:
    assert plan_of('"文書管理"', SYNONYMS).required == ((("文書 管理",),),)
    assert plan_of("予約 -議事録", SYNONYMS).excluded == (plan_of("議事録", SYNONYMS).required,)
    assert plan_of('-"議事録"', SYNONYMS).excluded == (((("議事 録",),),),)


def test_words_typed_apart_are_asked_for_each_by_itself() -> None:
    plan = plan_of("文書 管理", SYNONYMS)
    assert plan.required == (*plan_of("文書", SYNONYMS).required, ((("管理",),)))
    assert "文書 管理" in plan.ranking  # side by side they rank


def test_a_word_written_with_a_space_is_one_though_typed_as_two() -> None:
    own = make_synonyms([["OpenID Connect", "ＯＩＤＣ"]])
    assert plan_of("openid　CONNECT 予約", own).required == (
        (("openid connect",), ("oidc",)),
        (("予約",),),
    )


def test_the_word_of_a_value_and_its_synonyms_find_the_value() -> None:
    own = make_synonyms([["多要素認証", "MFA"]], [("多要素認証", value_atom("sign_in", "mfa"))])
    for text in ("多要素認証", "MFA"):
        [group] = plan_of(text, own).required
        assert ("=sign_in=mfa",) in group
    [group] = plan_of("認証", own).required
    assert group == (("認証",),)


def test_synonyms_widen_the_words_of_alternatives_too() -> None:
    plan = plan_of("予約または議事録", SYNONYMS)
    assert finds(plan, "会議録") and finds(plan, "予約") and not finds(plan, "台帳")


def test_many_alternatives_stay_few() -> None:
    crowded = make_synonyms([[f"{a}{n}" for n in "いろはにほへと"] for a in ("甲", "乙", "丙")])
    plan = plan_of("甲い 乙い 丙い または 乙い丙い甲い乙ろ丙ろ甲ろ", crowded)
    assert sum(map(len, plan.required)) < 100


def test_a_qualifier_glued_to_a_noun_only_ranks() -> None:
    assert plan_of("検査AI").required == ((("検査",),),)
    assert "ai" in plan_of("検査AI").ranking
    assert plan_of("検査 AI").required == ((("検査",),), (("ai",),))
    assert plan_of("AI").required == ((("ai",),),)


def test_a_word_of_every_entry_counts_where_a_single_character_follows() -> None:
    assert plan_of("住民票").required == ((("住民",),), (("票",),))
    assert plan_of("職員の研修").required == ((("研修",),),)


def test_a_term_of_the_table_stands_together() -> None:
    plan = plan_of("文書管理", SYNONYMS)
    assert plan.required[0][0] == ("文書 管理",)
    assert {"文書", "管理"} <= set(plan.ranking)
    assert not finds(plan, "紙の文書の保存と鍵の管理")


def test_a_body_ranks_by_its_whole_name() -> None:
    assert plan_of("箕輪町").weights == {"箕輪 町": BODY_WEIGHT}


def test_whether_words_may_join_is_never_denied_where_they_do() -> None:
    """Every word of the table typed with a space at each border of its units."""
    table = make_synonyms(list_table_groups())
    joined = 0
    for word in {word for group in list_table_groups() for word in group}:
        for token in cut(word)[1:]:
            parts = [part for part in (word[: token.start], word[token.start :]) if part.strip()]
            text = " ".join(parts)
            crosses = any(
                " " in text[cut(text)[run.start].start : cut(text)[run.end - 1].end]
                for run in table.runs(cut(text))
            )
            assert table.joins([cut(part) for part in parts]) or not crosses
            joined += crosses
    assert joined > 500
