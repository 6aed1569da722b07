"""What Stripe sends: believed only when the signature over the raw bytes is good."""

import json

import stripe

from gateways.stripe.client import webhook_secrets
from gateways.stripe.types import Event
from kit.errors import Unavailable, Unreadable
from kit.i18n import _

TOLERANCE = 300  # seconds between Stripe's clock and ours


def read_event(raw: bytes, signature: str) -> Event:
    """The event, or Unreadable (`bad-signature`) where none of our secrets signed these very bytes."""
    secrets = webhook_secrets()
    if not secrets:
        raise Unavailable(
            _("Card payments are not set up on this platform."), code="integration-not-configured"
        )
    if not any(_is_signed(raw, signature, secret) for secret in secrets):
        raise Unreadable(_("The signature does not fit what was sent."), code="bad-signature")
    try:
        payload = json.loads(raw)
        return Event(
            id=str(payload["id"]),
            type=str(payload["type"]),
            account_id=str(payload.get("account") or ""),
            object_id=str(payload["data"]["object"].get("id") or ""),
            payload=payload,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unreadable(_("The body is not an event of Stripe's.")) from error


def _is_signed(raw: bytes, signature: str, secret: str) -> bool:
    try:
        text = raw.decode("utf-8")
        return bool(stripe.WebhookSignature.verify_header(text, signature, secret, TOLERANCE))
    except (stripe.SignatureVerificationError, UnicodeDecodeError):
        return False
