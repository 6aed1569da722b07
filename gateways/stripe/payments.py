"""Taking money and giving it back, on a store's own account (direct charges)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from gateways.stripe.client import call
from gateways.stripe.types import DisputeCase, Intent, RefundMade, Session

_WITH_INTENT = ["payment_intent", "payment_intent.latest_charge"]
_WITH_CHARGE = ["latest_charge"]


def create_session(
    *,
    account: str,
    key: str,
    amount: int,
    currency: str,
    title: str,
    order_id: str,
    metadata: Mapping[str, str],
    fee: int,
    email: str,
    locale: str,
    success_url: str,
    cancel_url: str,
    expires_at: datetime,
) -> Session:
    """`key` makes a repeated call the same call. `fee` is the platform's part of `amount`. Stripe wants
    `expires_at` between 30 minutes and 24 hours from now."""
    intent_data: dict[str, Any] = {"metadata": dict(metadata), "description": title}
    if fee:
        intent_data["application_fee_amount"] = fee
    price = {"currency": currency.lower(), "unit_amount": amount, "product_data": {"name": title}}
    params: Any = {
        "mode": "payment",
        "client_reference_id": order_id,
        "customer_email": email,
        "locale": locale,
        "success_url": success_url,
        "cancel_url": cancel_url,
        "expires_at": int(expires_at.timestamp()),
        "metadata": dict(metadata),
        "payment_intent_data": intent_data,
        "line_items": [{"quantity": 1, "price_data": price}],
    }
    with call() as client:
        return _session(
            client.v1.checkout.sessions.create(params, {"stripe_account": account, "idempotency_key": key})
        )


def get_session(session_id: str, *, account: str) -> Session:
    with call() as client:
        return _session(
            client.v1.checkout.sessions.retrieve(
                session_id, {"expand": _WITH_INTENT}, {"stripe_account": account}
            )
        )


def expire_session(session_id: str, *, account: str) -> None:
    """Nobody can pay by it any more. StripeRefused where it is no longer open."""
    with call() as client:
        client.v1.checkout.sessions.expire(session_id, {}, {"stripe_account": account})


def create_intent(
    *, account: str, key: str, amount: int, currency: str, title: str, metadata: Mapping[str, str], fee: int, email: str
) -> Intent:  # fmt: skip
    params: Any = {
        "amount": amount,
        "currency": currency.lower(),
        "description": title,
        "metadata": dict(metadata),
        "receipt_email": email,
        "automatic_payment_methods": {"enabled": True},
    }
    if fee:
        params["application_fee_amount"] = fee
    with call() as client:
        return _intent(
            client.v1.payment_intents.create(
                params,
                {"stripe_account": account, "idempotency_key": key},
            )
        )


def get_intent(intent_id: str, *, account: str) -> Intent:
    with call() as client:
        return _intent(
            client.v1.payment_intents.retrieve(
                intent_id, {"expand": _WITH_CHARGE}, {"stripe_account": account}
            )
        )


def cancel_intent(intent_id: str, *, account: str) -> None:
    """StripeRefused where it is too late for that."""
    with call() as client:
        client.v1.payment_intents.cancel(intent_id, {}, {"stripe_account": account})


def create_refund(
    *,
    account: str,
    key: str,
    intent_id: str,
    amount: int,
    metadata: Mapping[str, str],
    refund_fee: bool,
    charge_id: str = "",
) -> RefundMade:
    """`refund_fee`: the platform gives its part back in proportion. `charge_id` where there is no intent."""
    source = {"payment_intent": intent_id} if intent_id else {"charge": charge_id}
    params: Any = {**source, "amount": amount, "metadata": dict(metadata)}
    if refund_fee:
        params["refund_application_fee"] = True
    with call() as client:
        return refund_of(
            client.v1.refunds.create(
                params,
                {"stripe_account": account, "idempotency_key": key},
            )
        )


def get_refund(refund_id: str, *, account: str) -> RefundMade:
    with call() as client:
        return refund_of(client.v1.refunds.retrieve(refund_id, {}, {"stripe_account": account}))


def list_refunds(charge_id: str, *, account: str) -> list[RefundMade]:
    """All refunds of a charge, by whomever they were made; oldest first."""
    with call() as client:
        found = client.v1.refunds.list({"charge": charge_id, "limit": 100}, {"stripe_account": account})
        return [refund_of(refund) for refund in found.auto_paging_iter()][::-1]


def get_dispute(dispute_id: str, *, account: str) -> DisputeCase:
    with call() as client:
        return dispute_of(client.v1.disputes.retrieve(dispute_id, {}, {"stripe_account": account}))


def dispute_of(found: Any) -> DisputeCase:
    evidence = found.evidence_details
    return DisputeCase(
        id=found.id,
        status=found.status,
        amount=found.amount,
        charge_id=id_of(found.charge) or "",
        intent_id=id_of(found.payment_intent),
        reason=found.reason or "",
        evidence_due_at=moment(evidence.due_by) if evidence.due_by else None,
        has_evidence=bool(evidence.has_evidence),
    )


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def id_of(value: Any) -> str | None:
    """The id of what is expanded or is an id already."""
    return value if value is None or isinstance(value, str) else value.id


def plain(found: Any) -> dict[str, str]:
    return {str(name): str(value) for name, value in found.to_dict().items()} if found else {}


def _session(found: Any) -> Session:
    intent = found.payment_intent
    return Session(
        id=found.id,
        url=found.url or "",
        status=found.status or "",
        payment_status=found.payment_status,
        amount=found.amount_total or 0,
        expires_at=moment(found.expires_at),
        intent=_intent(intent) if intent is not None and not isinstance(intent, str) else None,
        metadata=plain(found.metadata),
    )


def _intent(found: Any) -> Intent:
    charge = found.latest_charge
    is_known = charge is not None and not isinstance(charge, str)
    details = charge.payment_method_details if is_known else None
    error = found.last_payment_error
    return Intent(
        id=found.id,
        status=found.status,
        amount=found.amount,
        received=found.amount_received or 0,
        currency=found.currency.upper(),
        client_secret=found.client_secret or "",
        charge_id=id_of(charge),
        method=(details.type if details else "") or "",
        failure=(getattr(error, "message", None) or "") if error else "",
        voucher_expires_at=_voucher_end(found.next_action),
        metadata=plain(found.metadata),
    )


def _voucher_end(action: Any) -> datetime | None:
    details = getattr(action, "multibanco_display_details", None) if action else None
    seconds = getattr(details, "expires_at", None) if details else None
    return moment(seconds) if seconds else None


def refund_of(found: Any) -> RefundMade:
    return RefundMade(
        id=found.id,
        status=found.status or "pending",
        amount=found.amount,
        currency=found.currency.upper(),
        charge_id=id_of(found.charge),
        intent_id=id_of(found.payment_intent),
        failure=getattr(found, "failure_reason", None) or "",
        metadata=plain(found.metadata),
    )
