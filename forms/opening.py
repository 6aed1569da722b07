"""Closing for a while, and the notice for holidays."""

from wtforms import BooleanField, DateField, HiddenField, PasswordField, StringField

from forms.base import DraftForm
from kit.i18n import mark
from services.domains import DomainDraft
from services.opening import OpeningDraft


class OpeningForm(DraftForm):
    makes = OpeningDraft

    version = HiddenField()
    maintenance_mode = BooleanField(mark("Close the shop for a while"))
    maintenance_password = PasswordField(
        mark("Password for visitors"), render_kw={"autocomplete": "new-password"}
    )
    drop_password = BooleanField(mark("Take the password away"))
    holiday_notice = StringField(mark("Notice"))
    holiday_from = DateField(mark("First day"))
    holiday_until = DateField(mark("Last day"))


class DomainForm(DraftForm):
    makes = DomainDraft

    host = StringField(mark("Domain"))
