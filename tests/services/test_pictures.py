"""Pictures of the first page, of categories and of the store: they take room, and go when nothing shows them."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from gateways import storage
from kit import clock
from kit.db import db, transaction
from kit.drafts import read
from kit.errors import Conflict
from models.outbox import OutboxMessage
from models.pictures import KeptPicture
from services import branding, home_sections, looks, plans, tenants, themes
from services.branding import BrandingDraft
from services.catalog import categories, category_pictures, images
from services.catalog.categories import CategoryDraft
from services.home_sections import HomeDraft
from tests import make
from tests.cast import ALICE
from tests.services.test_images import picture

BOSS = ALICE.actor
RED, BLUE, GREEN = (picture(color=color) for color in ("red", "blue", "green"))


@pytest.fixture(autouse=True)
def empty_folder(roast):
    for key in list(storage.keys(f"{roast.id.hex}/")):
        storage.delete(key)


def files() -> set[str]:
    return set(storage.keys(f"{tenants.current().id.hex}/"))


def taken() -> int:
    return db.session.scalar(select(func.sum(KeptPicture.size))) or 0


def tidy(days: int = 0) -> None:
    """What the worker does with the messages that are due then."""
    db.session.rollback()
    due = select(OutboxMessage.payload).where(
        OutboxMessage.topic == "image.unused", OutboxMessage.run_at <= clock.now() + timedelta(days=days)
    )
    for payload in db.session.scalars(due.order_by(OutboxMessage.id)).all():
        images.remove_unused(**payload)


def home(url: str) -> HomeDraft:
    return read(HomeDraft, {"sections": [{"kind": "picture", "picture": url}] if url else []})


def brand(**changed: str) -> None:
    look = branding.full(tenants.current())
    branding.update_branding(read(BrandingDraft, {**look, **changed}), actor=BOSS)


def key_of(url: str) -> str:
    return url.removeprefix("/media/")


def test_each_takes_room_until_its_file_is_gone(roast):
    shelf = categories.create_category(read(CategoryDraft, {"name": "Shelf"}), actor=BOSS)
    steps = [0]
    for data in (RED, BLUE):
        home_sections.set_sections(home(home_sections.keep_picture(data)), actor=BOSS)
        steps.append(taken())
        category_pictures.set_picture(shelf.id, data, actor=BOSS)
        steps.append(taken())
        branding.upload_image("logo", data, actor=BOSS)
        steps.append(taken())
    assert steps == sorted(set(steps)) and len(files()) == 6
    assert plans.usage()["storage_mb"] == 1
    tidy()
    assert len(files()) == 4  # of the first page, the one before is a step back
    assert taken() == sum(len(storage.read(key) or b"") for key in files())
    category_pictures.remove_picture(shelf.id, actor=BOSS)
    brand(logo_url="")
    for title in ("One", "Two"):
        home_sections.set_sections(
            read(HomeDraft, {"sections": [{"kind": "text", "title": title}]}), actor=BOSS
        )
    tidy()
    assert files() == set() and taken() == 0


def test_the_picture_of_a_category_goes_with_it(roast):
    shelf = categories.create_category(read(CategoryDraft, {"name": "Shelf"}), actor=BOSS)
    category_pictures.set_picture(shelf.id, RED, actor=BOSS)
    tidy()
    assert len(files()) == 1
    categories.delete_category(shelf.id, actor=BOSS)
    tidy()
    assert files() == set() and taken() == 0


def test_what_is_tried_on_or_one_step_back_stays(roast):
    logo = branding.upload_image("logo", RED, actor=BOSS)
    looks.try_branding(read(BrandingDraft, {**branding.full(tenants.current()), "tagline": "New"}))
    branding.upload_image("logo", BLUE, actor=BOSS)
    tidy()
    assert storage.has(key_of(logo))  # the draft has it
    looks.publish(actor=BOSS)
    tidy(days=2)
    assert len(files()) == 2
    looks.restore(actor=BOSS)
    tidy(days=2)
    assert len(files()) == 2
    themes.wear(themes.ThemeDraft(template_slug="confetti"), actor=BOSS)  # the step back is another one now
    tidy()
    assert not storage.has(key_of(logo)) and len(files()) == 1


def test_a_draft_that_is_put_away_takes_its_picture_along(roast):
    url = home_sections.keep_picture(RED)
    looks.try_sections(home(url))
    tidy(days=2)
    assert storage.has(key_of(url))
    looks.discard()
    tidy()
    assert files() == set() and taken() == 0


def test_what_was_put_up_and_never_saved_goes_after_a_day(roast):
    home_sections.keep_picture(RED)
    tidy()
    assert len(files()) == 1
    tidy(days=2)
    assert files() == set() and taken() == 0


def test_a_refused_change_takes_nothing_away(roast, everything):
    url = branding.upload_image("logo", RED, actor=BOSS)
    before = everything()
    with pytest.raises(Conflict):
        branding.update_branding(
            read(BrandingDraft, {**branding.full(tenants.current()), "logo_url": ""}), actor=BOSS, version=999
        )
    with pytest.raises(Conflict):
        looks.restore(actor=BOSS)
    assert everything() == before
    tidy(days=2)
    assert storage.has(key_of(url))


def test_a_products_picture_that_the_look_shows_outlives_the_product(roast):
    mug = make.product("Mug")
    image = images.add_image(mug.id, RED, images.ImageDraft(), actor=BOSS)
    key = image.key
    brand(hero_url=images.url(key))
    images.delete_image(mug.id, image.id, actor=BOSS)
    tidy()
    assert storage.has(key)
    brand(hero_url="")
    themes.wear(themes.ThemeDraft(template_slug="confetti"), actor=BOSS)
    tidy()
    assert not storage.has(key)


def test_another_stores_address_is_not_taken_for_ones_own(roast):
    with transaction():
        tenants.row().branding = {"logo_url": "/media/" + "0" * 32 + "/brand-x.jpg"}
    brand(logo_url="")
    assert not db.session.scalars(select(OutboxMessage).where(OutboxMessage.topic == "image.unused")).all()
