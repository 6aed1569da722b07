"""How an endpoint is declared: who may call it, what it takes, what it answers.

One declaration registers the view, checks the input in the contract's order (authentication, role, plan feature, media
type, readable body and known fields, then the view: existence, values of the merged object, state) and describes
itself for /api/openapi.json.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Any, get_args, get_origin

from flask import Blueprint, Response, current_app, g, request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import to_json

from api import idempotency
from api.schemas.base import envelope, present
from kit.actor import Role
from kit.drafts import Draft, field_errors, read
from kit.errors import FieldError, Invalid, TooLarge, Unreadable, WrongMediaType
from kit.i18n import _
from kit.paging import Page, whole
from services.plans import require_feature
from web.access import Level, allow, guard, require
from web.auth import actor
from web.limits import limit as rate_limit
from web.tenant import current_store, require_open_store

bp = Blueprint("api", __name__, url_prefix="/api")
JSON_LIMIT = 1024 * 1024
EXPONENT_MAX = 1000


class Query(BaseModel):
    """Query parameters: all text, unknown ones refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


def _number(value: Any) -> Any:
    if isinstance(value, str) and not (
        value.isascii() and value.removeprefix("-").isdigit() and len(value) < 10
    ):
        raise ValueError("not a number")
    return int(value)


QueryInt = Annotated[int, BeforeValidator(_number)]


class PagedQuery(Query):
    page: Annotated[QueryInt, Field(ge=1, le=1_000_000)] = 1
    page_size: Annotated[QueryInt, Field(ge=1, le=100)] = 20


@dataclass(frozen=True)
class Created:
    """201, with the address that the new thing is reached by."""

    thing: Any
    location: str


@dataclass(frozen=True)
class Patch:
    """What a PUT carried: a partial change of the object as it is."""

    draft: type[Draft]
    sent: Mapping[str, Any]
    version: int | None = None

    def onto(self, current: Mapping[str, Any]) -> Any:
        """The draft of the merged object; Invalid names what is wrong with it."""
        return read(self.draft, {**current, **self.sent})


@dataclass(frozen=True)
class Endpoint:
    """What the description and the tests know of one endpoint."""

    method: str
    path: str
    allow: Level | Role
    group: str
    view: Callable[..., Any]
    body: type[Draft] | None = None
    query: type[Query] | None = None
    answer: Any = None
    many: bool = False
    status: int = 200
    partial: bool = False
    versioned: bool = False
    idempotent: bool = False
    files: type[BaseModel] | None = None
    raw: bool = False
    media: str = "application/json"
    errors: tuple[str, ...] = ()
    summary: str = ""
    body_optional: bool = False
    platform: bool = False  # answers on the platform's own host, where there is no store
    own_token: bool = False  # the view reads the bearer itself: it is no access token, or may be a spent one
    feature: str = ""  # of the plan or an addon; off: 403 before the body is looked at
    options: dict[str, Any] = field(default_factory=dict)


ENDPOINTS: list[Endpoint] = []


def endpoint(method: str, path: str, *, allow: Level | Role, group: str, limit: str | None = None,
             **declared: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:  # fmt: skip
    """Register the function as the view of `method path`. It is called with the path's values and, where declared,
    `draft` or `patch`, and `query`; what it returns is presented by `answer`."""

    def register(view: Callable[..., Any]) -> Callable[..., Any]:
        it = Endpoint(
            method, path, allow, group, view, summary=(view.__doc__ or "").split("\n\n")[0], **declared
        )
        ENDPOINTS.append(it)
        name = f"{view.__module__.removeprefix('api.').replace('.', '_')}_{view.__name__}"
        serve = _server(it, name)
        bp.add_url_rule(
            path, endpoint=name, view_func=rate_limit(limit)(serve) if limit else serve, methods=[method]
        )
        return view

    return register


def _server(it: Endpoint, name: str) -> Callable[..., Response]:
    @allow(it.allow)
    def serve(**path: Any) -> Response:
        inputs = dict(path)
        if it.feature:
            require_feature(it.feature)
        if it.query is not None and not it.raw:
            inputs["query"] = read_query(it.query)
        elif it.query is None and request.args and not it.raw:
            _refuse_unknown(request.args.keys())
        if it.body is not None:
            inputs |= _read_body(it)
        if it.idempotent:
            return idempotency.run(name, lambda: _present(it, it.view(**inputs)))
        return _present(it, it.view(**inputs))

    serve.__name__ = name
    serve.__endpoint__ = it  # type: ignore[attr-defined]
    serve.__reads_own_token__ = it.own_token  # type: ignore[attr-defined]
    return serve


def read_query(kind: type[Query]) -> Any:
    """The query parameters; repeating one that is no list is an error, not a choice."""
    values: dict[str, Any] = {}
    for name, given in request.args.lists():
        is_list = name in kind.model_fields and _is_list(kind.model_fields[name].annotation)
        if len(given) > 1 and not is_list:
            raise Invalid.field(name, "repeated", _("This parameter may be given once only."))
        if any("\x00" in text for text in (name, *given)):
            raise Invalid.field(
                name.replace("\x00", ""), "bad_character", _("Contains a character that can't be stored.")
            )
        values[name] = given if is_list else given[0]
    try:
        return kind.model_validate(values, context={"form": True})
    except ValidationError as error:
        raise Invalid(_("Please correct the marked parameters."), errors=field_errors(error)) from error


def _is_list(annotation: Any) -> bool:
    return get_origin(annotation) is list or any(_is_list(part) for part in get_args(annotation))


def _refuse_unknown(names: Iterable[str]) -> None:
    raise Invalid(_("Please correct the marked parameters."),
                  errors=[FieldError(n, "unknown_field", _("There is no such parameter.")) for n in names])  # fmt: skip


def read_json(*, optional: bool = False) -> dict[str, Any]:
    """The body as an object. Decimal instead of float, so that no amount passes through a binary one."""
    if optional and not request.content_length and not request.headers.get("Transfer-Encoding"):
        return {}
    if request.mimetype != "application/json":
        raise WrongMediaType(_("Send the body as application/json."))
    if (request.content_length or 0) > JSON_LIMIT:
        raise TooLarge(_("A JSON body may have 1 MB at most."))
    raw = request.get_data(cache=True)
    if len(raw) > JSON_LIMIT:
        raise TooLarge(_("A JSON body may have 1 MB at most."))
    try:
        found = json.loads(raw.decode("utf-8"), parse_float=_number_of, parse_constant=_no_constant)
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise Unreadable(_("The body is not readable as JSON.")) from error
    if not isinstance(found, dict):
        raise Unreadable(_("The body must be a JSON object."))
    return found


def _number_of(text: str) -> Decimal:
    """As it is written. With such an exponent as 1e999999999 any sum with it would take the memory there is."""
    number = Decimal(text)
    if abs(number.adjusted()) > EXPONENT_MAX:
        raise ValueError("out of all measure")
    return number


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _read_body(it: Endpoint) -> dict[str, Any]:
    assert it.body is not None
    sent = read_json(optional=it.body_optional)
    if not it.partial:
        return {"draft": read(it.body, sent)}
    version = sent.pop("version", None) if it.versioned else None
    if version is not None and (isinstance(version, bool) or not isinstance(version, int)):
        raise Invalid.field("version", "not_a_number", _("Must be a whole number."))
    known = {name for name, info in it.body.model_fields.items()} | {
        info.alias for info in it.body.model_fields.values() if info.alias
    }
    if unknown := sorted(set(sent) - known):
        raise Invalid(_("Please correct the marked fields."),
                      errors=[FieldError(n, "unknown_field", _("There is no such field."))
                              for n in unknown])  # fmt: skip
    return {"patch": Patch(it.body, sent, version)}


def _present(it: Endpoint, result: Any) -> Response:
    if isinstance(result, Response):
        return result
    headers = {}
    if isinstance(result, Created):
        headers["Location"] = result.location
        result = result.thing
    if it.status == 204:
        return Response(status=204)
    if it.many:
        page = result if isinstance(result, Page) else whole(result)
        body = to_json(envelope(page, it.answer))
    else:
        body = to_json(present(result, it.answer))
    return Response(body, it.status, headers, mimetype="application/json")


guard(bp)


@bp.before_request
def _need_a_store() -> None:
    """After the labels. On the platform's own host only the platform's endpoints answer."""
    it: Endpoint | None = getattr(
        current_app.view_functions.get(request.endpoint or ""), "__endpoint__", None
    )
    if it is not None and not it.platform:
        current_store()


@bp.before_request
def _open_store() -> None:
    """Who is no staff finds a suspended store closed. Webhooks and sign-in come in all the same."""
    if request.endpoint and request.path.startswith(
        ("/api/webhooks/", "/api/payments/webhook", "/api/auth/")
    ):
        return
    if g.get("store") is not None:
        require_open_store(staff=actor().is_staff, reading=request.method in {"GET", "HEAD", "OPTIONS"})


@bp.after_request
def _private_by_default(response: Response) -> Response:
    response.headers.setdefault("Cache-Control", "no-store")
    response.vary.add("Authorization")
    return response


__all__ = [
    "Created",
    "Endpoint",
    "Patch",
    "PagedQuery",
    "Query",
    "QueryInt",
    "actor",
    "bp",
    "endpoint",
    "require",
]
