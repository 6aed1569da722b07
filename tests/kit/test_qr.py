"""The picture that a phone scans: square, framed, and without a style that the policy would refuse."""

import re
from xml.etree import ElementTree

from kit import qr


def test_it_is_a_picture_of_its_text_and_nothing_else():
    picture = qr.svg("otpauth://totp/Roast:a@b.test?secret=JBSWY3DPEHPK3PXP&issuer=Roast")
    root = ElementTree.fromstring(picture)
    _x, _y, width, height = map(int, root.attrib["viewBox"].split())
    assert width == height and (width - 8 - 17) % 4 == 0, "a version of the standard and its quiet zone"
    assert root.attrib["class"] == "qr"
    assert not re.search(r"style|script|href|\bon\w+=", picture)
    assert qr.svg("one") != qr.svg("two")


def test_what_is_said_can_not_break_out():
    assert "<b>" not in qr.svg("otpauth://totp/<b>&\"'")
