"""Asking for another plan."""

from wtforms import HiddenField, TextAreaField

from forms.base import DraftForm
from forms.fields import TickListField
from kit.i18n import mark
from services.plan_requests import RequestDraft


class PlanRequestForm(DraftForm):
    makes = RequestDraft

    plan = HiddenField(mark("Plan"))
    addons = TickListField(mark("Addons"))
    note = TextAreaField(mark("Note"))
