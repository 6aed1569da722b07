"""For how many days a draft is shown to others."""

from wtforms import StringField

from forms.base import DraftForm
from kit.i18n import mark
from services.catalog.draft_links import LinkDraft


class LinkForm(DraftForm):
    makes = LinkDraft

    days = StringField(mark("Days"))
