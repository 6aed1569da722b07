"""CORS for the API: the origins that the store's settings list, and no cookies."""

from flask import Flask, Response, g, request

ALLOWED = "Authorization, Content-Type, Idempotency-Key, If-None-Match, X-Request-ID, X-Session-ID"
EXPOSED = "ETag, Idempotent-Replayed, Location, Retry-After, X-Request-ID, X-Session-ID"


def init_app(app: Flask) -> None:
    @app.after_request
    def say(response: Response) -> Response:
        origin, store = request.headers.get("Origin"), g.get("store")
        if not request.path.startswith("/api/") or origin is None or store is None:
            return response
        response.vary.add("Origin")
        if origin not in store.cors_origins:
            return response
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Expose-Headers"] = EXPOSED
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = "GET, POST, PUT, PATCH, DELETE"
            response.headers["Access-Control-Allow-Headers"] = ALLOWED
            response.headers["Access-Control-Max-Age"] = "600"
        return response
