"""Accounts: signing in, opening one, passwords and codes, and inviting colleagues."""

from wtforms import BooleanField, HiddenField, PasswordField, SelectField, StringField

from forms.base import DraftForm
from kit.i18n import mark
from services.accounts.email_change import EmailDraft
from services.accounts.invitations import AcceptDraft
from services.accounts.passwords import ChangePasswordDraft, ForgotDraft, ResetDraft
from services.accounts.registering import RegisterDraft
from services.accounts.roles import InviteDraft
from services.accounts.signing_in import ProofDraft, SignInDraft
from services.accounts.two_factor import CodeDraft


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


class CodeForm(DraftForm):
    makes = CodeDraft

    code = StringField(mark("Code"))
    next = HiddenField()


class ProofForm(DraftForm):
    makes = ProofDraft

    password = PasswordField(mark("Password"))
    code = StringField(mark("Code"))
    next = HiddenField()


class EmailForm(DraftForm):
    makes = EmailDraft

    email = StringField(mark("New e-mail address"))
    password = PasswordField(mark("Password"))


class InviteForm(DraftForm):
    makes = InviteDraft

    email = StringField(mark("E-mail"))
    first_name = StringField(mark("First name"))
    last_name = StringField(mark("Last name"))
    role = SelectField(mark("Role"), validate_choice=False)

    def offer(self, roles: dict[str, str]) -> "InviteForm":
        self.role.choices = list(roles.items())
        return self


class AcceptForm(DraftForm):
    makes = AcceptDraft

    first_name = StringField(mark("First name"))
    last_name = StringField(mark("Last name"))
    password = PasswordField(mark("Password"))
