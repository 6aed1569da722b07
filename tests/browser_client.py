"""Test clients that come in by the front door: their own app context, no store chosen for them."""

from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from kit import tenancy
from kit.db import db, end_reading
from tests.cast import PASSWORD, Person


class DoorClient(FlaskClient):
    """Takes the test's store, session and `g` away for the length of a request, as a real one has none."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        end_reading()
        kwargs.setdefault("buffered", True)  # a streamed answer is read while its own context is there
        token = tenancy._tenant.set(None)
        try:
            with self.application.app_context():
                return super().open(*args, **kwargs)
        finally:
            tenancy._tenant.reset(token)
            db.session.expire_all()


def _client(app: Flask) -> DoorClient:
    return DoorClient(app, use_cookies=True)


class _Face:
    def __init__(self, app: Flask, host: str = "roast.localhost"):
        self.app = app
        self.host = host
        self.client = _client(app)
        self.headers: dict[str, str] = {}

    def request(self, method: str, path: str, **kw: Any) -> TestResponse:
        headers = {**self.headers, **kw.pop("headers", {})}
        parts = urlsplit(path)
        base = f"http://{parts.netloc or self.host}"
        return self.client.open(
            parts._replace(scheme="", netloc="").geturl(), base_url=base, method=method, headers=headers, **kw
        )

    def get(self, path: str, **kw: Any) -> TestResponse:
        return self.request("GET", path, **kw)

    def post(self, path: str, **kw: Any) -> TestResponse:
        return self.request("POST", path, **kw)

    def put(self, path: str, **kw: Any) -> TestResponse:
        return self.request("PUT", path, **kw)

    def patch(self, path: str, **kw: Any) -> TestResponse:
        return self.request("PATCH", path, **kw)

    def delete(self, path: str, **kw: Any) -> TestResponse:
        return self.request("DELETE", path, **kw)


class Api(_Face):
    """Tokens are cached per test, since a sign-in costs an argon2 hash."""

    def __init__(self, app: Flask, host: str = "roast.localhost", tokens: dict | None = None):
        super().__init__(app, host)
        self._tokens = tokens if tokens is not None else {}

    def as_(self, who: Person | None, *, host: str | None = None) -> "Api":
        """The same door as somebody else. `host` sends their token to another store's host."""
        face = Api(self.app, host or (who.host if who else self.host), self._tokens)
        if who is not None:
            if who not in self._tokens:
                answer = Api(self.app, who.host).post(
                    "/api/auth/login", json={"email": who.email, "password": PASSWORD}
                )
                assert answer.status_code == 200, answer.text
                self._tokens[who] = answer.json["access_token"]
            face.headers["Authorization"] = f"Bearer {self._tokens[who]}"
        return face

    def with_token(self, token: str) -> "Api":
        face = Api(self.app, self.host, self._tokens)
        face.headers["Authorization"] = f"Bearer {token}"
        return face


class Browser(_Face):
    def __init__(self, app: Flask, host: str = "roast.localhost"):
        super().__init__(app, host)
        self.headers = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html"}

    def as_(self, who: Person) -> "Browser":
        """Signed in through the form, on the person's own host."""
        face = Browser(self.app, who.host)
        path = "/login" if who.tenant_id else "/platform/login"
        answer = face.post(path, data={"email": who.email, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return face

    def at(self, host: str) -> "Browser":
        return Browser(self.app, host)

    def htmx(self, **headers: str) -> "Browser":
        """The same session, asking as htmx does."""
        face = Browser(self.app, self.host)
        face.client = self.client
        face.headers = {**self.headers, "HX-Request": "true", **headers}
        return face
