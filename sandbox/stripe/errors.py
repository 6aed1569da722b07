"""Refusals in the shape Stripe gives them."""

from typing import Any


class StripeError(Exception):
    """A refusal the caller receives as `{"error": {...}}`.

    `keep`: what the request did stays (a declined card leaves a failed charge).
    `replay`: an idempotency key remembers this answer; False for requests that were
    refused before any work began.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        type: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        keep: bool = False,
        replay: bool = True,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.keep = keep
        self.replay = replay
        self.error = {"type": type, "message": message}
        if code:
            self.error["code"] = code
            self.error["doc_url"] = "https://docs.stripe.com/error-codes/" + code.replace("_", "-")
        if param:
            self.error["param"] = param
        self.error.update({k: v for k, v in more.items() if v is not None})


def missing_object(kind: str, id: str, param: str = "id") -> StripeError:
    words = {"checkout.session": "checkout.session", "payment_intent": "payment_intent"}
    name = words.get(kind, kind.replace("_", " "))
    return StripeError(f"No such {name}: '{id}'", status=404, code="resource_missing", param=param)


def invalid(message: str, param: str | None = None, code: str | None = None) -> StripeError:
    return StripeError(message, param=param, code=code)


def missing_param(param: str) -> StripeError:
    return StripeError(f"Missing required param: {param}.", code="parameter_missing", param=param)


def wrong_state(message: str, code: str, **more: Any) -> StripeError:
    return StripeError(message, code=code, **more)
