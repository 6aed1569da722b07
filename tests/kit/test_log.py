"""No line of the log holds what is somebody's own, whoever wrote it."""

import io
import json
import logging

import pytest

from kit import log


def line(**event) -> dict:
    return log.hide(None, "info", event)


@pytest.mark.parametrize(
    "name", ["password", "new_password", "client_secret", "access_token", "Authorization", "api_key", "email", "phone",
             "shipping_address", "customer_name"]
)  # fmt: skip
def test_values_under_such_names_are_hidden(name):
    assert line(**{name: "anything"}) == {name: log.HIDDEN}
    assert line(data={"deep": [{name: "anything"}]}) == {"data": {"deep": [{name: log.HIDDEN}]}}


@pytest.mark.parametrize(
    "text", ["mail to carla@roast.test refused", "key sk_live_51HabcdEFGH is wrong", "Bearer abcdefghijkl.mnop",
             "order link ord_AZabcdefgh.ijk", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln"]
)  # fmt: skip
def test_addresses_and_tokens_in_texts_are_hidden(text):
    said = line(event=text)["event"]
    assert log.HIDDEN in said
    assert not any(part in said for part in ("carla", "51Habcd", "abcdefgh", "hbGciOi"))


def test_plain_words_stay():
    said = {"event": "task done", "task": "sweep holds", "count": 3}
    assert line(**said) == said


def test_lines_of_libraries_are_json_in_production_without_variables():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(log.formatter(readable=False))
    logger = logging.Logger("a.library")
    logger.addHandler(handler)
    try:
        password = "Hunter-2-Hunter"
        raise ValueError(f"no mail to carla@roast.test, {len(password)}")
    except ValueError:
        logger.exception("it failed for %s", "carla@roast.test")
    said = json.loads(stream.getvalue())
    assert (said["logger"], said["level"]) == ("a.library", "error")
    assert "ValueError" in said["exception"]
    assert "carla" not in stream.getvalue() and "Hunter-2-Hunter" not in said["event"]
