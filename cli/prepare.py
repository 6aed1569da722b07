"""`python -m cli.prepare`: brings the database up to date, makes the platform's first account, fills in the demo.

What is done already is passed by, so it can run at every start and at every deployment.
"""

from flask import Flask
from flask_migrate import upgrade

from app import create_app
from config import Config
from demo import build, state
from services import platform


def prepare(app: Flask, *, with_demo: bool) -> None:
    config: Config = app.config["VITRINE"]
    with app.app_context():
        if not state.is_migrated(config):
            print("creating or updating the database …", flush=True)
            upgrade()
        if config.sysadmin_email and config.sysadmin_password:
            platform.ensure_first_sysadmin(config.sysadmin_email, config.sysadmin_password)
        if with_demo and not state.is_filled(config):
            build.fill(config, say=lambda line: print(line, flush=True))


def main() -> None:
    app = create_app()
    prepare(app, with_demo=app.config["VITRINE"].demo)


if __name__ == "__main__":
    main()
