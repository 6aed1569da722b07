"""The sandbox's own clock; Stripe's times are whole seconds since 1970."""

import time


def now() -> int:
    return int(time.time())


def precise() -> float:
    """Seconds with a fraction, for delivery delays shorter than a second."""
    return time.time()
