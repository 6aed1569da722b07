"""The product's worker with handlers that leave traces, run as a process of its own: `python -m tests.jobs.a_worker`.

TRACES names a folder: `calls` there gets a line per call, and a file per message is what the outside received.
"""

import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from rq import SimpleWorker

from jobs import outbox, queue, worker
from jobs.outbox import HANDLERS, inside, outside
from kit.actor import SYSTEM
from services import audit
from services import outbox as post_office

TOPIC = "test.counted"
TRACES = Path(os.environ["TRACES"]) if "TRACES" in os.environ else None


def write_down(number: int) -> None:
    """An effect in our own database; slow enough for a kill to fall in the middle."""
    audit.record("counted", ("test", number), actor=SYSTEM)
    time.sleep(0.02)


def tell_the_outside(number: int) -> None:
    """An effect elsewhere, which knows repetitions by the message's id."""
    assert TRACES is not None
    with (TRACES / "calls").open("a") as file:
        file.write(f"{number}\n")
    time.sleep(0.02)
    (TRACES / str(post_office.message_id())).write_text(str(number))


def write_down_after(number: int) -> None:
    audit.record("counted-after", ("test", number), actor=SYSTEM)
    time.sleep(0.01)


HANDLERS[TOPIC] = (inside(write_down), outside(tell_the_outside), inside(write_down_after))

# A worker that was killed must not hold up a test for a minute.
outbox.LEASE = timedelta(seconds=1)
queue.PATIENCE = timedelta(seconds=1)


class QueueWorker(SimpleWorker):
    """`rq worker-pool -w tests.jobs.a_worker.QueueWorker`: importing this module brings the handlers."""

    def work(self, *given: Any, **named: Any) -> bool:
        """With the app at hand: making it takes longer than the second after which a message is sent once more."""
        worker.the_app()
        return super().work(*given, **named)


if __name__ == "__main__":
    worker.main()
