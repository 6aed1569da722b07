"""Pictures, from the file store. Names are made of the content, so that they never change."""

from flask import Flask, Response, abort, request

from gateways import storage
from web.access import PUBLIC, allow

TYPES = {
    "avif": "image/avif",
    "webp": "image/webp",
    "jpg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
}


def init_app(app: Flask) -> None:
    app.add_url_rule("/media/<path:key>", "media", show_media)


@allow(PUBLIC)
def show_media(key: str) -> Response:
    kind = TYPES.get(key.rpartition(".")[2])
    body = storage.read(key) if kind else None
    if body is None:
        abort(404)
    response = Response(body, mimetype=kind)
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.set_etag(key.rpartition("/")[2])
    response.make_conditional(request)
    return response
