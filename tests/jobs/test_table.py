"""HANDLERS is the whole map of what follows from what: no topic is posted that it does not name, none is idle."""

import re
from pathlib import Path

from jobs.outbox import HANDLERS, SLOW
from jobs.schedule import TASKS, Timetable

ROOT = Path(__file__).resolve().parents[2]
POSTED = re.compile(r"outbox\.post\(\s*[\"']([a-z_.]+)[\"']")


def posted() -> set[str]:
    sources = [
        path.read_text() for folder in ("services", "gateways") for path in (ROOT / folder).rglob("*.py")
    ]
    return {topic for source in sources for topic in POSTED.findall(source)}


def test_every_topic_that_is_posted_is_named_and_every_named_one_is_posted():
    assert posted() - set(HANDLERS) == set()
    assert set(HANDLERS) - posted() == set()


def test_handlers_have_names_of_their_own():
    for handlers in HANDLERS.values():
        assert len({handler.name for handler in handlers}) == len(handlers)
    assert set(HANDLERS) >= SLOW


def test_tasks_come_round_and_the_first_time_soon():
    ticks = [0.0]
    timetable = Timetable(lambda: ticks[0])
    assert list(timetable.due()) == []
    ticks[0] = 61.0
    assert set(timetable.due()) == set(TASKS)
    assert list(timetable.due()) == []
    ticks[0] = 125.0
    assert {task.every for task in timetable.due()} == {60}
