"""The queue's face: what follows after commit, and what the clock does."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def init_app(app: "Flask") -> None:
    # Imported here: RQ's workers import this package for one function.
    from jobs import clock

    app.cli.add_command(clock.commands)
