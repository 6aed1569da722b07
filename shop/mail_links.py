"""What the link of a mail leads to: a question with one button, or what became of it."""

from flask import Response

from kit.errors import Invalid
from kit.i18n import _
from shop.frame import page


def answer(
    heading: str,
    text: str,
    *,
    status: int = 200,
    button: str = "",
    symbol: str = "bell",
    newsletter: bool = False,
) -> Response:
    """`button`: the question's; it posts to the same address. `newsletter`: with a way back to its form. The address
    is a secret, so no page that is opened from here is told it."""
    response = page("shop/mail_link.html", status=status, heading=heading, text=text, button=button, symbol=symbol,
                    newsletter=newsletter)  # fmt: skip
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def dead_link(error: Invalid, *, newsletter: bool = False) -> Response:
    return answer(_("This does not work"), error.said, status=404, newsletter=newsletter)
