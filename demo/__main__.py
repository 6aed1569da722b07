"""`python -m demo`, which is `make demo`: set the database up and fill it in, without starting anything."""

import sys

from app import create_app
from cli import prepare
from demo import accounts, state


def main() -> int:
    app = create_app()
    config = app.config["VITRINE"]
    if config.is_production:
        print("The demo has accounts with a known password: not in production.", file=sys.stderr)
        return 1
    if state.is_migrated(config) and state.is_filled(config):
        print("There are stores in this database already; nothing was changed.")
        return 0
    prepare.prepare(app, with_demo=True)
    print("\n".join(accounts.told()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
