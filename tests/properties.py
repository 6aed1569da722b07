"""How many cases the properties of money try: 500, and 20,000 with `make test-deep` (HYPOTHESIS_PROFILE=deep)."""

import os

from hypothesis import HealthCheck, settings

DEEP = os.environ.get("HYPOTHESIS_PROFILE") == "deep"
QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]

# The same cases each time, but for the deep run: that one looks for new ones.
many = settings(
    max_examples=20_000 if DEEP else 500,
    derandomize=not DEEP,
    database=None,
    deadline=None,
    suppress_health_check=QUIET,
)
some = settings(many, max_examples=1_000 if DEEP else 25)
