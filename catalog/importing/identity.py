"""Which entry a row speaks of: by its key, else by name and maker, which is asked.

The column 「同じ掲載」 answers: the key of an entry there already, or 「別」 for another one.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from catalog.importing.known import Alike, Known, bare_name
from foundation.tables import TableRow
from foundation.text import normalize

KEY = "キー"
SAME_AS = "同じ掲載"
NAME = "名称"
MAKER = "開発元"
ANOTHER = "別"
# Written by the reader: an earlier row of the file has the same name and maker. Which line it
# is on, its key, and how many there are.
TWIN_LINE, TWIN_KEY, TWINS = "同じ名称の行", "同じ名称の行のキー", "同じ名称の行の数"
TWIN_CELLS = (TWIN_LINE, TWIN_KEY, TWINS)
_ANOTHER = (ANOTHER, "新規", "new")


@dataclass(frozen=True, kw_only=True)
class Named:
    """The key of a row's entry, or (column, reason) why it has none.

    alike: what it may be the same as, while nobody has answered.
    """

    key: str = ""
    problem: tuple[str, str] | None = None
    alike: tuple[str, ...] = ()


def name_entry(cells: Mapping[str, str], maker_id: int, known: Known) -> Named:
    """The key the row's entry has or is to have."""
    given, answer = normalize(cells[KEY]), normalize(cells.get(SAME_AS, ""))
    if given in known.offerings:
        if answer and answer not in (given, *_ANOTHER):
            reason = f"キー「{given}」は登録済みです。別の掲載のキーは書けません。"
            return Named(problem=(SAME_AS, reason))
        return Named(key=given)
    new = given or _new_key(maker_id, cells[NAME], known, int(cells.get(TWINS, "0")))
    twin = _twin_key(cells, maker_id, known)
    if answer:
        # Said to be the same as another row, it is that row twice, which is refused as such.
        return Named(key=twin) if answer == twin else _answered(answer, new, maker_id, known)
    alike = known.list_alike(maker_id, cells[NAME])
    if not alike and twin and twin != given and known.alike is Alike.ASK:
        return Named(problem=(SAME_AS, _twin_question(cells[TWIN_LINE], twin)), alike=(twin,))
    return _by_rule(alike, new, known)


def _by_rule(alike: tuple[str, ...], new: str, known: Known) -> Named:
    """What the answer for all rows makes of one that did not answer itself."""
    if not alike or known.alike is Alike.NEW:
        return Named(key=new)
    if known.alike is Alike.SAME and len(alike) == 1:
        return Named(key=alike[0])
    return Named(problem=(SAME_AS, _question(alike)), alike=alike)


def tell_twins(rows: Iterable[TableRow]) -> Iterator[TableRow]:
    """The rows; one that is called as an earlier one by the same maker says so."""
    first: dict[tuple[str, str], tuple[TableRow, int]] = {}
    for row in rows:
        name, maker = bare_name(row.cells[NAME]), normalize(row.cells.get(MAKER, ""))
        pair = (name, maker.replace("-", ""))
        earlier, count = first.get(pair, (row, 0))
        first[pair] = (earlier, count + 1)
        if not count or not name:
            yield row
            continue
        told = {
            TWIN_LINE: str(earlier.line),
            TWIN_KEY: normalize(earlier.cells[KEY]),
            TWINS: str(count),
        }
        yield TableRow(sheet=row.sheet, line=row.line, cells={**row.cells, **told})


def key_in_file(row: TableRow, known: Known) -> str:
    """What no two rows of a file may share; '' for a row that does not tell its maker."""
    cells = row.cells
    try:
        maker_id = known.vendor(cells[MAKER])
    except ValueError:
        return normalize(cells[KEY])
    named = name_entry(cells, maker_id, known)
    return named.key or normalize(cells[KEY])


def _answered(answer: str, new: str, maker_id: int, known: Known) -> Named:
    if answer in _ANOTHER:
        return Named(key=new)
    found = known.offerings.get(answer)
    if found is None or found[0] != maker_id:
        reason = f"この開発元に、キー「{answer}」の掲載はありません。"
        return Named(problem=(SAME_AS, reason))
    return Named(key=answer)


def _question(alike: tuple[str, ...]) -> str:
    keys = "、".join(f"「{key}」" for key in alike)
    return (
        f"同じ開発元に同じ名称の掲載があります（キー{keys}）。同じものですか。"
        f"同じならそのキーを、違うなら「{ANOTHER}」を書いてください。"
    )


def _twin_key(cells: Mapping[str, str], maker_id: int, known: Known) -> str:
    """The key of the earlier row of that name and maker; '' for none."""
    if TWIN_LINE not in cells:
        return ""
    return cells[TWIN_KEY] or _new_key(maker_id, cells[NAME], known, 0)


def _twin_question(line: str, key: str) -> str:
    return (
        f"このファイルの{line}行目（キー「{key}」）と、開発元と名称が同じです。別のものですか。"
        f"別なら「{ANOTHER}」を書き、同じものなら、どちらかの行を消してください。"
    )


def _new_key(maker_id: int, name: str, known: Known, number: int) -> str:
    """A key for a row without one: the same row gets the same again while it is not taken.

    number: how many rows before it are called the same.
    """
    while True:
        words = f"{maker_id} {bare_name(name)} {number}"
        key = f"entry-{hashlib.sha256(words.encode()).hexdigest()[:12]}"
        if key not in known.offerings:
            return key
        number += 1
