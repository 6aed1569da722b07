"""To the store, about its plan: this month's orders are nearly used up; the platform has answered."""

from typing import Any

from kit.i18n import _
from services import offers, tenants
from services.notifications import letters
from services.notifications.staff import alert

PAGE = "/admin/settings/plan"


def send_plan_nearly_used(used: int, limit: int, **_rest: Any) -> None:
    with letters.speaking_to(None):
        if used >= limit:
            subject = _("This month's orders are used up")
            sentence = _("Your plan has room for %(limit)s orders a month. The shop takes no more of them until next "
                         "month, or until it has a larger plan.", limit=limit)  # fmt: skip
        else:
            subject = _("This month's orders are nearly used up")
            sentence = _("%(used)s of the %(limit)s orders a month that your plan has room for are placed. Ask for a "
                         "larger plan before the shop can't take any more.", used=used, limit=limit)  # fmt: skip
        alert(subject, sentence, PAGE, _("Open the plan"))


def send_plan_answered(granted: bool, plan: str, answer: str = "", **_rest: Any) -> None:
    with letters.speaking_to(None):
        known = offers.book().plans.get(plan)
        name = known.title if known else plan
        if granted:
            subject = _("Your store has the plan %(plan)s now", plan=name)
            sentence = _("What you asked for is done.")
        else:
            subject = _("Your request for the plan %(plan)s was declined", plan=name)
            sentence = _("Your store keeps the plan %(plan)s.", plan=tenants.current().offer.title)
        alert(subject, " ".join(filter(None, (sentence, answer))), PAGE, _("Open the plan"))
