"""Contract amounts beside shares on the fairness page, in words (F17)."""

from dataclasses import replace

from procurement.presenters.fairness_contracts import contract_rows, contract_words
from procurement.queries.contracted import ContractedRow

SAME = ContractedRow(code="990001", name="架空一市", term=1, contract_yen=300, share_yen=300)
MORE = replace(SAME, code="990002", name="架空二町", contract_yen=700, own_prices=True)
NEW = replace(SAME, code="990003", name="架空三村", term=2, share_yen=None)


def test_each_term_is_divided_by_itself_and_the_difference_has_its_sign():
    rows = contract_rows((SAME, MORE, NEW), 1, "990002").rows
    assert [(row.share, row.contract, row.difference) for row in rows] == [
        ("300円", "300円", "0円"),
        ("300円", "700円", "＋400円"),
        ("負担案にない", "300円", "—"),
    ]
    assert [(row.share_part, row.contract_part) for row in rows] == [
        ("50.0 %", "30.0 %"),
        ("50.0 %", "70.0 %"),
        ("—", "100.0 %"),
    ]
    assert [row.own for row in rows] == [False, True, False]
    less = replace(MORE, contract_yen=100)
    assert contract_rows((less,), 1, "").rows[0].difference == "−200円"


def test_the_words_count_what_differs_and_who_has_prices_of_its_own():
    assert contract_words(()) == ""
    assert contract_words((SAME,)) == "団体ごとの契約1件の額は、どれも負担案の額と同じです。"
    assert contract_words((SAME, MORE, NEW)) == (
        "団体ごとの契約3件のうち、負担案の額と異なるものは2件です。契約だけの単価がある契約は1件です。"
    )


def test_many_bodies_come_in_pages():
    page = contract_rows([replace(SAME, code=f"{n:06d}") for n in range(120)], 3, "")
    assert (len(page.rows), page.pages) == (20, 3)
