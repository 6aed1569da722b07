"""What is asked around an order that was placed."""

from wtforms import PasswordField, StringField

from forms.addresses import AddressForm
from forms.base import DraftForm
from kit.i18n import mark
from services.accounts.registering import RegisterDraft
from services.addresses import AddressFields
from services.orders.tracking import FindDraft


class TrackForm(DraftForm):
    makes = FindDraft

    order_number = StringField(mark("Order number"))
    email = StringField(mark("E-mail"))


class KeepDetailsForm(DraftForm):
    """An account after the purchase: the rest is known from the order."""

    makes = RegisterDraft

    password = PasswordField(mark("Password"))


class DraftPlaceForm(AddressForm):
    """Where an order goes that staff put together."""

    makes = AddressFields  # type: ignore[assignment]
