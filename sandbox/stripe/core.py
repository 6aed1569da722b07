"""What every part of the sandbox shares: the store, the facts, events, due work."""

import json
import logging
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from . import clock, ids
from .errors import StripeError, missing_object
from .facts import Facts
from .store import Store

log = logging.getLogger("sandbox.stripe")

# How the caller being served reached us; links in its answer lead there too.
reached_at: ContextVar[str] = ContextVar("reached_at", default="http://localhost:8001")


class WrongAnswer(Exception):
    """The sandbox made an object that Stripe's description does not allow: a bug here."""


class Sandbox:
    """One sandbox. `base_url` is where browsers reach its pages; None: the request's host."""

    def __init__(self, store: Store, facts: Facts, base_url: str | None = None) -> None:
        self.store = store
        self.facts = facts
        self.base_url = base_url
        # The API request being served; events say which request caused them.
        self.request: dict[str, str | None] = {"id": None, "idempotency_key": None}
        self.on_emit: Callable[[dict[str, Any], str], None] = lambda event, account: None

    @property
    def host_url(self) -> str:
        return self.base_url or reached_at.get()

    def get(self, kind: str, account: str, id: str, param: str = "id") -> dict[str, Any]:
        found = self.store.get(kind, account, id)
        if found is None:
            raise missing_object(kind, id, param)
        return found

    def emit(
        self,
        account: str,
        type: str,
        body: dict[str, Any],
        previous: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Store the event and queue its deliveries; goes with the transaction."""
        self.check(body["object"], body)
        data: dict[str, Any] = {"object": json.loads(json.dumps(body))}
        if previous is not None:
            data["previous_attributes"] = previous
        event: dict[str, Any] = {
            "id": ids.new("evt"),
            "object": "event",
            "api_version": self.facts.version,
            "created": clock.now(),
            "data": data,
            "livemode": False,
            "pending_webhooks": 0,
            "request": dict(self.request),
            "type": type,
        }
        if account:
            event["account"] = account
        self.check("event", event)
        self.store.add("event", account, event)
        self.on_emit(event, account)
        return event

    def change(self, account: str, type: str | None, body: dict[str, Any]) -> dict[str, Any]:
        """Save `body` and, with `type`, tell the world."""
        self.store.save(body)
        if type:
            self.emit(account, type, body)
        return body

    def check(self, kind: str, body: dict[str, Any]) -> None:
        problems = self.facts.object_problems(kind, body)
        if problems:
            raise WrongAnswer(f"{kind} {body.get('id')}: {'; '.join(problems[:5])}")


def merge_metadata(body: dict[str, Any], params: dict[str, Any]) -> None:
    """Stripe's rule: given keys are set, keys given empty go, an empty value clears all."""
    if "metadata" not in params:
        return
    given = params["metadata"]
    if given == "":
        body["metadata"] = {}
        return
    merged = {**(body.get("metadata") or {}), **given}
    body["metadata"] = {key: value for key, value in merged.items() if value != ""}


def require_account_ready(sandbox: Sandbox, account: str) -> None:
    """A connected account must be able to charge; the platform always is."""
    if not account:
        return
    owner = sandbox.store.get("account", None, account)
    if owner is None or not owner["charges_enabled"]:
        raise StripeError(
            "Your account cannot currently make charges. Complete its onboarding first.",
            status=400,
            code="account_invalid",
        )
