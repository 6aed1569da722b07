"""The SDK's client, set up once at start, and its errors in the shop's words."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import stripe

from kit.db import end_reading, is_writing
from kit.errors import Conflict, Unavailable
from kit.i18n import _, mark

TIMEOUT = 20  # seconds
RETRIES = 1  # by the SDK, with the same idempotency key
# What people meet often enough to be told it in their own language.
REFUSALS = {
    "amount_too_small": mark("This amount is too small to be paid by card."),
    "amount_too_large": mark("This amount is too large to be paid by card."),
    "balance_insufficient": mark("There is not that much in the balance at Stripe."),
    "charge_already_refunded": mark("This payment was given back already."),
    "charge_disputed": mark("This payment is disputed: it can't be given back meanwhile."),
}


class Settings(Protocol):
    @property
    def stripe_secret_key(self) -> str: ...
    @property
    def stripe_publishable_key(self) -> str: ...
    @property
    def stripe_webhook_secrets(self) -> tuple[str, ...]: ...
    @property
    def stripe_api_base(self) -> str: ...


class StripeRefused(Conflict):
    """Stripe understood and said no. `reason` is its own code (`charge_already_refunded`), or ''."""

    code = "stripe-refused"

    def __init__(self, message: str, reason: str = ""):
        super().__init__(message, stripe_code=reason)
        self.reason = reason


class KeyReused(Conflict):
    """The idempotency key was used before, for something else."""

    code = "stripe-key-reused"


_settings: Settings | None = None
_client: stripe.StripeClient | None = None


def configure(settings: Settings) -> None:
    """Once at start, before the first call. Without a secret key every call answers `integration-not-configured`."""
    global _settings, _client
    _settings, _client = settings, None
    if settings.stripe_secret_key:
        base: Any = {"api": settings.stripe_api_base.rstrip("/")} if settings.stripe_api_base else {}
        _client = stripe.StripeClient(
            settings.stripe_secret_key,
            base_addresses=base,
            max_network_retries=RETRIES,
            http_client=stripe.RequestsClient(timeout=TIMEOUT),
        )


def is_configured() -> bool:
    return _client is not None


def dashboard_url(what: str = "", ident: str = "", *, account: str = "") -> str:
    """Where the store's own people see a thing (`payments`, `disputes`, `payouts`) at Stripe; a stand-in has one page
    for everything of an account. "" without a key."""
    if _settings is None or not _settings.stripe_secret_key:
        return ""
    if _settings.stripe_api_base:
        return f"{_settings.stripe_api_base.rstrip('/')}/?account={account}"
    test = "test/" if "_test_" in _settings.stripe_secret_key else ""
    return "/".join(filter(None, (f"https://dashboard.stripe.com/{account}", test.rstrip("/"), what, ident)))


def publishable_key() -> str:
    return _settings.stripe_publishable_key if _settings else ""


def webhook_secrets() -> tuple[str, ...]:
    return tuple(_settings.stripe_webhook_secrets) if _settings else ()


@contextmanager
def call() -> Iterator[stripe.StripeClient]:
    """`with call() as client:` around every request to Stripe.

    Refuses inside a transaction: a slow answer would hold its locks. A read that is open is ended first, for the
    same reason; what it read is read again when next asked for.
    """
    if is_writing():
        raise RuntimeError("Stripe was about to be called inside a transaction")
    if _client is None:
        raise Unavailable(
            _("Card payments are not set up on this platform."), code="integration-not-configured"
        )
    end_reading()
    try:
        yield _client
    except stripe.IdempotencyError as error:
        raise KeyReused(_("This payment was started in another way already. Please try again.")) from error
    except stripe.AuthenticationError as error:
        raise Unavailable(
            _("The platform's Stripe key is not accepted."), code="integration-not-configured"
        ) from error
    except stripe.PermissionError as error:
        raise Conflict(
            _("The store's Stripe account is not connected."), code="stripe-not-connected"
        ) from error
    except (stripe.CardError, stripe.InvalidRequestError) as error:
        code = str(error.code or "")
        words = _(REFUSALS[code]) if code in REFUSALS else error.user_message or _("Stripe refused this.")
        raise StripeRefused(words, code) from error
    except stripe.StripeError as error:  # no connection, 429, 5xx
        raise Unavailable(
            _("Stripe does not answer at the moment. Please try again in a minute."),
            code="stripe-unavailable",
            retry_after=60,
        ) from error
