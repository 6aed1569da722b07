"""“Tell me when it is back.”"""

from wtforms import HiddenField, StringField

from forms.base import DraftForm
from kit.i18n import mark
from services.stock_alerts import AlertDraft


class AlertForm(DraftForm):
    makes = AlertDraft

    product_id = HiddenField()
    variant_id = HiddenField()
    email = StringField(mark("E-mail"))
