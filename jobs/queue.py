"""RQ, where REDIS_URL is set: the worker relays messages to two queues, `rq worker-pool prompt slow` serves them.

The table stays the truth. A job that Redis loses is relayed again; one that comes twice finds the lease taken.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from redis import Redis
from rq import Queue
from rq.exceptions import DuplicateJobError, NoSuchJobError
from rq.job import Job, JobStatus

from jobs.outbox import SLOW
from services import deliveries

PROMPT_QUEUE, SLOW_QUEUE = deliveries.QUEUES
SERIALIZER = "json"
BATCH = 100
PATIENCE = timedelta(seconds=60)  # for a relayed message to be delivered, before it is relayed again
TIMEOUT = 15 * 60  # seconds
ON_THE_WAY = (JobStatus.QUEUED, JobStatus.DEFERRED, JobStatus.SCHEDULED)


class Relay:
    def __init__(self, redis_url: str):
        self.redis = Redis.from_url(redis_url)
        self.queues = {
            name: Queue(name, connection=self.redis, serializer=SERIALIZER)
            for name in (PROMPT_QUEUE, SLOW_QUEUE)
        }

    def step(self) -> bool:
        """Relay what is due; True where more may be waiting."""
        due = deliveries.next_due(BATCH)
        if due:
            self.send(due)
            deliveries.postpone([message_id for message_id, _topic in due], PATIENCE)
        return len(due) == BATCH

    def send(self, messages: Sequence[tuple[UUID, str]]) -> None:
        """Enqueue each message, unless it is in the queue already."""
        for message_id, topic in messages:
            queue = self.queues[SLOW_QUEUE if topic in SLOW else PROMPT_QUEUE]
            try:
                self._enqueue(queue, message_id)
            except DuplicateJobError:
                self._again(queue, message_id)

    def _enqueue(self, queue: Queue, message_id: UUID) -> None:
        # The row knows how it went, so Redis keeps nothing of a finished job, and its id is free for the next try.
        queue.enqueue_call(
            "jobs.worker.run_message",
            args=(str(message_id),),
            job_id=f"ob-{message_id}",
            unique=True,
            timeout=TIMEOUT,
            result_ttl=0,
            failure_ttl=0,
        )

    def _again(self, queue: Queue, message_id: UUID) -> None:
        """There is a job of this id. Waiting in the queue it is fine; anything else is what a dead worker left."""
        try:
            job = Job.fetch(f"ob-{message_id}", connection=self.redis, serializer=SERIALIZER)
            if job.get_status() in ON_THE_WAY:
                return
            job.delete()
        except NoSuchJobError:  # it has just ended
            pass
        self._enqueue(queue, message_id)
