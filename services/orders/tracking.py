"""An order found again without an account: by its number together with the address it was placed with."""

from typing import Annotated

from sqlalchemy import func, select

from kit.db import db
from kit.drafts import Draft, Email, Text
from kit.errors import NotFound
from kit.i18n import _
from models.orders import Order, OrderStatus
from services.accounts.people import email_key
from services.orders import access


class FindDraft(Draft):
    order_number: Annotated[str, Text(40, min=1)]
    email: Email


def find_link(draft: FindDraft) -> str:
    """A token for the order's page. NotFound says the same whichever of the two is wrong."""
    order = db.session.scalar(
        select(Order).where(
            func.upper(Order.order_number) == draft.order_number.lstrip("# ").upper(),
            Order.email_key == email_key(draft.email),
            Order.status != OrderStatus.DRAFT,
        )
    )
    if order is None:
        raise NotFound(_("We find no order with this number and this address. Please check both."))
    return access.issue_token(order)
