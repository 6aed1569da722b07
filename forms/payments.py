"""Money from Stripe to the store's bank."""

from forms.base import DraftForm
from forms.fields import DecimalTextField
from kit.i18n import mark
from services.payments.connect import PayoutDraft


class PayoutForm(DraftForm):
    makes = PayoutDraft
    numbers = ("amount",)

    amount = DecimalTextField(mark("Amount"))
