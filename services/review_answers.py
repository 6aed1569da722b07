"""What the store does about a review beside showing it: an answer for everybody to read, or a refusal with its
reason."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from kit import clock
from kit.actor import Actor
from kit.db import transaction
from kit.drafts import Draft, Text
from kit.errors import NotFound
from kit.i18n import _
from models.reviews import Review
from services import audit, outbox, tenants
from services.reviews import approve_review, get_review, lock_review, recount


class ReplyDraft(Draft):
    """Empty, it takes the answer away."""

    reply: Annotated[str, Text(2000)] = ""


class RejectDraft(Draft):
    """The reason is for colleagues; the customer is not told."""

    reason: Annotated[str, Text(300)] = ""


@transaction()
def reply(review_id: UUID, draft: ReplyDraft, *, actor: Actor) -> Review:
    """The customer is written to, once it is shown with a new text."""
    review = get_review(review_id)
    if draft.reply == review.reply:
        return review
    audit.record("update", review, actor=actor, changes={"reply": [review.reply, draft.reply]})
    review.reply, review.replied_at = draft.reply, clock.now() if draft.reply else None
    if review.is_approved:
        tenants.touch_catalog()
        if draft.reply:
            outbox.post("review.replied", review_id=review.id)
    return review


@transaction()
def reject(review_id: UUID, draft: RejectDraft, *, actor: Actor) -> Review:
    """Taken out of the queue, or out of the shop. It can be shown all the same later on."""
    review, product = lock_review(review_id)
    was_shown = review.is_approved
    before, after = (
        {"is_approved": was_shown, "rejected_because": review.rejected_because},
        {"is_approved": False, "rejected_because": draft.reason},
    )
    audit.record("update", review, actor=actor, changes=audit.difference(before, after))
    review.is_approved, review.rejected_at, review.rejected_because = False, clock.now(), draft.reason
    if was_shown:  # what nobody saw leaves the pages that are kept as they are
        recount(product)
    return review


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one of many. `review` None: it is gone. `why`: why nothing was changed; '' where it was done."""

    review: Review | None
    why: str = ""


def approve_many(review_ids: Sequence[UUID], *, actor: Actor) -> list[Outcome]:
    """Each by itself: one that can't be shown keeps no other back. NotFound where none of them is there."""
    return _each(review_ids, actor, None)


def reject_many(review_ids: Sequence[UUID], draft: RejectDraft, *, actor: Actor) -> list[Outcome]:
    """As `approve_many`; the reason is that of them all."""
    return _each(review_ids, actor, draft)


def _each(review_ids: Sequence[UUID], actor: Actor, refusal: RejectDraft | None) -> list[Outcome]:
    outcomes = [_decide(ident, actor, refusal) for ident in dict.fromkeys(review_ids)]
    if outcomes and all(outcome.review is None for outcome in outcomes):
        raise NotFound(_("There is no such review."))
    return outcomes


@transaction()
def _decide(review_id: UUID, actor: Actor, refusal: RejectDraft | None) -> Outcome:
    try:
        review = get_review(review_id)
    except NotFound as error:
        return Outcome(None, error.message)
    if refusal is None:
        if review.is_approved:
            return Outcome(review, _("It was shown already."))
        return Outcome(approve_review(review_id, actor=actor))
    if review.rejected_at is not None:
        return Outcome(review, _("It was refused already."))
    return Outcome(reject(review_id, refusal, actor=actor))
