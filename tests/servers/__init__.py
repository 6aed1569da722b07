"""Real servers for tests: PostgreSQL, Redis, SMTP and S3, each with `.url` and `.stop()`.

PostgreSQL and Redis are one per test run, shared by its workers, and end with the run whatever happens to it:
`shared_postgresql()`, `shared_redis()`. SMTP and S3 live in a thread of the test process.

    python -m tests.servers postgresql      a throw-away server by hand, until Ctrl-C
"""

from tests.servers.browser import chromium
from tests.servers.postgresql import (
    create_from_template,
    database_url,
    drop_database,
    make_template,
    start_postgresql,
)
from tests.servers.process import Server
from tests.servers.redis import start_redis
from tests.servers.s3 import start_s3
from tests.servers.shared import shared_postgresql, shared_redis
from tests.servers.smtp import Mailbox, start_smtp

__all__ = [
    "Mailbox",
    "Server",
    "chromium",
    "create_from_template",
    "database_url",
    "drop_database",
    "make_template",
    "shared_postgresql",
    "shared_redis",
    "start_postgresql",
    "start_redis",
    "start_s3",
    "start_smtp",
]
