"""A shopper's account: signing in, opening one, passwords, details and choices."""

from wtforms import BooleanField, HiddenField, PasswordField, StringField

from forms.base import DraftForm
from kit.i18n import mark
from services.accounts.passwords import ChangePasswordDraft, ForgotDraft, ResetDraft
from services.accounts.registering import RegisterDraft
from services.accounts.signing_in import SignInDraft


class SignInForm(DraftForm):
    makes = SignInDraft

    email = StringField(mark("E-mail"))
    password = PasswordField(mark("Password"))
    next = HiddenField()


class RegisterForm(DraftForm):
    makes = RegisterDraft

    first_name = StringField(mark("First name"))
    last_name = StringField(mark("Last name"))
    email = StringField(mark("E-mail"))
    phone = StringField(mark("Phone"))
    password = PasswordField(mark("Password"))
    accepts_marketing = BooleanField(mark("Send me news and offers now and then"))


class ForgotForm(DraftForm):
    makes = ForgotDraft

    email = StringField(mark("E-mail"))


class ResetForm(DraftForm):
    makes = ResetDraft

    password = PasswordField(mark("New password"))


class ChangePasswordForm(DraftForm):
    makes = ChangePasswordDraft

    current_password = PasswordField(mark("Current password"))
    new_password = PasswordField(mark("New password"))
