import pytest

from kit import countries


@pytest.mark.parametrize(("typed", "country", "written"), [
    ("1050100", "PT", "1050-100"), ("1050 - 100", "PT", "1050-100"), ("sw1a1aa", "GB", "SW1A 1AA"),
    ("m1 1ae", "GB", "M1 1AE"), ("1234ab", "NL", "1234 AB"), ("LT01100", "LT", "LT-01100"), ("01100", "LT", "01100"),
    ("k1a0b1", "CA", "K1A 0B1"), ("d02x285", "IE", "D02 X285"), ("11122", "SE", "111 22"),
    ("94103-1234", "US", "94103-1234"),
    ("ab 12", "AO", "AB 12"),
])  # fmt: skip
def test_a_postcode_is_written_as_its_country_does(typed, country, written):
    assert countries.postcode(typed, country) == written
    assert countries.postcode(written, country) == written


@pytest.mark.parametrize(("typed", "country"), [("1050-10", "PT"), ("ABCD-123", "PT"), ("7500", "FR"), ("12345", "GB"),
                                               ("", "DE"), ("1" * 30, "AO"), ("!!", "AO")])  # fmt: skip
def test_what_is_no_postcode_there_is_none(typed, country):
    assert countries.postcode(typed, country) is None


@pytest.mark.parametrize("country", sorted(countries._MASKS))
def test_every_example_is_a_good_one(country):
    assert countries.postcode(countries.postcode_example(country), country)


def test_countries_have_names_and_the_eu_has_27():
    assert countries.country_name("DE", "pt") == "Alemanha"
    assert len(countries.EU) == 27
    assert countries.is_eu("PT")
    assert not countries.is_eu("GB")
