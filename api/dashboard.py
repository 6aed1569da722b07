"""The numbers of the dashboard."""

from typing import Literal

from api.contract import Query, endpoint
from api.schemas.dashboard import BreakdownOut, ChartOut, StatsOut
from kit.actor import Role
from services.reports import dashboard
from services.reports.periods import span_of

GROUP = "Dashboard"


class PeriodQuery(Query):
    period: Literal["7d", "30d", "12m"] = "30d"


@endpoint("GET", "/dashboard/stats", allow=Role.STAFF, group=GROUP, answer=StatsOut)
def stats():
    """Today and this month against the one before (the same number of days), what is active, what waits. The most
    sold products are those of the last 30 days."""
    return dashboard.stats()


@endpoint("GET", "/dashboard/stats/chart", allow=Role.STAFF, group=GROUP, query=PeriodQuery, answer=ChartOut)
def chart(query: PeriodQuery):
    """Orders and revenue by day (`7d`, `30d`) or by month (`12m`), the current one last, none left out."""
    return {"period": query.period, "points": dashboard.chart(span_of(query.period))}


@endpoint(
    "GET", "/dashboard/stats/breakdown", allow=Role.STAFF, group=GROUP, query=PeriodQuery, answer=BreakdownOut
)
def breakdown(query: PeriodQuery):
    """Orders of the period by status, by way to pay and by state of payment, and the categories that brought most."""
    return dashboard.breakdown(span_of(query.period))
