"""The terminal's face: `flask tenants …`, `flask users …`, `flask outbox …`,
`flask audit verify`, `flask demo`, and what `make run` runs."""

from flask import Flask

from cli import audit, demo, outbox, tenants, users


def init_app(app: Flask) -> None:
    for group in (audit.commands, demo.commands, outbox.commands, tenants.commands, users.commands):
        app.cli.add_command(group)
