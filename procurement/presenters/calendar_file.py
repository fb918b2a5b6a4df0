"""`schedule.ics`: a project's deadlines and counted-back steps for a calendar program."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from icalendar import Calendar, Event

from procurement.domain.schedule import Span
from procurement.domain.states import State
from procurement.queries.project_page import ProjectHead

PRODUCT = "-//Moyai//joint procurement//JA"


def calendar_file(
    head: ProjectHead, spans: Sequence[Span], *, made_at: datetime, address: str
) -> bytes:
    """An iCalendar file (RFC 5545). Deadlines are moments, steps whole days, the last included.

    made_at: when the page was asked for, UTC. address: of the project's page, whole; its host
    is part of every UID, which has to differ from those of other places that run this program.
    """
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", _named(head, head.row.title))
    deadlines = (
        ("survey", "意向調査の回答期限", head.survey_closes_at),
        ("join", "参加の回答期限", head.row.join_closes_at),
        ("consent", "負担案への同意期限", head.consent_closes_at),
        ("proposals", "提案の締切", head.row.proposals_close_at),
    )
    for key, label, moment in deadlines:
        if moment:
            event = _event(head, key, label, made_at, address)
            event.add("dtstart", moment)
            event.add("duration", timedelta(0))
            calendar.add_component(event)
    for span in spans:
        event = _event(head, f"step-{span.step.key}", f"予定：{span.step.label}", made_at, address)
        event.add("dtstart", span.starts_on)
        event.add("dtend", span.ends_on + timedelta(days=1))
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _event(head: ProjectHead, key: str, label: str, made_at: datetime, address: str) -> Event:
    event = Event()
    event.add("uid", f"project-{head.id}-{key}@{urlsplit(address).hostname}")
    event.add("dtstamp", made_at)
    event.add("summary", _named(head, f"{label}｜{head.row.title}"))
    event.add("url", address)
    if head.state == State.CANCELLED:
        event.add("status", "CANCELLED")  # who took it into a calendar is rid of it by the next
    return event


def _named(head: ProjectHead, text: str) -> str:
    return f"【架空】{text}" if head.fictional else text
