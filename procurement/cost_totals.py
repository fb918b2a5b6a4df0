"""The sums of the cost rows, kept by triggers: a dashboard never adds up a million rows.

The same on both databases; a test compares the totals with the sums of the rows.
"""

from sqlalchemy.engine import Connection

_KEY = "fictional, prefecture_code, project_id, fiscal_year, category, basis"
_ROW = (
    "{row}.fictional, SUBSTR({row}.body_code, 1, 2), COALESCE({row}.project_id, 0),"
    " {row}.fiscal_year, {row}.category, {row}.basis"
)
_ADD = (
    f"INSERT INTO cost_total ({_KEY}, row_count, amount_yen)"
    " SELECT {key}, {sign}1, {sign}{row}.amount_yen WHERE {row}.tax_included"
    f" ON CONFLICT ({_KEY}) DO UPDATE SET"
    " row_count = cost_total.row_count + excluded.row_count,"
    " amount_yen = cost_total.amount_yen + excluded.amount_yen"
)
_FILL = (
    f"INSERT INTO cost_total ({_KEY}, row_count, amount_yen)"
    f" SELECT {_ROW.format(row='cost_row')}, COUNT(*), SUM(cost_row.amount_yen)"
    " FROM cost_row WHERE cost_row.tax_included GROUP BY 1, 2, 3, 4, 5, 6"
)
_EVENTS = {"insert": ("NEW",), "delete": ("OLD",), "update": ("OLD", "NEW")}


def keep_totals(connection: Connection) -> None:
    """Fill the totals once and have the database keep them."""
    make = _sqlite if connection.dialect.name == "sqlite" else _postgresql
    for statement in (_FILL, *make()):
        connection.exec_driver_sql(statement)


def drop_totals(connection: Connection) -> None:
    """Take the triggers away again."""
    on_table = "" if connection.dialect.name == "sqlite" else " ON cost_row"
    for event in _EVENTS:
        connection.exec_driver_sql(f"DROP TRIGGER cost_total_{event}{on_table}")
    if on_table:
        connection.exec_driver_sql("DROP FUNCTION moyai_keep_cost_totals()")


def _add(row: str) -> str:
    sign = "-" if row == "OLD" else ""
    return _ADD.format(key=_ROW.format(row=row), row=row, sign=sign)


def _sqlite() -> list[str]:
    return [
        f"CREATE TRIGGER cost_total_{event} AFTER {event.upper()} ON cost_row BEGIN"
        f" {' '.join(_add(row) + ';' for row in rows)} END"
        for event, rows in _EVENTS.items()
    ]


def _postgresql() -> list[str]:
    function = (
        "CREATE FUNCTION moyai_keep_cost_totals() RETURNS trigger AS $$ BEGIN"
        f" IF TG_OP <> 'INSERT' THEN {_add('OLD')}; END IF;"
        f" IF TG_OP <> 'DELETE' THEN {_add('NEW')}; END IF;"
        " RETURN NULL; END $$ LANGUAGE plpgsql"
    )
    return [function] + [
        f"CREATE TRIGGER cost_total_{event} AFTER {event.upper()} ON cost_row"
        " FOR EACH ROW EXECUTE FUNCTION moyai_keep_cost_totals()"
        for event in _EVENTS
    ]
