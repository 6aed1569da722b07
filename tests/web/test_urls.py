"""A NUL in an address, at every face: nothing is there, on every database."""

import pytest

from tests import cast

PLACES = ["/products/%00", "/categories/%00", "/pages/%00", "/orders/%00", "/search?q=a%00b",
          "/products?option=%00:%00", "/products?sort=%00", "/media/%00.png",
          "/api/products/%00", "/api/pages/a%00b"]  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_a_nul_names_nothing(place, browser):
    assert browser.get(place).status_code == 404


@pytest.mark.parametrize(
    "place", ["/admin/orders?search=%00", "/admin/products?search=%00", "/admin/customers?search=%00"]
)
def test_nor_in_the_back_office(place, browser):
    assert browser.as_(cast.ALICE).get(place).status_code == 404


def test_one_in_a_form_is_an_error_of_the_form(browser):
    answer = browser.post("/login", data={"email": "a\x00b@x.test", "password": "x\x00"})
    assert answer.status_code in (401, 422)
