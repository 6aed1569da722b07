"""What shoppers change of themselves."""

from wtforms import BooleanField, PasswordField, SelectField, StringField, TextAreaField

from forms.base import DraftForm
from kit.i18n import LANGUAGES, mark
from services.customers import CustomerDraft, PreferencesDraft, ProfileDraft
from services.merging import MergeDraft
from services.privacy import EraseDraft


class ProfileForm(DraftForm):
    makes = ProfileDraft

    first_name = StringField(mark("First name"))
    last_name = StringField(mark("Last name"))
    phone = StringField(mark("Phone"))
    locale = SelectField(mark("Language of our mails"), validate_choice=False)

    def offer(self, languages: tuple[str, ...]) -> "ProfileForm":
        self.locale.choices = [(code, LANGUAGES[code]) for code in languages]
        return self


class PreferencesForm(DraftForm):
    makes = PreferencesDraft

    order_updates = BooleanField(mark("News about my orders"))
    marketing = BooleanField(mark("Offers and recommendations"))
    newsletter = BooleanField(mark("The newsletter"))
    review_reminders = BooleanField(mark("A reminder to review what I bought"))
    back_in_stock = BooleanField(mark("When something I wait for is back in stock"))


class EraseForm(DraftForm):
    makes = EraseDraft

    password = PasswordField(mark("Your password, to be sure it is you"))


class CustomerForm(DraftForm):
    """What the store notes of a customer."""

    makes = CustomerDraft

    first_name = StringField(mark("First name"))
    last_name = StringField(mark("Last name"))
    phone = StringField(mark("Phone"))
    locale = SelectField(mark("Language"), validate_choice=False)
    note = TextAreaField(mark("Note for your colleagues"))
    is_active = BooleanField(mark("May sign in"))

    def offer(self, languages: tuple[str, ...]) -> "CustomerForm":
        self.locale.choices = [("", ""), *((code, LANGUAGES[code]) for code in languages)]
        return self


class MergeForm(DraftForm):
    makes = MergeDraft

    email = StringField(mark("E-mail of the other account"))
