"""A notice above every page of the shop, for some days: we are away, orders leave later."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from kit import clock
from services.tenants import Store


def notice_of(store: Store) -> str:
    """What shoppers read today; empty outside of its days. Both days are included, as the store's wall shows them."""
    today = clock.today(store.timezone)
    is_early = store.holiday_from is not None and today < store.holiday_from
    is_late = store.holiday_until is not None and today > store.holiday_until
    return "" if is_early or is_late else store.holiday_notice


def next_edge(store: Store) -> datetime | None:
    """When the notice next comes or goes."""
    if not store.holiday_notice:
        return None
    days = [store.holiday_from, store.holiday_until + timedelta(days=1) if store.holiday_until else None]
    moments = [_midnight(day, store.timezone) for day in days if day]
    return min((moment for moment in moments if moment > clock.now()), default=None)


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))
