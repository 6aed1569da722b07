"""The terminal's face: what an operator does, from `flask doctor` to `flask tenants create`, and what `make run` runs.

docs/operations.md tells when to use which. A refusal is one line on stderr and exit code 1; wrong words are 2.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def init_app(app: "Flask") -> None:
    # Imported here: `python -m cli.run` is in this package too, and starts without the app and its services.
    from cli import audit, cache, demo, doctor, keys, outbox, payments, search, tenants, users

    for group in (
        audit.commands,
        cache.commands,
        demo.commands,
        doctor.commands,
        keys.commands,
        outbox.commands,
        payments.commands,
        search.commands,
        tenants.commands,
        users.commands,
    ):
        app.cli.add_command(group)
