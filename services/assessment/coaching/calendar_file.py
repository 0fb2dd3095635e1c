"""A group as an entry for calendars (iCalendar, RFC 5545), which the next one of the same UID replaces."""

from icalendar import Calendar, Event

from services.assessment.coaching.domain.groups import Group, GroupState, Seat, SeatState

_TENTATIVE, _CONFIRMED, _CANCELLED = "TENTATIVE", "CONFIRMED", "CANCELLED"
_STATUS = {
    GroupState.DRAFT: _TENTATIVE,
    GroupState.OPEN: _TENTATIVE,
    GroupState.FORMED: _CONFIRMED,
    GroupState.HELD: _CONFIRMED,
    GroupState.CANCELLED: _CANCELLED,
}


def calendar_file(group: Group, title: str, own: Seat | None = None) -> bytes:
    """The entry of this group; for a shop with its `own` seat, which is cancelled once it has none.

    The UID is the group's for ever. SEQUENCE is its version, which counts every change, so that a calendar
    takes the newer of two. The library escapes what a consultant typed.
    """
    status = _STATUS[group.state]
    if own is not None and own.state is not SeatState.TAKEN:
        status = _CANCELLED
    entry = Event()
    entry.add("uid", f"{group.id}@coaching.cococity")
    entry.add("sequence", group.version)
    entry.add("dtstamp", group.changed_at)
    entry.add("last-modified", group.changed_at)
    entry.add("dtstart", group.starts_at)
    entry.add("dtend", group.ends_at)
    entry.add("summary", title)
    entry.add("location", group.place)
    entry.add("status", status)
    entry.add("class", "PRIVATE")
    calendar = Calendar()
    calendar.add("prodid", "-//CoCoCity//assessment//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if status == _CANCELLED else "PUBLISH")
    calendar.add_component(entry)
    return bytes(calendar.to_ical())
