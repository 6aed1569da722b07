"""`flask audit verify`: says which log was tampered with, and fails then."""

from cli.audit import commands
from services import tenants
from tests.cast import RITA, RIVAL, ROAST
from tests.services.test_audit import by_force, write


def verify(app, *slugs: str):
    return app.test_cli_runner().invoke(commands, ["verify", *slugs])


def test_intact_logs_are_told_with_their_last_hash(app):
    with tenants.in_store(ROAST):
        write(2)
    result = verify(app, "roast", "rival")
    assert result.exit_code == 0, result.output
    assert "2 entries" in result.output
    assert "0 entries" in result.output


def test_a_tampered_log_is_named_and_the_command_fails(app):
    with tenants.in_store(ROAST):
        write(2)
    with tenants.in_store(RIVAL):
        write(1, actor=RITA.actor)
    by_force("UPDATE audit_entries SET action = 'nothing' WHERE number = 2")
    result = verify(app, "roast", "rival")
    assert result.exit_code == 1
    assert "BROKEN   at entry 2: changed" in result.output
    assert "tampered with: roast." in result.output


def test_an_unknown_store_is_a_line(app):
    result = verify(app, "nowhere")
    assert result.exit_code == 1
    assert "no store 'nowhere'" in result.output
