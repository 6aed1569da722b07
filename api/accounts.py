"""Authentication: sign in, register, stay signed in, and forgotten passwords."""

from flask import request

from api.contract import Created, actor, endpoint
from api.schemas.accounts import AcceptedOut, TokenPairOut, UserOut
from kit.drafts import Draft
from kit.errors import Unauthenticated
from kit.i18n import _
from services.accounts import passwords, people, registering, signing_in, tokens
from services.accounts.passwords import ForgotDraft, ResetDraft
from services.accounts.registering import RegisterDraft
from services.accounts.signing_in import ApiSignInDraft
from web.access import PUBLIC, SIGNED_IN
from web.attempts import count_wrong, insist_on_patience

GROUP = "Authentication"


class NoFields(Draft):
    """A call that takes no fields."""


@endpoint("POST", "/auth/login", allow=PUBLIC, group=GROUP, body=ApiSignInDraft, answer=TokenPairOut,
          platform=True, limit="20 per minute",
          errors=("invalid-credentials", "second-factor-required", "wrong-code", "store-suspended"))  # fmt: skip
def login(draft: ApiSignInDraft):
    """Sign in: a customer or a colleague on the store's host, the platform's people on the platform host. With
    two-factor sign-in, a first try without `code` is answered 401 `second-factor-required`."""
    who = actor()
    insist_on_patience(draft.email)
    try:
        person = signing_in.sign_in(draft.email, draft.password, actor=who, code=draft.code)
    except Unauthenticated as error:
        if error.code == "invalid-credentials":
            count_wrong(draft.email)
        raise
    return tokens.issue(person, actor=who)


@endpoint("POST", "/auth/register", allow=PUBLIC, group=GROUP, body=RegisterDraft, answer=TokenPairOut, status=201,
          limit="10 per minute", errors=("email-taken", "store-suspended"))  # fmt: skip
def register(draft: RegisterDraft):
    """Open a customer account and sign in to it."""
    who = actor()
    user = registering.register(draft, actor=who)
    return Created(tokens.issue(user, actor=who), "/api/customers/me")


@endpoint("GET", "/auth/me", allow=SIGNED_IN, group=GROUP, answer=UserOut, platform=True)
def me():
    """Who the token belongs to."""
    return people.get_self(actor())


@endpoint("POST", "/auth/refresh", allow=SIGNED_IN, group=GROUP, body=NoFields, body_optional=True, own_token=True,
          platform=True, answer=TokenPairOut, limit="60 per minute", errors=("invalid-token",))  # fmt: skip
def refresh(draft: NoFields):
    """A new pair for the refresh token that is sent as the bearer. The old one is spent; using it a second time
    ends the whole sign-in."""
    return tokens.refresh(_bearer())


@endpoint("POST", "/auth/logout", allow=PUBLIC, group=GROUP, body=NoFields, body_optional=True, own_token=True,
          platform=True, status=204)  # fmt: skip
def logout(draft: NoFields):
    """End the sign-in of the token that is sent; 204 with an expired, foreign or missing one too."""
    try:
        tokens.revoke(_bearer())
    except Unauthenticated:
        return None
    return None


@endpoint("POST", "/auth/forgot-password", allow=PUBLIC, group=GROUP, body=ForgotDraft, answer=AcceptedOut,
          status=202, limit="10 per minute")  # fmt: skip
def forgot_password(draft: ForgotDraft):
    """Ask for a link to choose a new password. The answer is the same for every address."""
    passwords.ask_for_reset(draft)
    return AcceptedOut()


@endpoint("POST", "/auth/reset-password", allow=PUBLIC, group=GROUP, body=ResetDraft, status=204,
          limit="20 per minute", errors=("invalid",))  # fmt: skip
def reset_password(draft: ResetDraft):
    """Choose a new password with the token of the mail. It works once, for one hour, and ends every session."""
    passwords.reset_password(draft, actor=actor())


def _bearer() -> str:
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated(_("Please sign in."), code="invalid-token")
    return token
