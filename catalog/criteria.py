"""What a catalog entry is asked: one declaration, read by form, page, comparison and import.

An answer that is missing means 「記載なし」 (not stated), which is never the same as "no".
Stored values: choice = its key, choices = list of keys, text = str, whole = int,
percent = decimal string ("99.9"), day = ISO date, conformance = list
of objects (catalog.conformance), table = {row key: {column key: value}}.

A further question is one more entry in catalog/questions/: form, page, facet, comparison,
import, export, API and the index follow it (tests/services/test_added_criterion.py).
"""

import hashlib
from collections.abc import Iterable
from functools import cache

from catalog.criterion import Criterion, Disclosure, Group
from catalog.questions import trust, use
from catalog.questions.protection import protection_reasons

# Publishing must stay half an hour's work.
MOST_REQUIRED = 40

_ASKED: tuple[Criterion, ...] = (*use.USE, *trust.TRUST)
CRITERIA: tuple[Criterion, ...] = (*_ASKED, protection_reasons(_ASKED))
# The newest question's: written into downloads, so that a reader knows what was asked then.
CRITERIA_VERSION = max(criterion.since for criterion in CRITERIA)


@cache
def criteria_by_key() -> dict[str, Criterion]:
    """Every criterion by its key."""
    return {criterion.key: criterion for criterion in CRITERIA}


def criteria_of(group: Group) -> tuple[Criterion, ...]:
    """The questions asked under this heading, in order."""
    return tuple(criterion for criterion in CRITERIA if criterion.group is group)


def visible_criteria(disclosures: Iterable[Disclosure]) -> tuple[Criterion, ...]:
    """The criteria a reader with these disclosure classes may see answers to."""
    allowed = frozenset(disclosures)
    return tuple(c for c in CRITERIA if c.disclosure in allowed)


PUBLIC_ONLY = (Disclosure.PUBLIC,)
PUBLIC_AND_GOVERNMENT = (Disclosure.PUBLIC, Disclosure.GOVERNMENT)


def schema_sha256(criteria: Iterable[Criterion] = CRITERIA) -> str:
    """Changes whenever the declaration changes: the search index rebuilds itself on it."""
    return hashlib.sha256(repr(tuple(criteria)).encode()).hexdigest()
