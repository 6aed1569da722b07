"""Who sees the shop otherwise than everybody else: staff who try a look on, and whoever was let in during
maintenance. What they are shown is never kept, neither here nor on the way."""

from flask import Flask, Response, current_app, g, request, session

TRYING = "trying"  # in the session


def stand_apart() -> None:
    g.is_apart = True


def is_apart() -> bool:
    return bool(g.get("is_apart"))


# --- trying a look on ---------------------------------------------------------------------------------------------


def begin_trying() -> None:
    session[TRYING] = True


def end_trying() -> None:
    session.pop(TRYING, None)


def is_trying() -> bool:
    """Has this browser asked for the look that is tried on, or does the back office show it in a frame? Whether the
    one who is there may see it is asked apart from this."""
    is_somebody = current_app.config["SESSION_COOKIE_NAME"] in request.cookies
    return is_somebody and (is_framed() or bool(session.get(TRYING)))


def is_framed() -> bool:
    """Does the page go into a frame? Browsers that do not say it show the page with its banner."""
    return request.headers.get("Sec-Fetch-Dest") == "iframe"


def show_frame() -> None:
    """This page of the back office has a frame with the shop in it."""
    g.shows_frame = True


def init_app(app: Flask) -> None:
    """First of all, so that it has the last word."""

    @app.after_request
    def keep_nothing(response: Response) -> Response:
        policy = response.headers.get("Content-Security-Policy", "")
        if g.get("shows_frame"):
            response.headers["Content-Security-Policy"] = f"{policy}; frame-src 'self'"
        if not is_apart():
            return response
        response.headers["Cache-Control"] = "private, no-store"
        response.headers.pop("ETag", None)
        if g.get("is_tried"):
            response.headers["Content-Security-Policy"] = policy.replace(
                "frame-ancestors 'none'", "frame-ancestors 'self'"
            )
        return response
