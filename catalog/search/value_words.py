"""The words of facet values: what can be clicked can be typed, and finds the same entries.

A value's word reaches the value itself rather than a text, so that nothing else is found by a
part of it: 連携 is not what SAML連携 is about. Deadlines and sizes are no words.
"""

from collections.abc import Iterator, Mapping

from catalog.search.facets import FACET_CRITERIA, FACETS_BY_NAME, facet_of_criterion

_MARK = "="
# Answers that say that there is nothing of the kind, or that something was not said.
_NO_WORDS = frozenset(("none", "not_tested"))
# 「あり」「申請中」 say nothing by themselves: what is there is in the text, by its name.
_WORDLESS = frozenset(("lgwan", "lgwan_asp"))
_OTHER_FACETS = (
    "vendor_size", "procurement_method", "contract_model", "policy_scope", "know_how",
    "funding_program", "spec",
)  # fmt: skip


def value_atom(facet: str, value: str) -> str:
    """What stands in a plan for the entries with this value. No word of a text begins so."""
    return f"{_MARK}{facet}{_MARK}{value}"


def is_value(atom: str) -> bool:
    """Whether the atom stands for a facet's value."""
    return atom[:1] == _MARK and atom.count(_MARK) > 1


def facet_value(atom: str) -> tuple[str, str]:
    """Facet and value of an atom that stands for one."""
    facet, _, value = atom.removeprefix(_MARK).partition(_MARK)
    return facet, value


def speaking_facets() -> tuple[str, ...]:
    """The facets whose values can be typed: an entry's answers, and how things were bought."""
    asked = (facet_of_criterion(criterion) for criterion in FACET_CRITERIA)
    return (*(name for name in asked if name not in _WORDLESS), *_OTHER_FACETS)


def list_value_words(loaded: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, str]]:
    """The words of these facets' values, each with its atom. loaded: words of the database."""
    for name in speaking_facets():
        words = {**FACETS_BY_NAME[name].labels, **loaded.get(name, {})}
        for value, word in words.items():
            if value not in _NO_WORDS:
                yield word, value_atom(name, value)
