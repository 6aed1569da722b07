"""Before something that matters, the password once more, unless it was given a short while ago."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar

from flask import current_app, request
from werkzeug.exceptions import HTTPException

from services.accounts import people
from web.auth import actor, was_proved_within
from web.htmx import came_from, go

View = TypeVar("View", bound=Callable[..., Any])
TO_SEE = timedelta(minutes=15)
TO_SEND = timedelta(minutes=30)  # longer: a form that was opened in time may be sent


def proved(view: View) -> View:
    """For a view of the back office, below `@allow`. Whoever was asked comes back to the page they were on."""

    @wraps(view)
    def ask(**kw: Any) -> Any:
        people.insist_in_person(actor())
        is_reading = request.method in {"GET", "HEAD"}
        if was_proved_within(TO_SEE if is_reading else TO_SEND):
            return view(**kw)
        return go("admin.prove", next=request.full_path.rstrip("?") if is_reading else _page_of_the_form())

    return ask  # type: ignore[return-value]


def _page_of_the_form() -> str:
    """The form's own address where it can be read, else the page it stood on."""
    try:
        current_app.create_url_adapter(request).match(method="GET")  # type: ignore[union-attr]
    except HTTPException:
        return came_from()
    return request.path
