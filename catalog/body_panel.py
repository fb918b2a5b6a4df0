"""What the catalog shows on a local body's page: the cases it leads or takes part in."""

from sqlalchemy.orm import Session

from accounts.panels import Panel, PanelItem
from accounts.roles import Actor
from catalog.presenters.cases import case_item
from catalog.queries.cases import list_cases_of_body

SHOWN = 20


def cases_panel(session: Session, body_code: str, _actor: Actor) -> Panel:
    """Published cases, the latest start first."""
    items = [case_item(row) for row in list_cases_of_body(session, body_code, limit=SHOWN)]
    return Panel(
        id="cases",
        title="この団体が関わる調達の事例",
        items=tuple(
            PanelItem(
                title=item.title, url=item.url, meta=tuple(item.meta), fictional=item.fictional
            )
            for item in items
        ),
        empty_text="この団体を幹事または参加団体として記した事例は、登録されていません。",
    )
