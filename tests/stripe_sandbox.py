"""Start the Stripe sandbox as a process of its own, for any test that needs Stripe.

sandbox = stripe_sandbox.start(webhook_url="http://localhost:9000/hooks")
client = stripe.StripeClient("sk_test_x", base_addresses={"api": sandbox.url})
sandbox.pay(session.id, card="4000000000000002")
sandbox.stop()
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parents[1]
SECRET = "whsec_test_sandbox"


class Refused(Exception):
    """The control API said no; `error` is what it answered."""

    def __init__(self, status: int, error: dict[str, Any]) -> None:
        super().__init__(f"{status}: {error.get('message')}")
        self.status = status
        self.error = error


class StripeSandbox:
    """A running sandbox. `url` is its address, for the SDK and for browsers."""

    def __init__(self, process: subprocess.Popen[str], url: str, state: str) -> None:
        self.process = process
        self.url = url
        self.state = state

    def pay(self, session_id: str, card: str = "4242424242424242", **more: Any) -> dict[str, Any]:
        """Pay as the buyer would; see `sandbox.stripe.actions.pay` for more.

        `method="multibanco"` instead of a card; `authenticate=True` confirms a card that
        asks. The answer has `status`, `payment_status`, `error`, `redirect`, `session`.
        """
        given = {"session_id": session_id, **more}
        if "method" not in more:
            given["card"] = card
        return self.control("pay", **given)

    def control(self, action: str, **given: Any) -> dict[str, Any]:
        """Any action of `/_control`: settings, dispute, refund, resend, import, reset, …"""
        return self._ask(action, json.dumps(given).encode())

    def get(self, what: str) -> dict[str, Any]:
        """`state`, `events?type=…` or `deliveries`."""
        return self._ask(what, None)

    def _ask(self, path: str, body: bytes | None) -> dict[str, Any]:
        request = urllib.request.Request(
            f"{self.url}/_control/{path}", data=body, headers={"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                found: dict[str, Any] = json.load(answer)
                return found
        except urllib.error.HTTPError as error:
            with error:
                text = error.read()
            raise Refused(error.code, json.loads(text).get("error", {})) from None

    def stop(self) -> None:
        """End the process by its id; its state file stays."""
        if self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                os.kill(self.process.pid, signal.SIGKILL)
                self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()


def start(
    port: int = 0,
    webhook_url: str | None = None,
    webhook_secret: str = SECRET,
    state: str | None = None,
    deliver: bool = True,
    **settings: Any,
) -> StripeSandbox:
    """Start and wait until it serves. `settings` as in `sandbox.stripe.store.DEFAULTS`."""
    path = state or str(Path(tempfile.mkdtemp(prefix="stripe-sandbox-")) / "state.sqlite")
    command = [sys.executable, "-m", "sandbox.stripe", "--port", str(port), "--state", path]
    command += ["--webhook-url", webhook_url or "", "--webhook-secret", webhook_secret]
    if not deliver:
        command.append("--no-deliver")
    process = subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    if "http://" not in line:
        process.wait(timeout=10)
        process.stdout.close()
        raise RuntimeError(f"The Stripe sandbox did not start (exit {process.returncode})")
    found = StripeSandbox(process, line.split()[-1].strip(), path)
    _wait(found)
    if settings:
        found.control("settings", **settings)
    return found


def _wait(sandbox: StripeSandbox) -> None:
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            sandbox.get("health")
            return
        time.sleep(0.05)
    sandbox.stop()
    raise RuntimeError("The Stripe sandbox does not answer")
