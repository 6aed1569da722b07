"""Every address of API, shop, back office and console, asked in Rival with what belongs to Roast: nothing is there, no
word of it is shown, and nothing has changed. The same with either of the two walls taken away.

The addresses come from the app's URL map, the arguments from `world` by their names: an address with an argument that
nobody knows fails here.
"""

import io

import pytest
from sqlalchemy import select

from kit.db import db
from models.accounts import User
from tests import cast
from tests.api import world as bodies
from tests.isolation import world
from tests.isolation.conftest import WALLS
from tests.isolation.routes import FACES, Call, calls

ASKERS = {"api": cast.RITA, "shop": cast.RUDI, "admin": cast.RITA, "platform": cast.RITA}
OWNERS = {"api": cast.ALICE, "shop": cast.CARLA, "admin": cast.ALICE}
# A dead link has a page of its own, which says so: what it answers instead of 404.
REFUSED = {
    "admin.accept_invitation": {404, 422},
    "admin.finish_arriving": {303},
    "admin.begin_impersonation": {303},
    "admin.forget_miss": {303},  # what is gone may be forgotten again
    "admin.reset_password": {200, 422},
    "shop.change_email": {422},
    "shop.confirm_email": {303},
    "shop.remove_cart_line": {303},  # likewise
    "shop.reset_password": {200},
    "shop.save_reset": {422},
}
# What a form has to say before the thing is looked for.
FORMS = {
    "admin.change_role": {"role": "staff"},
    "admin.close_finding": {"note": "Looked at."},
    "admin.attach_orphan": {"order_number": "T-1"},
    "shop.save_address": bodies.ADDRESS,
    "shop.update_cart_line": {"quantity": "2"},
    "shop.save_reset": {"password": "Another-Pass-1", "password_again": "Another-Pass-1"},
}


@pytest.mark.postgres_only
@pytest.mark.parametrize("wall", list(WALLS)[1:])
def test_with_both_walls_gone_the_other_store_would_be_seen(wall, monkeypatch, roast):
    """What is taken away really is the wall: with none left a query finds everybody."""
    running = [change(monkeypatch) for change in WALLS.values() if change]
    for one in running:
        next(one)
    db.session.remove()
    stores = set(db.session.scalars(select(User.tenant_id)))
    assert stores == {cast.ROAST, cast.RIVAL}
    for one in running:
        for _end in one:
            pass


# --- what is asked ------------------------------------------------------------------------------------------------


def faces(api, browser, people) -> dict:
    return {face: (api if face == "api" else browser).as_(who) for face, who in people.items()}


def sent(call: Call, things: world.Things) -> dict:
    if call.endpoint.startswith("api."):
        if call.endpoint.endswith("_image"):
            return {"data": {"file": (io.BytesIO(bodies.png()), "a.png")}}
        body = bodies.BODIES.get(f"{call.method} {call.rule.removeprefix('/api')}")
        return {"json": body(things)} if body else {}
    return {} if call.method == "GET" else {"data": FORMS.get(call.endpoint, {})}


def secrets_in(answer) -> list[str]:
    return [word for word in world.SECRETS if word in answer.text]


@pytest.mark.parametrize("face", FACES)
def test_what_another_store_has_is_not_there(face, app, api, browser, everything, take_walls_away):
    things, asker = world.fill(api), faces(api, browser, ASKERS)[face]
    take_walls_away()
    before, wrong = everything(), []
    asked = [call for call in calls(app, face, things) if call.names_a_thing]
    assert len(asked) > 10
    for call in asked:
        answer = asker.request(call.method, call.path, **sent(call, things))
        if answer.status_code not in REFUSED.get(call.endpoint, {404}):
            wrong.append(f"{call}: {answer.status_code}")
        wrong += [f"{call} says {word!r}" for word in secrets_in(answer)]
    assert not wrong, "\n".join(wrong)
    assert everything() == before


# Addresses that send the store's own people on, or that have nothing to show of these things.
NOT_SHOWN = {
    "admin.export_import_errors": "no file belongs to this import",
    "shop.payment_cancelled": "goes on to the order",
    "shop.payment_return": "likewise",
    "shop.pay": "likewise: it is paid",
    "admin.show_row": "goes on to the list without htmx",
    "shop.confirm_email": "confirms and goes on",
}


@pytest.mark.parametrize("face", OWNERS)
def test_the_store_itself_finds_it_there(face, app, api, browser):
    """So that a 404 above says something: with the same words its own people get their pages."""
    things, owner = world.fill(api), faces(api, browser, OWNERS)[face]
    wrong = []
    for call in calls(app, face, things):
        if call.names_a_thing and call.method == "GET" and call.endpoint not in NOT_SHOWN:
            if call.rule.startswith("/api/sysadmin/"):
                continue  # the platform's people alone
            answer = owner.get(call.path)
            if answer.status_code != 200:
                wrong.append(f"{call}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
