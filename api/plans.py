"""What a store can book."""

from uuid import UUID

from api.catalog._answers import cacheable
from api.contract import endpoint
from api.schemas.plans import AddonOut, FeaturesOut, PlanOut
from services import offers, plans
from web.access import PUBLIC

GROUP = "Plans & Addons"


@endpoint("GET", "/plans", allow=PUBLIC, group=GROUP, answer=PlanOut, many=True, platform=True)
def list_plans():
    """The plans, the smallest first."""
    return cacheable([plan for plan in offers.list_plans() if plan.is_sold], PlanOut)


@endpoint("GET", "/plans/addons", allow=PUBLIC, group=GROUP, answer=AddonOut, many=True, platform=True)
def list_addons():
    """The addons."""
    return cacheable([addon for addon in offers.list_addons() if addon.is_sold], AddonOut)


@endpoint("GET", "/plans/tenant/<uuid:tenant_id>/features", allow=PUBLIC, group=GROUP, answer=FeaturesOut,
          platform=True)  # fmt: skip
def list_features(tenant_id: UUID):
    """The names of what a store has. On a store's host: of that store only."""
    return {"features": plans.features_of_store(tenant_id)}
