"""While a store is worked on: who has typed its password carries a signed key, good for a day and this password."""

from flask import Response, current_app, g, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from services import opening

DAY = 24 * 3600
KEY = "open-door"
__all__ = ["give_key", "has_key", "is_worked_on"]


def is_worked_on() -> bool:
    return g.store.is_open and g.store.maintenance_mode


def has_key() -> bool:
    """Of this store, for the password that it has now."""
    given = request.cookies.get(KEY)
    if not given or not is_worked_on():
        return False
    try:
        store_id, seal = _signer().loads(given, max_age=DAY)
    except (BadSignature, ValueError, TypeError):
        return False
    return store_id == g.store.id.hex and bool(seal) and seal == opening.seal_of_password()


def give_key(response: Response) -> Response:
    key = _signer().dumps([g.store.id.hex, opening.seal_of_password()])
    response.set_cookie(KEY, key, max_age=DAY, httponly=True, samesite="Lax", secure=request.is_secure)
    return response


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="open-door")
