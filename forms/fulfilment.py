"""What goes into a parcel, and how it is followed."""

from wtforms import BooleanField, StringField

from forms.base import DraftForm
from kit.i18n import mark
from services.fulfilment import ParcelDraft, TrackingDraft


class ParcelForm(DraftForm):
    makes = ParcelDraft

    carrier = StringField(mark("Carrier"))
    tracking_number = StringField(mark("Tracking number"))
    tracking_url = StringField(mark("Tracking link"))
    notify = BooleanField(mark("Tell the customer by mail"))


class TrackingForm(DraftForm):
    """How a parcel that is on its way (or packed) is followed."""

    makes = TrackingDraft

    carrier = StringField(mark("Carrier"))
    tracking_number = StringField(mark("Tracking number"))
    tracking_url = StringField(mark("Tracking link"))
    notify = BooleanField(mark("Tell the customer by mail"))
