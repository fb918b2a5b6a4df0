"""From what was understood to what is looked for: words become groups of alternatives."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby, pairwise, product

from catalog.search.analyzer import (
    GENERIC_TERMS,
    PLACE_SUFFIXES,
    Token,
    analyze,
    cut,
    exact_key,
    pair,
    pairs,
)
from catalog.search.characters import fold
from catalog.search.plan import Alternative, Exclusion, Group, Plan
from catalog.search.readings import is_kana
from catalog.search.synonyms import SYNONYM_WEIGHT, Synonyms, atoms_of
from catalog.search.syntax import Choice, Expression, Word, parse, typed_words

NO_SYNONYMS = Synonyms()
# A name with its 市 or 町 is a body's: 蛍ヶ瀬町 is not the firm 蛍ヶ瀬.
BODY_WEIGHT = 8.0
# More alternatives than this in 「AまたはB」 are looked for without their synonyms.
_MOST_ALTERNATIVES = 64
_KANJI = re.compile("[\u4e00-\u9fff]")
# Glued to another noun they only say how: whoever types 議事録AI looks for 議事録.
_QUALIFIERS = frozenset(("ai", "dx", "ict"))
# Words of nearly every entry in compounds only: 文書 管理 asks for what is managed and that it is.
_WANTED_ALONE = frozenset(("管理",))


@dataclass
class _Draft:
    """A plan being made; dictionaries keep each atom once, in the order met."""

    synonyms: Synonyms
    required: list[Group] = field(default_factory=list)
    ranking: dict[str, None] = field(default_factory=dict)
    pairs: dict[str, None] = field(default_factory=dict)
    typed: set[str] = field(default_factory=set)
    weights: dict[str, float] = field(default_factory=dict)

    def groups_of(self, tokens: Sequence[Token]) -> list[Group]:
        """The groups that units standing in a row ask for; words of every entry only rank."""
        self.pairs.update(dict.fromkeys(pairs(tokens)))
        self.weights |= dict.fromkeys(_bodies(tokens), BODY_WEIGHT)
        runs = {run.start: run for run in self.synonyms.runs(tokens)}
        groups: list[Group] = []
        place = 0
        while place < len(tokens):
            run = runs.get(place)
            end = run.end if run else place + 1
            own = self._own(tokens, place, end)
            if own:
                groups.append((own, *(run.alternatives if run else ())))
            if run:
                self.weights.update(run.weights)
                self.ranking.update(run.ranking)
            place = end
        return groups

    def groups_apart(self, words: Sequence[str]) -> list[Group]:
        """The groups of words typed apart, each asked for as if it were typed alone.

        What they would mean as one word only ranks: 電子 and 申請 apart are not 電子申請.
        """
        together = self.synonyms.words_together(words)
        if self.synonyms.joins([cut(word) for word in words]):
            self._rank_joined(" ".join(words))
        return [group for word in together for group in self._take(draft_of(word, self.synonyms))]

    def _take(self, word: "_Draft") -> list[Group]:
        """The groups of a word drafted by itself, with all that goes with them."""
        self.pairs.update(word.pairs)
        self.weights.update(word.weights)
        self.ranking.update(word.ranking)
        self.typed.update(word.typed)
        return word.required

    def _rank_joined(self, text: str) -> None:
        tokens = cut(text)
        for run in self.synonyms.runs(tokens):
            units = tokens[run.start : run.end]
            if " " in text[units[0].start : units[-1].end]:
                atoms = (atom for found in run.alternatives for atom in found)
                weights = dict.fromkeys((*atoms_of(units), *atoms), SYNONYM_WEIGHT)
                self.weights |= weights
                self.ranking.update(dict.fromkeys(weights))

    def _own(self, tokens: Sequence[Token], start: int, end: int) -> Alternative:
        """How the typed words [start, end) themselves are found.

        A term of several units stands together, or it is another: 文書 and 管理 apart are
        no 文書管理.
        """
        if end - start > 1:
            return self._read_phrase(tokens[start:end])
        return self._read([settled(tokens, start)])

    def _read(self, tokens: Sequence[Token]) -> Alternative:
        """The units that must be found; the others go to what only ranks."""
        required = tuple(dict.fromkeys(token.term for token in tokens if token.required))
        self.typed.update(token.term for token in tokens)
        self.ranking.update(dict.fromkeys(token.term for token in tokens if not token.required))
        return required

    def alternatives_of(self, word: Word) -> Group:
        """The ways in which one word or phrase of several is found."""
        tokens = cut(word.text)
        if not tokens:
            return ()
        if word.is_phrase or stands_apart(word, self.synonyms):
            return (self._read_phrase(tokens),)
        groups = self.groups_of(tokens)
        if not groups:  # words of every entry alone are asked for
            return (tuple(dict.fromkeys(token.term for token in tokens)),)
        return _product(groups)

    def _read_phrase(self, tokens: Sequence[Token]) -> Alternative:
        atoms = atoms_of(tokens)
        self.typed.update(atoms)
        self.typed.update(token.term for token in tokens)
        # Pairs do not say in which field they stand: the units rank a title above a body.
        self.ranking.update(dict.fromkeys(token.term for token in tokens))
        return atoms


# Words are asked for again and again, alone and with others: what each comes to is kept.
@lru_cache(maxsize=2_048)
def draft_of(word: str, synonyms: Synonyms) -> _Draft:
    """What a plain word asks for by itself. Not to be changed."""
    draft = _Draft(synonyms)
    draft.required = draft.groups_of(cut(word))
    return draft


def _bodies(tokens: Sequence[Token]) -> Iterator[str]:
    return (
        pair(before, token)
        for before, token in pairwise(tokens)
        if before.end == token.start and before.noun and token.term in PLACE_SUFFIXES
    )


def settled(tokens: Sequence[Token], place: int) -> Token:
    """The unit as it is meant where it stands: 住民 says much in 住民票, AI little in 議事録AI."""
    token = tokens[place]
    if len(tokens) == 1 and token.term in _WANTED_ALONE:
        return token._replace(required=True)
    touching = [other for other in _touching(tokens, place) if other.noun and other.required]
    if token.term in GENERIC_TERMS:
        says_more = any(t.start == token.end and t.end - t.start == 1 for t in touching)
        return token._replace(required=says_more)
    if token.term in _QUALIFIERS and any(t.term not in _QUALIFIERS for t in touching):
        return token._replace(required=False)
    return token


def _touching(tokens: Sequence[Token], place: int) -> Iterator[Token]:
    """The units before and after with nothing between."""
    token = tokens[place]
    if place and tokens[place - 1].end == token.start:
        yield tokens[place - 1]
    if place + 1 < len(tokens) and tokens[place + 1].start == token.end:
        yield tokens[place + 1]


@lru_cache(maxsize=512)  # a text is asked for again with each filter, order and page
def plan_of(text: str, synonyms: Synonyms = NO_SYNONYMS) -> Plan:
    """What the text asks for: all of its words, except those every entry has."""
    expression = parse(text)
    if expression.choices == ((Word(text=text),),):
        return plan_of_word(text, synonyms)
    return _plan(text, expression, synonyms)


@lru_cache(maxsize=2_048)
def plan_of_word(word: str, synonyms: Synonyms) -> Plan:
    """What a word typed alone asks for."""
    return _plan(word, Expression(choices=((Word(text=word),),)), synonyms)


def _plan(text: str, expression: Expression, synonyms: Synonyms) -> Plan:
    draft = _Draft(synonyms)
    _require(draft, expression)
    return _finish(draft, expression, text)


def _require(draft: _Draft, expression: Expression) -> None:
    for is_plain, choices in groupby(
        expression.choices, lambda choice: _is_plain_choice(choice, draft.synonyms)
    ):
        if is_plain:
            draft.required += draft.groups_apart([choice[0].text for choice in choices])
        else:
            draft.required += filter(None, (_choice_group(draft, choice) for choice in choices))
    if not draft.required and expression.choices:
        _require_what_is_left(draft, expression)


def list_only_ranking(text: str, plan: Plan) -> tuple[str, ...]:
    """The typed words, and parts of words, that no result needs to have, as they were typed."""
    alternatives = (found for group in plan.required for found in group)
    needed = {term for found in alternatives for atom in found for term in atom.split()}
    found: list[str] = []
    for word, *others in parse(text).choices:
        tokens = cut(word.text)
        if others or word.is_phrase or {token.term for token in tokens} <= needed:
            continue
        if needed.isdisjoint(token.term for token in tokens):
            found.append(word.text)
            continue
        # 市 of 神戸市 is no word of its own.
        parts = [token for token in tokens if token.term not in needed]
        found += [word.text[t.start : t.end] for t in parts if t.end - t.start > 1]
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=2_048)
def stands_apart(word: Word, synonyms: Synonyms) -> bool:
    """Whether the word is kana that the dictionary cut into units meaning something else.

    ぶんしょかんり becomes 分 and 彼: it is found only where these stand side by side.
    """
    if word.is_phrase or _KANJI.search(word.text) or not is_kana(fold(word.text)):
        return False
    tokens = cut(word.text)
    is_whole = len(tokens) == 1 and tokens[0].end - tokens[0].start == len(word.text)
    telling = any(token.required for token in tokens)
    return telling and not is_whole and not synonyms.runs(tokens)


def _is_plain_choice(choice: Choice, synonyms: Synonyms) -> bool:
    (word, *others) = choice
    return not (others or word.is_phrase or stands_apart(word, synonyms))


def _choice_group(draft: _Draft, choice: Choice) -> Group:
    alternatives = (found for word in choice for found in draft.alternatives_of(word))
    return tuple(dict.fromkeys(alternatives))


def _require_what_is_left(draft: _Draft, expression: Expression) -> None:
    """Words of every entry, or particles and symbols alone: they are all there is."""
    words = " ".join(word.text for word in typed_words(expression))
    terms = dict.fromkeys(token.term for token in analyze(words))
    draft.required = [((term,),) for term in terms]
    draft.typed.update(terms)


def _finish(draft: _Draft, expression: Expression, text: str) -> Plan:
    required = tuple(dict.fromkeys(draft.required))
    met = {atom for group in required for alternative in group for atom in alternative}
    return Plan(
        required=required,
        excluded=tuple(dict.fromkeys(_excluded(expression, draft.synonyms))),
        ranking=tuple(term for term in draft.ranking if term not in met),
        pairs=tuple(found for found in draft.pairs if found not in met),
        exact=exact_key(text),
        weights={a: weight for a, weight in draft.weights.items() if a not in draft.typed},
    )


def _excluded(expression: Expression, synonyms: Synonyms) -> Iterator[Exclusion]:
    """What each excluded word finds by itself: 電子 is 電子 申請 and 電子 -申請, and no more."""
    for word in expression.excluded:
        draft = _Draft(synonyms)
        _require(draft, Expression(choices=((word,),)))
        if draft.required:
            yield tuple(dict.fromkeys(draft.required))


def _product(groups: Sequence[Group]) -> Group:
    """「文書管理」 in 「文書管理または契約」 is one alternative of all its units."""
    size = 1
    for group in groups:
        size *= len(group)
    if size > _MOST_ALTERNATIVES:
        groups = [group[:1] for group in groups]
    return tuple(
        tuple(dict.fromkeys(atom for part in parts for atom in part)) for parts in product(*groups)
    )
