"""`flask outbox`: what died is listed, delivered again, or given up."""

from cli.outbox import commands
from tests.services.test_dead_letters import message, states


def run(app, *words: str):
    return app.test_cli_runner().invoke(commands, list(words))


def test_a_dead_message_is_given_up_with_a_reason(app):
    ident = str(message("stock.low"))
    assert ident in run(app, "list").output
    refused = run(app, "drop", ident)
    assert refused.exit_code == 2 and "--reason" in refused.output
    assert run(app, "drop", ident, "--reason", " ").exit_code == 1
    assert states() == {"dead": 1}
    assert "Dropped" in run(app, "drop", ident, "--reason", "a test").output
    assert "dropped by terminal: a test" in run(app, "list", "dropped").output
    assert states() == {"dropped": 1}


def test_what_is_no_message_is_a_line(app):
    assert "no message's id" in run(app, "drop", "nonsense", "--reason", "x").output
    gone = run(app, "drop", str(message(dead=False)), "--reason", "x")
    assert gone.exit_code == 1 and states() == {"waiting": 1}


def test_one_that_is_no_id_leaves_the_others_as_they_are(app):
    refused = run(app, "replay", str(message()), "nonsense")
    assert refused.exit_code == 1 and "no message's id" in refused.output and states() == {"dead": 1}


def test_all_dead_ones_are_delivered_again(app):
    message()
    message()
    assert "2 to be delivered again" in run(app, "replay", "--all").output
    assert states() == {"waiting": 2}
