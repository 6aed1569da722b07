"""One-time codes: the vectors of RFC 6238, clocks that are off, and a code that is used twice."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from kit import otp

SECRETS = {"sha1": 20, "sha256": 32, "sha512": 64}  # appendix B: the digits 1234567890 over and over
VECTORS = [
    (59, "sha1", "94287082"), (59, "sha256", "46119246"), (59, "sha512", "90693936"),
    (1111111109, "sha1", "07081804"), (1111111109, "sha256", "68084774"), (1111111109, "sha512", "25091201"),
    (1111111111, "sha1", "14050471"), (1111111111, "sha256", "67062674"), (1111111111, "sha512", "99943326"),
    (1234567890, "sha1", "89005924"), (1234567890, "sha256", "91819424"), (1234567890, "sha512", "93441116"),
    (2000000000, "sha1", "69279037"), (2000000000, "sha256", "90698825"), (2000000000, "sha512", "38618901"),
    (20000000000, "sha1", "65353130"), (20000000000, "sha256", "77737706"), (20000000000, "sha512", "47863826"),
]  # fmt: skip
NOW = datetime(2026, 3, 1, 12, 0, 7, tzinfo=UTC)


@pytest.mark.parametrize(("seconds", "digest", "code"), VECTORS)
def test_the_vectors_of_the_standard(seconds, digest, code):
    key = (b"1234567890" * 7)[: SECRETS[digest]]
    secret = base64.b32encode(key).decode().rstrip("=")
    step = otp.step_at(datetime.fromtimestamp(seconds, UTC))
    assert otp.code_of(secret, step, digits=8, digest=digest) == code


@pytest.mark.parametrize(("off", "taken"), [(0, True), (-30, True), (30, True), (-60, False), (60, False)])
def test_a_clock_may_be_one_step_off(off, taken):
    secret = otp.new_secret()
    code = otp.code_of(secret, otp.step_at(NOW + timedelta(seconds=off)))
    assert (otp.matching_step(secret, code, NOW) is not None) is taken


def test_a_code_is_good_once():
    secret = otp.new_secret()
    code = otp.code_of(secret, otp.step_at(NOW))
    step = otp.matching_step(secret, code, NOW)
    assert step == otp.step_at(NOW)
    assert otp.matching_step(secret, code, NOW, after=step) is None
    assert otp.matching_step(secret, code, NOW, after=step + 1) is None


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６", "\0"])
def test_what_is_no_code_matches_nothing(code):
    assert otp.matching_step(otp.new_secret(), code, NOW) is None


def test_secrets_are_long_and_differ():
    first, second = otp.new_secret(), otp.new_secret()
    assert first != second
    assert len(base64.b32decode(first)) == 20


def test_the_address_of_the_app():
    said = otp.address("JBSWY3DPEHPK3PXP", account="a@b.test", issuer="Rösti & Co")
    assert (
        said
        == "otpauth://totp/R%C3%B6sti%20%26%20Co%3Aa@b.test?secret=JBSWY3DPEHPK3PXP&issuer=R%C3%B6sti%20%26%20Co"
    )
