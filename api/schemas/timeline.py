"""An order's timeline as JSON. `type` is for machines, `message` for people: what somebody wrote, else what it was."""

from typing import Any
from uuid import UUID

from api.schemas.base import Out, Time
from kit.i18n import _, mark
from models.orders import OrderEvent

_SENTENCES = {
    "order.placed": mark("The order was placed."),
    "order.confirmed": mark("The order was confirmed."),
    "order.processing": mark("The order is being prepared."),
    "order.completed": mark("The order was completed."),
    "order.reopened": mark("The order was opened again."),
    "order.cancelled": mark("The order was cancelled."),
    "order.expired": mark("The order expired unpaid."),
    "order.oversold": mark("The order was paid when its stock was gone."),
    "order.units_cancelled": mark("What was not sent yet was cancelled."),
    "order.held": mark("The order was put on hold."),
    "order.released": mark("The order is no longer on hold."),
    "order.tagged": mark("The tags of the order were changed."),
    "order.note": mark("A note was removed."),
    "order.archived": mark("The order was put away."),
    "order.unarchived": mark("The order is back in the list."),
    "order.payment_requested": mark("The link to pay was sent to the customer."),
    "draft.created": mark("The draft was begun."),
    "order.mail": mark("A mail was sent to the customer."),
    "parcel.packed": mark("A parcel was packed."),
    "parcel.shipped": mark("A parcel was sent."),
    "parcel.delivered": mark("A parcel was delivered."),
    "parcel.cancelled": mark("A parcel was cancelled."),
    "parcel.tracking": mark("The tracking of a parcel was changed."),
    "payment.captured": mark("The payment came in."),
    "payment.recorded": mark("A payment was recorded by hand."),
    "payment.pending": mark("A payment is on its way."),
    "payment.failed": mark("A payment failed."),
    "payment.late": mark("The payment came after the order had expired."),
    "payment.attached": mark("A payment was put to the order by hand."),
    "payment.orphaned": mark("A payment came in that the order was not waiting for."),
    "refund.succeeded": mark("Money was refunded."),
    "refund.failed": mark("A refund failed."),
    "orphan.refunded": mark("A payment that the order was not waiting for was given back."),
    "orphan.accepted": mark("A payment that the order was not waiting for was kept."),
    "dispute.opened": mark("The payment was disputed."),
    "dispute.won": mark("The dispute was won."),
    "dispute.lost": mark("The dispute was lost."),
}


class WhoOut(Out):
    id: UUID | None
    name: str
    role: str


class EventOut(Out):
    id: UUID
    type: str
    message: str
    actor: WhoOut
    data: dict[str, Any]
    created_at: Time

    @classmethod
    def of(cls, event: OrderEvent) -> "EventOut":
        sentence = _SENTENCES.get(event.type)
        return cls(
            id=event.id,
            type=event.type,
            message=event.message or (_(sentence) if sentence else event.type),
            actor=WhoOut(id=event.actor_id, name=event.actor_name, role=event.actor_role or event.actor_kind),
            data=event.data,
            created_at=event.created_at,
        )
