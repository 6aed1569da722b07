"""`make run`: prepares the database once, starts everything, says where it is, and ends everything."""

import http.client
import socket
import sys
import time

from cli.processes import Processes
from config import ROOT, Config, ConfigError
from demo import accounts, state


def main() -> int:
    started = time.monotonic()
    config = Config.from_env()
    _insist_on_free_ports(config)
    with Processes(ROOT) as processes:
        if not state.is_prepared(config):
            code = processes.finish("setup", "-m", "cli.prepare")
            if code or processes.stopped_by:
                return _code(processes, code)
        processes.start("web", "-m", "gunicorn", "-c", "gunicorn.conf.py")
        if _uses_sandbox(config):
            processes.start("stripe", *_sandbox(config))
        if not processes.until(lambda: _answers(config)):
            return _code(processes, _why(processes))
        processes.say(_greeting(config, time.monotonic() - started))
        processes.start("worker", "-m", "jobs.worker")
        if config.redis_url:
            processes.start("queue", *_queue(config))
        processes.watch()
        return _code(processes, _why(processes))


def _why(processes: Processes) -> int:
    ended = processes.ended()
    if not ended or processes.stopped_by:
        return 0
    name = ended[0]
    code = processes.running[name].returncode
    processes.say(f"{name} has ended (exit code {code}); stopping the others.")
    return code or 1


def _code(processes: Processes, code: int) -> int:
    return 128 + processes.stopped_by if processes.stopped_by else abs(code)


def _uses_sandbox(config: Config) -> bool:
    return config.stripe_api_base == f"http://localhost:{config.sandbox_port}"


def _sandbox(config: Config) -> list[str]:
    return [
        "-m", "sandbox.stripe",
        "--port", str(config.sandbox_port),
        "--public-url", config.stripe_api_base,
        "--webhook-url", f"http://localhost:{config.port}/api/webhooks/stripe",
        "--webhook-secret", config.stripe_webhook_secrets[0],
        "--state", str(config.instance / "stripe-sandbox.sqlite"),
    ]  # fmt: skip


def _queue(config: Config) -> list[str]:
    # SimpleWorker keeps the app between jobs; a fork and an import for each would take longer than most of them do.
    return [
        "-m", "rq.cli", "worker-pool", "prompt", "slow",
        "--num-workers", "2",
        "--serializer", "json",
        "--worker-class", "rq.worker.SimpleWorker",
        "--url", config.redis_url,
        "--logging-level", "WARNING",
    ]  # fmt: skip


def _insist_on_free_ports(config: Config) -> None:
    taken = [port for port in _ports(config) if not _is_free(port)]
    if not taken:
        return
    which = " and ".join(f"Port {port}" if n == 0 else f"port {port}" for n, port in enumerate(taken))
    raise ConfigError(
        f"{which} {'is' if len(taken) == 1 else 'are'} taken, perhaps by another `make run`. "
        f"Stop that one, or choose other ports: make run PORT={config.port + 80}"
        + (f" SANDBOX_PORT={config.sandbox_port + 80}" if _uses_sandbox(config) else "")
    )


def _ports(config: Config) -> list[int]:
    return [config.port, *([config.sandbox_port] if _uses_sandbox(config) else [])]


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _answers(config: Config) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", config.port, timeout=5)
    try:
        connection.request("GET", "/readyz", headers={"Host": config.platform_domain})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _greeting(config: Config, seconds: float) -> str:
    lines = ["", f"  Ready in {seconds:.1f} s: {config.url_of(config.platform_domain)}", ""]
    if config.demo:
        for slug in accounts.STORES:
            host = f"{slug}.{config.platform_domain}"
            lines.append(f"  {slug:<9} {config.url_of(host):<34} back office {config.url_of(host)}/admin")
        lines += ["", *(f"  {line}" for line in accounts.told())]
    if _uses_sandbox(config):
        lines += ["", f"  Payments go to the local Stripe sandbox: {config.stripe_api_base}"]
    if config.is_development:
        lines += ["", "  Ctrl-C stops everything."]
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    sys.exit(main())
