"""Pages that htmx improves: the same view answers a page, or the partial that the page includes."""

from typing import Any
from urllib.parse import urlsplit

from flask import Response, make_response, redirect, render_template, request, url_for
from werkzeug.urls import iri_to_uri


def wants_fragment() -> bool:
    """htmx asks for a piece. Boosted links and restored history want the whole page."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        and headers.get("HX-Boosted") != "true"
        and headers.get("HX-History-Restore-Request") != "true"
    )


def render(page: str, fragment: str | None = None, status: int = 200, **context: Any) -> Response:
    """The page, or its `fragment` where htmx asked for a piece."""
    name = fragment if fragment and wants_fragment() else page
    return make_response(render_template(name, **context), status)


def page(template: str, fragment: str | None = None, status: int = 200, **context: Any) -> Response:
    """The same for one reader alone, in the back office or the console: never kept by anyone in between."""
    response = render(template, fragment, status, **context)
    response.headers["Cache-Control"] = "private, no-store" if status >= 400 else "private, no-cache"
    return response


def go(endpoint: str, **values: Any) -> Response:
    """After a form was taken: 303 to the next page, by htmx a full navigation."""
    return go_to(url_for(endpoint, **values))


def go_to(url: str) -> Response:
    """`url` may have letters of any language, as a path that a form sends back: headers carry ASCII."""
    if wants_fragment():
        response = make_response("", 204)
        response.headers["HX-Redirect"] = iri_to_uri(url)
        return response
    return redirect(url, 303)  # type: ignore[return-value]


def leave_for(url: str) -> Response:
    """After a form was taken, on to another host of ours. Browsers hold the redirects of a form to `form-action`, which
    knows this host only; so a page leads on, by itself and by a link."""
    if wants_fragment():
        return go_to(url)
    response = make_response(render_template("shared/leaving.html", url=url))
    response.headers["Cache-Control"] = "private, no-store"
    return response


def came_from() -> str:
    """The page of this host that the request was sent from; '' where it came from elsewhere, or does not say."""
    try:
        page = urlsplit(request.referrer or "")
    except ValueError:  # brackets that are no address
        return ""
    path = page.path + (f"?{page.query}" if page.query else "")
    return safe_next(path, "") if page.netloc == request.host else ""


def safe_next(url: str | None, default: str) -> str:
    """Where to go after signing in: only a path of this host. Browsers pass over control characters, so that "/", a tab
    and "/evil.test" is another host to them; no path of ours has any."""
    if url and url.startswith("/") and not url.startswith(("//", "/\\")) and url.isprintable():
        return url
    return default
