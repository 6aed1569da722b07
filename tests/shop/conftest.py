"""The shelf that most tests of pages look at."""

import pytest

from tests.shop import shelf as shelves
from tests.shop.shelf import Shelf


@pytest.fixture
def shelf(roast) -> Shelf:
    return shelves.fill()
