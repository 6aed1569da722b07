"""One process with an app of its own: `python -m tests.concurrency.shoppers`, told what to do by lines of JSON.

Each errand is one request to the API. All errands of a round wait for the same moment, so that they meet at the
database. Lines for the test begin with `@`; whatever else is written is the log's.
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from app import create_app
from config import Config
from kit import cache
from kit.db import db

HOST = "http://roast.localhost"


def say(what: Any) -> None:
    print("@" + json.dumps(what), flush=True)


def main() -> None:
    order = json.loads(sys.stdin.readline())
    config = Config.from_env(
        {"APP_ENV": "testing", "INSTANCE_DIR": order["instance"], "SECRET_KEY": order["secret"]}
    )
    app = create_app(replace(config, database_url=order["database_url"], rate_limits=False))
    for line in sys.stdin:
        errands = json.loads(line)
        app.test_client().get("/api/cart", base_url=HOST)  # whatever is made once is made before the start
        say("ready")
        start = float(sys.stdin.readline())

        def run(errand: dict[str, Any], start: float = start) -> list[Any]:
            client = app.test_client()
            time.sleep(max(0.0, start - time.time()))
            answer = client.post(
                errand["path"], json=errand["json"], headers=errand["headers"], base_url=HOST
            )
            return [answer.status_code, answer.get_json()]

        with ThreadPoolExecutor(len(errands) or 1) as pool:
            answers = list(pool.map(run, errands))
        with app.app_context():
            db.engine.dispose()  # the next test puts a new database in place,
        cache.clear_all()  # which has old versions again
        say(answers)


if __name__ == "__main__":
    main()
