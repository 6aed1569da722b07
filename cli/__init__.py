"""The terminal's face: `flask tenants …`, `flask users …`, `flask outbox …`,
`flask payments …`, `flask audit verify`, `flask demo`, and what `make run` runs."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def init_app(app: "Flask") -> None:
    # Imported here: `python -m cli.run` is in this package too, and starts without the app and its services.
    from cli import audit, demo, outbox, payments, tenants, users

    for group in (
        audit.commands,
        demo.commands,
        outbox.commands,
        payments.commands,
        tenants.commands,
        users.commands,
    ):
        app.cli.add_command(group)
