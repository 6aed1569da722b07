"""Input that can't be taken, at every endpoint: the contract's refusal, the place named, nothing changed."""

import io
import json
import struct
import zlib

import pytest

import api as api_face
from api.contract import ENDPOINTS, Endpoint, PagedQuery
from tests import cast
from tests.api import world

api_face.load_rooms()
WITH_BODY = [it for it in ENDPOINTS if it.body is not None]
READING = [it for it in ENDPOINTS if it.method == "GET" and not it.raw]
PAGED = [it for it in READING if it.query is not None and issubclass(it.query, PagedQuery)]
UPLOADS = [it for it in ENDPOINTS if it.files is not None]
JSON = "application/json"
DEEP = b"[" * 10_000 + b"]" * 10_000


def named(it: Endpoint) -> str:
    return f"{it.method} {it.path}"


@pytest.fixture
def send(api, ids):
    """Call an endpoint as somebody who may, at something that is there."""

    def call(it: Endpoint, query: str = "", **how):
        who = world.who_for(it)
        face = api.as_(who, host="roast.localhost") if who else api
        session = {"X-Session-ID": ids["session"]} if who is None else {}
        path = world.address_of(
            it, {**ids, "product_id": ids["shirt_id"]} if "variant_id" in it.path else ids
        )
        return face.request(it.method, path + query, headers=session, **how)

    return call


def refused(answer, status: int, field: str | None = None) -> None:
    assert answer.status_code == status, answer.text[:500]
    assert answer.mimetype == "application/problem+json"
    assert answer.json["status"] == status and answer.json["detail"] and "/problems/" in answer.json["type"]
    if field is not None:
        fields = [error["field"] for error in answer.json["errors"]]
        assert any(found == field or found.startswith(f"{field}.") for found in fields), answer.text
        assert all(error["code"] and error["message"] for error in answer.json["errors"])


@pytest.mark.parametrize("it", WITH_BODY, ids=named)
def test_a_body_that_is_no_json_object(it, send, everything):
    before = everything()
    for raw in (b"{", b"[]", b'"text"', b"null", b"12", DEEP, b'{"a": ' + DEEP + b"}", b'{"a": NaN}', b"\xff\xfe{}",
                b'{"a": ' + b"9" * 5000 + b"}"):  # fmt: skip
        refused(send(it, data=raw, content_type=JSON), 400)
    if not it.body_optional:
        refused(send(it, data=b"", content_type=JSON), 400)
        refused(send(it), 415)
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        refused(send(it, data=b"{}", content_type=kind), 415)
    refused(send(it, data=b'{"a": "' + b"x" * (2 * 1024 * 1024) + b'"}', content_type=JSON), 413)
    refused(send(it, json={"no_such_field": 1}), 422, "no_such_field")
    assert everything() == before


@pytest.mark.parametrize("it", [it for it in WITH_BODY if it.body.model_fields], ids=named)
def test_fields_of_a_wrong_kind(it, send, ids, everything):
    body = world.BODIES[named(it)](ids)
    before = everything()
    names = [info.alias or name for name, info in it.body.model_fields.items()]
    for name in names:
        for wrong in ({"no": "such"}, [["list"]], "a\x00b", "\ud800"):
            raw = json.dumps({**body, name: wrong}).encode()
            refused(send(it, data=raw, content_type=JSON), 422, name)
    assert everything() == before


@pytest.mark.parametrize("it", [it for it in WITH_BODY if it.body.model_fields], ids=named)
def test_numbers_without_measure(it, send, ids):
    """Whatever becomes of them, it is quick, and no fault of ours."""
    body = world.BODIES[named(it)](ids)
    for name, info in it.body.model_fields.items():
        for number in (
            "1e400",
            "-1e400",
            "1e999999999",
            "1e-999999999",
            "1e9999999999999999999",
            "1" * 400,
            "-1",
            "0.1",
        ):
            rest = json.dumps({key: value for key, value in body.items() if key != name})[1:-1]
            raw = f'{{"{info.alias or name}": {number}{", " + rest if rest else ""}}}'
            answer = send(it, data=raw.encode(), content_type=JSON)
            assert answer.status_code < 500 or answer.status_code == 503, f"{name} {number}: {answer.text}"
            if "e9" in number:
                assert answer.status_code in (400, 422), f"{name} {number}: {answer.text}"


@pytest.mark.parametrize("it", READING, ids=named)
def test_a_parameter_that_there_is_not(it, send):
    need = {"/shipping/calculate": "country=PT&", "/reports/export": "type=sales&"}.get(it.path, "")
    refused(send(it, f"?{need}no_such_parameter=1"), 422, "no_such_parameter")


@pytest.mark.parametrize("it", PAGED, ids=named)
def test_pages_out_of_bounds(it, send):
    for query in (
        "page=0",
        "page=-1",
        "page=x",
        "page=1.5",
        "page=%001",
        "page=1&page=2",
        "page=99999999999",
    ):
        refused(send(it, f"?{query}"), 422, "page")
    for query in ("page_size=0", "page_size=101", "page_size=", "page_size=%D9%A1"):
        refused(send(it, f"?{query}"), 422, "page_size")
    beyond = send(it, "?page=1000000&page_size=100")
    assert beyond.status_code == 200 and beyond.json["items"] == [] and beyond.json["page"] == 1_000_000


@pytest.mark.parametrize("query", ["sort_by=colour", "sort_dir=up", "min_price=x", "min_price=1.234",
                                   "is_featured=maybe",
                                   "stock_status=gone", "search=a%00b", f"search={'x' * 300}"])  # fmt: skip
def test_parameters_of_the_list_of_products(query, api):
    refused(api.get(f"/api/products?{query}"), 422, query.partition("=")[0])


@pytest.mark.parametrize("path", ["/api/products/%00", "/api/pages/a%00b", "/api/categories/%00", "/api/templates/%00",
                                  "/api/products/" + "x" * 5000, "/api/orders/by-number/%00",
                                  "/api/wishlist/shared/%00"])  # fmt: skip
def test_paths_that_name_nothing(path, api, ids):
    assert api.as_(cast.CARLA).get(path).status_code == 404


def bomb(width: int = 20_000, height: int = 20_000) -> bytes:
    """A small file that unpacks to 20,000 × 20,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer = zlib.compressobj(9)
    row = b"\x00" * (width // 8 + 1)
    packed = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")


@pytest.mark.parametrize("it", UPLOADS, ids=named)
def test_uploads_that_are_no_pictures(it, send, everything):
    before = everything()

    def upload(data: bytes, name: str = "a.png", field: str = "file", **more):
        return send(it, data={field: (io.BytesIO(data), name), **more})

    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    for data, name in ((b"not a picture", "a.png"), (svg, "a.svg"), (svg, "a.png"), (b"%PDF-1.4", "a.jpg"),
                       (world.png()[:60], "a.png"), (b"GIF89a", "a.gif"), (b"", "a.png")):  # fmt: skip
        answer = upload(data, name)
        assert answer.status_code in (415, 422), f"{name}: {answer.text}"
        refused(answer, answer.status_code)
    refused(upload(bomb()), 413)
    refused(upload(world.png() + b"\x00" * (11 * 1024 * 1024)), 413)
    refused(upload(world.png(), field="picture"), 422, "picture")
    refused(upload(world.png(), no_such_field="1"), 422, "no_such_field")
    refused(send(it, data={}, content_type="multipart/form-data; boundary=x"), 422, "file")
    refused(send(it, json={"file": "x"}), 415)
    refused(send(it, data=world.png(), content_type="image/png"), 415)
    assert everything() == before
