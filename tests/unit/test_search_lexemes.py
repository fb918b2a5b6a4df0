"""Terms as lexemes and back: nothing is lost, and the two field sets never meet."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from catalog.search.postgresql.lexemes import (
    CODES,
    FIELDS,
    escaped,
    frequencies,
    lexemes,
    storable,
    vector,
)
from catalog.search.schema import ALL_FIELDS

# What no database holds is replaced, which the next test is about.
_STORABLE = st.characters(exclude_characters="\0", exclude_categories=("Cs",))
TERMS = st.lists(st.text(_STORABLE, min_size=1, max_size=12))


@given(st.dictionaries(st.sampled_from(ALL_FIELDS), TERMS))
def test_what_a_document_says_is_read_back_with_its_frequency(terms: dict[str, list[str]]) -> None:
    found = frequencies(lexemes(terms))
    expected = {
        (field, term): often
        for field, words in terms.items()
        for term, often in Counter(words).items()
    }
    assert found == expected


def test_every_field_has_a_code_of_its_own_and_what_is_for_bodies_another() -> None:
    assert set(CODES) == set(ALL_FIELDS) and len(FIELDS) == len(CODES)
    assert {field for field, code in CODES.items() if code.isupper()} == {
        field for field in ALL_FIELDS if field.startswith("g_")
    }


@given(st.text(min_size=1))
def test_any_term_can_be_stored(term: str) -> None:
    stored = storable(term)
    assert "\0" not in stored
    assert len(f"b255:{stored}".encode()) < 2_046  # PostgreSQL's longest lexeme
    assert storable(stored) == stored


def test_long_terms_stay_different() -> None:
    assert storable("a" * 5_000) != storable("a" * 5_001)
    assert storable("\udcff")  # half of a character: no encoding holds it


def test_marks_of_the_database_are_only_text() -> None:
    assert escaped("it's a \\") == "it''s a \\\\"
    assert vector(["b1:it's", "b1:&|!"]) == "'b1:it''s' 'b1:&|!'"
