"""Plans and addons as JSON."""

from api.schemas.base import Out, RateOut
from api.schemas.tenants import LimitsOut
from kit.money import to_text
from services.offers import CURRENCY, Addon, Plan


class PlanOut(Out):
    """A limit of null is without limit."""

    slug: str
    name: str
    price_monthly: str
    currency: str
    limits: LimitsOut
    features: list[str]
    platform_fee_percent: RateOut

    @classmethod
    def of(cls, plan: Plan) -> "PlanOut":
        return cls(slug=plan.slug, name=plan.title, price_monthly=to_text(plan.price, CURRENCY), currency=CURRENCY,
                   limits=LimitsOut(**plan.limits), features=list(plan.features),
                   platform_fee_percent=plan.fee)  # fmt: skip


class AddonOut(Out):
    slug: str
    name: str
    price_monthly: str
    currency: str
    description: str
    feature: str

    @classmethod
    def of(cls, addon: Addon) -> "AddonOut":
        return cls(slug=addon.slug, name=addon.title, price_monthly=to_text(addon.price, CURRENCY), currency=CURRENCY,
                   description=addon.text, feature=addon.feature)  # fmt: skip


class FeaturesOut(Out):
    features: list[str]
