"""Who waits for stock under her own address is told of it, and it goes with her."""

from sqlalchemy import select, update

from kit import clock
from kit.db import db, transaction
from kit.drafts import read
from models.accounts import User
from models.search import StockAlert
from services import privacy, stock_alerts
from services.privacy import EraseDraft
from services.stock_alerts import AlertDraft
from tests import make
from tests.cast import CARLA, PASSWORD


def test_a_person_is_told_of_it_and_it_goes_with_them(roast):
    lamp = make.product("Lamp", stock=0)
    stock_alerts.ask(read(AlertDraft, {"product_id": str(lamp.id), "email": CARLA.email}), actor=CARLA.actor)
    assert "stock_alerts" not in privacy.export_me(actor=CARLA.actor)  # the address is not proven to be hers
    with transaction():
        db.session.execute(update(User).where(User.id == CARLA.id).values(email_verified_at=clock.now()))
    db.session.expire_all()
    assert privacy.export_me(actor=CARLA.actor)["stock_alerts"][0]["email"] == CARLA.email
    privacy.erase_me(EraseDraft(password=PASSWORD), actor=CARLA.actor)
    assert db.session.scalars(select(StockAlert)).all() == []
