"""Pictures: only real ones get in, nothing but the picture survives, and sizes are made once."""

import io
import os
import struct
import zlib

import pytest
from PIL import Image
from sqlalchemy import select

from gateways import storage
from kit import images as kit_images
from kit.db import db
from kit.drafts import read
from kit.errors import Conflict, NotFound, TooLarge, WrongMediaType
from models.catalog import Product, ProductImage
from models.outbox import OutboxMessage
from services import tenants
from services.catalog import images, products
from services.catalog.images import ImageDraft
from tests import cast, servers
from tests.cast import MIA, RITA
from tests.servers.s3 import CREDENTIALS


def picture(kind: str = "JPEG", size=(400, 300), mode: str = "RGB", color="red", **save) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, color).save(out, kind, **save)
    return out.getvalue()


def bomb(side: int = 20_000) -> bytes:
    """A PNG of some kilobytes that says it is enormous."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * (side // 8 + 1) * side, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def with_gps() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6  # held upright, stored lying
    exif[0x010F] = "SpyCam"
    exif.get_ifd(0x8825)[1] = "N"
    return picture(size=(400, 300), exif=exif)


@pytest.fixture
def mug(roast) -> Product:
    return products.create_product(
        read(products.ProductDraft, {"name": "Mug", "price": "1.00"}), actor=MIA.actor
    )


def add(product: Product, data: bytes, **draft) -> ProductImage:
    return images.add_image(product.id, data, ImageDraft(**draft), actor=MIA.actor)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_real_pictures_are_taken_whatever_they_are_called(mug, kind):
    image = add(mug, picture(kind))
    assert (image.width, image.height, image.is_primary) == (400, 300, True)
    body = storage.read(image.key)
    assert body is not None and Image.open(io.BytesIO(body)).format == "JPEG"


@pytest.mark.parametrize(
    ("name", "data", "refusal"),
    [
        ("text that says it is PNG", b"\x89PNG\r\n\x1a\n<script>alert(1)</script>", WrongMediaType),
        ("SVG", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', WrongMediaType),
        ("HTML", b"<html>", WrongMediaType),
        ("nothing", b"", WrongMediaType),
        ("half a JPEG", picture("JPEG", (900, 900))[:3000], WrongMediaType),
        ("TIFF", picture("TIFF"), WrongMediaType),
        ("a bomb", bomb(), TooLarge),
        ("11 MB", os.urandom(11 * 1024 * 1024), TooLarge),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_anything_else_is_refused_and_nothing_is_kept(mug, everything, name, data, refusal):
    before, files = everything(), list(storage.keys(cast.ROAST.hex))
    with pytest.raises(refusal):
        add(mug, data)
    assert everything() == before
    assert list(storage.keys(cast.ROAST.hex)) == files


def test_one_too_many_is_refused_and_its_file_goes(mug, monkeypatch):
    add(mug, picture())
    files = set(storage.keys(cast.ROAST.hex))
    monkeypatch.setattr(images, "PER_PRODUCT", 1)
    for data in (picture(size=(123, 77)), picture()):  # the second is the one that is shown already
        with pytest.raises(Conflict):
            add(mug, data)
    for payload in db.session.scalars(
        select(OutboxMessage.payload).where(OutboxMessage.topic == "image.unused")
    ).all():
        images.remove_unused(**payload)
    assert set(storage.keys(cast.ROAST.hex)) == files


def test_it_stands_upright_and_says_nothing_of_camera_and_place(mug):
    original = with_gps()
    assert Image.open(io.BytesIO(original)).getexif().get_ifd(0x8825)
    image = add(mug, original)
    kept = Image.open(io.BytesIO(storage.read(image.key) or b""))
    assert (kept.size, image.width, image.height) == ((300, 400), 300, 400)
    assert not kept.getexif() and b"SpyCam" not in (storage.read(image.key) or b"")


def test_transparency_survives(mug):
    image = add(mug, picture("PNG", mode="RGBA", color=(255, 0, 0, 100)))
    assert image.key.endswith(".png")
    images.make_sizes(image.id)
    small = Image.open(io.BytesIO(storage.read(images.sized(image.key, 160, "webp")) or b""))
    assert small.convert("RGBA").getpixel((5, 5))[3] < 255


def test_sizes_are_made_by_the_job_and_never_larger_than_the_original(mug):
    image = add(mug, picture(size=(500, 250)))
    (message,) = db.session.scalars(select(OutboxMessage).where(OutboxMessage.topic == "image.uploaded"))
    assert message.payload == {"image_id": str(image.id)}
    shown = images.view(image)
    assert shown is not None and (shown.src, shown.srcset) == (f"/media/{image.key}", "")

    images.make_sizes(message.payload["image_id"])
    images.make_sizes(message.payload["image_id"])
    image = db.session.get_one(ProductImage, image.id, populate_existing=True)
    assert image.widths == [160, 320, 480, 500]
    shown = images.view(image)
    assert shown is not None and shown.srcset.endswith("-500.jpg 500w")
    assert [kind for kind, _set in shown.sources] == ["image/avif", "image/webp"]
    for width in image.widths:
        for extension, kind in (("avif", "AVIF"), ("webp", "WEBP"), ("jpg", "JPEG")):
            made = Image.open(io.BytesIO(storage.read(images.sized(image.key, width, extension)) or b""))
            assert (made.format, made.size) == (kind, (width, width // 2))


def test_widths_stop_at_the_largest():
    assert kit_images.widths_for(4000) == [160, 320, 480, 640, 960, 1280]
    assert kit_images.widths_for(100) == [100]
    assert kit_images.widths_for(640) == [160, 320, 480, 640]


def test_order_and_primary_one(mug):
    one, two = add(mug, picture(color="red")), add(mug, picture(color="blue"), is_primary=True, alt="Blue")
    found = products.get_product(mug.id).images
    assert [(i.id, i.position) for i in found] == [(two.id, 0), (one.id, 1)]
    images.arrange_images(mug.id, images.ImageOrder(image_ids=[one.id, two.id]), actor=MIA.actor)
    images.delete_image(mug.id, one.id, actor=MIA.actor)
    found = products.get_product(mug.id).images
    assert [(i.alt, i.is_primary) for i in found] == [("Blue", True)]


def test_files_go_when_nothing_shows_them_any_more(mug):
    other = products.create_product(
        read(products.ProductDraft, {"name": "Cup", "price": "1.00"}), actor=MIA.actor
    )
    first, second = add(mug, picture(color="green")), add(other, picture(color="green"))
    assert first.key == second.key
    images.make_sizes(first.id)
    images.delete_image(mug.id, first.id, actor=MIA.actor)
    images.remove_unused([first.key])
    assert storage.has(first.key), "the other product shows the same one"
    images.delete_image(other.id, second.id, actor=MIA.actor)
    images.remove_unused([first.key])
    assert not storage.has(first.key) and not storage.has(images.sized(first.key, 160, "webp"))


def test_the_other_store_can_neither_add_nor_delete(mug, everything):
    image = add(mug, picture())
    before = everything()
    with tenants.in_store(cast.RIVAL):
        with pytest.raises(NotFound):
            images.add_image(mug.id, picture(), ImageDraft(), actor=RITA.actor)
        with pytest.raises(NotFound):
            images.delete_image(mug.id, image.id, actor=RITA.actor)
        images.make_sizes(image.id)
    assert everything() == before


def test_upload_over_the_api(api, mug, everything):
    mia = api.as_(MIA)
    path = f"/api/products/{mug.id}/images"

    def send(data: bytes, name: str = "file", filename: str = "x.jpg", **form: str):
        return mia.post(path, data={name: (io.BytesIO(data), filename), **form})

    made = send(picture("WEBP"), "image", "photo.exe", is_primary="true", alt="A mug")
    assert made.status_code == 201, made.text
    assert (made.json["alt"], made.json["is_primary"], made.json["width"]) == ("A mug", True, 400)
    shown = api.get(made.json["url"])
    assert (shown.status_code, shown.mimetype) == (200, "image/jpeg")
    assert "immutable" in shown.headers["Cache-Control"]

    before = everything()
    assert send(b"<svg/>", filename="x.png").status_code == 415
    assert send(os.urandom(10 * 1024 * 1024 + 1)).status_code == 413
    assert send(os.urandom(12 * 1024 * 1024)).status_code == 413
    assert send(bomb()).status_code == 413
    assert send(picture(), colour="red").status_code == 422
    assert mia.post(path, data={"alt": "no file"}, content_type="multipart/form-data").status_code == 422
    assert mia.post(path, json={"file": "x"}).status_code == 415
    assert (
        mia.post("/api/products/nonsense/images", data={"file": (io.BytesIO(picture()), "x.jpg")}).status_code
        == 404
    )
    assert everything() == before
    assert mia.delete(f"{path}/{made.json['id']}").status_code == 204


@pytest.mark.parametrize(
    "key", ["../secret.jpg", "a/../../b.jpg", "/etc/passwd", "a", "A.jpg", ".hidden.jpg", ""]
)
def test_a_name_from_a_url_leads_nowhere_else(app, key):
    assert storage.read(key) is None
    with pytest.raises(ValueError):
        storage.write(key, b"x")


def test_the_same_five_ways_into_a_bucket(app, monkeypatch):
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    server = servers.start_s3()
    try:
        door = storage.open_door(server.url.replace("?", "/shop?"))
        assert door.read("a/b.jpg") is None and not door.has("a/b.jpg")
        door.write("a/b.jpg", b"body")
        assert door.read("a/b.jpg") == b"body" and door.has("a/b.jpg")
        assert list(door.keys("a/")) == ["a/b.jpg"]
        door.delete("a/b.jpg")
        door.delete("a/b.jpg")
        assert list(door.keys("")) == []
    finally:
        server.stop()
