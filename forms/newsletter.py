"""The newsletter's one field."""

from wtforms import StringField

from forms.base import DraftForm
from kit.i18n import mark
from services.newsletter import SubscribeDraft


class NewsletterForm(DraftForm):
    makes = SubscribeDraft

    email = StringField(mark("E-mail"))
