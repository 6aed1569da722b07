"""Is it well?"""

from flask import Response

from api.contract import endpoint
from api.schemas.health import HealthOut
from services import health
from web.access import PUBLIC


@endpoint("GET", "/health", allow=PUBLIC, group="Health", answer=HealthOut, platform=True)
def show_health():
    """ok, degraded or down (503), and why."""
    found = HealthOut.model_validate(health.check(), from_attributes=True)
    if found.status == "down":
        return Response(found.model_dump_json(), 503, mimetype="application/json")
    return found
