"""One API call: who asks, for which account, what, once only; then the answer."""

import base64
import binascii
import hashlib
import json
import threading
import time
from dataclasses import dataclass
from typing import Any

from . import clock, ids
from .core import Sandbox, WrongAnswer, log
from .errors import StripeError
from .expand import expand
from .flows import sweep
from .forms import parse
from .operations import SERVED, acts_on_platform

_KEY_LIFE = 24 * 3600


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    pairs: list[tuple[str, str]]
    authorization: str = ""
    account: str = ""
    version: str = ""
    idempotency_key: str = ""


@dataclass(frozen=True)
class Answer:
    status: int
    body: dict[str, Any]
    headers: dict[str, str]


class Api:
    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self._busy: set[tuple[str, str]] = set()
        self._busy_lock = threading.Lock()

    def answer(self, call: Call) -> Answer:
        request_id = ids.new("req", 14)
        headers = {"Request-Id": request_id, "Stripe-Version": self.sandbox.facts.version}
        if call.account:
            headers["Stripe-Account"] = call.account
        if call.idempotency_key:
            headers["Idempotency-Key"] = call.idempotency_key
        try:
            status, body = self._once(call, request_id, headers)
        except StripeError as refused:
            status, body = refused.status, _error_body(refused, request_id)
        except WrongAnswer as wrong:
            log.error("%s %s: our own answer is wrong: %s", call.method, call.path, wrong)
            status, body = 500, _broken(f"The sandbox made a wrong answer: {wrong}", request_id)
        except Exception as error:
            log.exception("%s %s failed", call.method, call.path)
            status, body = 500, _broken(f"The sandbox failed: {error!r}", request_id)
        return Answer(status, body, headers)

    def _once(self, call: Call, request_id: str, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
        self._admit(call)
        wait = self.sandbox.store.setting("latency")
        key = call.idempotency_key if call.method == "POST" else ""
        if not key:
            time.sleep(wait)
            return 200, self._serve(call, request_id)
        if len(key) > 255:
            raise StripeError("Idempotency-Key must be at most 255 characters.", type="idempotency_error")
        slot = (call.account, key)
        with self._busy_lock:
            if slot in self._busy:
                raise StripeError(
                    "There is currently another in-progress request using this Idempotent Key "
                    f"(that probably means you submitted twice, and the other request is still "
                    f"going through): {key}. Please try again later.",
                    status=409,
                    type="idempotency_error",
                    code="idempotency_key_in_use",
                )
            self._busy.add(slot)
        try:
            time.sleep(wait)
            return self._keyed(call, key, request_id, headers)
        finally:
            with self._busy_lock:
                self._busy.discard(slot)

    def _keyed(
        self, call: Call, key: str, request_id: str, headers: dict[str, str]
    ) -> tuple[int, dict[str, Any]]:
        store = self.sandbox.store
        print_ = hashlib.sha256(json.dumps([call.method, call.path, sorted(call.pairs)]).encode()).hexdigest()
        with store.transaction():
            old = store.db.execute(
                "SELECT * FROM answers WHERE account = ? AND key = ? AND created > ?",
                (call.account, key, clock.now() - _KEY_LIFE),
            ).fetchone()
        if old is not None:
            if old["fingerprint"] != print_:
                raise StripeError(
                    "Keys for idempotent requests can only be used with the same parameters "
                    "they were first used with. Try using a key other than "
                    f"'{key}' if you meant to execute a different request.",
                    type="idempotency_error",
                )
            headers["Idempotent-Replayed"] = "true"
            headers["Original-Request"] = old["request_id"]
            return old["status"], json.loads(old["body"])
        try:
            # The answer is remembered in the transaction that does the work: a crash
            # between the two cannot make a second payment.
            with store.transaction():
                body = self._serve(call, request_id)
                self._remember(call, key, print_, 200, request_id, body)
            return 200, body
        except StripeError as refused:
            if not refused.replay:
                raise
            body = _error_body(refused, request_id)
            with store.transaction():
                self._remember(call, key, print_, refused.status, request_id, body)
            return refused.status, body

    def _remember(self, call: Call, key: str, print_: str, status: int, request_id: str, body: Any) -> None:
        self.sandbox.store.db.execute(
            "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?, ?)",
            (call.account, key, print_, status, request_id, json.dumps(body), clock.now()),
        )

    def _admit(self, call: Call) -> None:
        key = _secret_key(call.authorization)
        if not key:
            raise StripeError(
                "You did not provide an API key. You need to provide your API key in the "
                "Authorization header, using Bearer auth (e.g. 'Authorization: Bearer "
                "YOUR_SECRET_KEY').",
                status=401,
                replay=False,
            )
        if not key.startswith("sk_test_") or len(key) < 9:
            shown = key[:8] + "*" * max(0, len(key) - 12) + key[-4:]
            raise StripeError(f"Invalid API Key provided: {shown}", status=401, replay=False)
        if call.version and call.version != self.sandbox.facts.version:
            raise StripeError(
                f"Invalid Stripe API version: {call.version}. This sandbox speaks "
                f"{self.sandbox.facts.version} only.",
                replay=False,
            )
        if call.account and self.sandbox.store.get("account", None, call.account) is None:
            raise StripeError(
                f"The provided key '{key[:8]}***' does not have access to account "
                f"'{call.account}' (or that account does not exist). Application access may "
                "have been revoked.",
                status=403,
                code="account_invalid",
                replay=False,
            )

    def _serve(self, call: Call, request_id: str) -> dict[str, Any]:
        sandbox = self.sandbox
        found = sandbox.facts.find(call.method, call.path)
        if found is None:
            raise StripeError(
                f"Unrecognized request URL ({call.method}: {call.path}). This sandbox knows "
                "only what a shop needs; see sandbox/stripe/README.md.",
                status=404,
                replay=False,
            )
        name, path_ids = found
        params = sandbox.facts.checker.check(parse(call.pairs), sandbox.facts.operations[name]["params"])
        account = "" if acts_on_platform(call.path) else call.account
        with sandbox.store.transaction():
            sandbox.request = {
                "id": request_id,
                "idempotency_key": call.idempotency_key or None,
            }
            try:
                sweep(sandbox)
                body = SERVED[name](sandbox, account, params, *path_ids)
                body = expand(sandbox, json.loads(json.dumps(body)), params.get("expand", []))
            finally:
                sandbox.request = {"id": None, "idempotency_key": None}
            problems = sandbox.facts.answer_problems(name, body)
            if problems:
                raise WrongAnswer("; ".join(problems[:5]))
        return body


def _secret_key(authorization: str) -> str:
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return ""


def _error_body(refused: StripeError, request_id: str) -> dict[str, Any]:
    log_url = f"https://dashboard.stripe.com/test/logs/{request_id}"
    return {"error": {**refused.error, "request_log_url": log_url}}


def _broken(message: str, request_id: str) -> dict[str, Any]:
    return {"error": {"type": "api_error", "message": message}}
