"""What a buyer writes."""

from wtforms import RadioField, StringField, TextAreaField

from forms.base import DraftForm
from kit.i18n import mark
from services.review_answers import RejectDraft, ReplyDraft
from services.reviews import ReviewDraft


class ReviewForm(DraftForm):
    makes = ReviewDraft

    rating = RadioField(mark("Stars"), choices=[str(n) for n in range(5, 0, -1)], validate_choice=False)
    title = StringField(mark("In a few words"))
    body = TextAreaField(mark("Your review"))


class ReplyForm(DraftForm):
    makes = ReplyDraft

    reply = TextAreaField(mark("Your answer"))


class RejectForm(DraftForm):
    makes = RejectDraft

    reason = StringField(mark("Why"))
