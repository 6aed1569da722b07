"""`flask payments reconcile`: says how far it is, mends, lists what is left, and fails then."""

import pytest
from sqlalchemy import select

from cli.payments import commands
from kit.db import db, transaction
from models.orders import OrderStatus
from models.payments import PaymentAttempt
from services import tenants
from tests import make, till
from tests.cast import ROAST


@pytest.fixture
def account(app, sandbox) -> str:
    with tenants.in_store(ROAST):
        return till.open_till(sandbox)


def reconcile(app, *words: str):
    return app.test_cli_runner().invoke(commands, ["reconcile", *words])


def test_a_lost_webhook_is_mended_with_progress_on_the_way(app, account, sandbox):
    with tenants.in_store(ROAST):
        order = make.order()
        till.pay(sandbox, order)
        ident = order.id
    result = reconcile(app, "--everything")
    assert result.exit_code == 0, result.output
    assert "charges           0 so far" in result.output
    assert "1 looked at, 1 mended, 0 open" in result.output and "rival" not in result.output
    with tenants.in_store(ROAST):
        from services.orders import reading

        assert reading.get_order(ident).status is OrderStatus.CONFIRMED


def test_what_is_left_is_listed_and_the_command_fails(app, account, sandbox):
    with tenants.in_store(ROAST):
        till.paid(sandbox, make.order())
        with transaction():
            db.session.scalars(select(PaymentAttempt)).one().captured_amount = 900
    result = reconcile(app, "roast", "--everything")
    assert result.exit_code == 1
    assert "amount-differs" in result.output and "900 ours, 1000 theirs EUR" in result.output
    assert "To be looked at: roast." in result.output


def test_a_store_without_an_account_is_named_when_it_was_asked_for(app, account):
    result = reconcile(app, "rival")
    assert result.exit_code == 1 and "FAILED" in result.output
    assert reconcile(app, "nowhere").exit_code == 1
