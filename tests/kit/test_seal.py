"""What is sealed can be opened here, and nowhere else."""

import pytest

from kit import seal


@pytest.fixture(autouse=True)
def keys(monkeypatch):
    monkeypatch.setattr(seal, "_box", None)


def test_sealed_and_opened_again():
    seal.configure("a secret of the installation")
    sealed = seal.seal("hunter2")
    assert "hunter2" not in sealed
    assert sealed != seal.seal("hunter2"), "the same text twice looks different"
    assert seal.unseal(sealed) == "hunter2"


def test_the_key_can_be_changed():
    seal.configure("the old one")
    sealed = seal.seal("hunter2")
    seal.configure("the new one", ("the old one",))
    assert seal.unseal(sealed) == "hunter2"
    seal.configure("the new one")
    with pytest.raises(seal.Broken):
        seal.unseal(sealed)


def test_a_changed_text_is_refused():
    seal.configure("a secret")
    sealed = seal.seal("hunter2")
    with pytest.raises(seal.Broken):
        seal.unseal(sealed[:-4] + ("AAA=" if sealed[-4:] != "AAA=" else "BBB="))


def test_nothing_is_sealed_without_a_key():
    with pytest.raises(RuntimeError):
        seal.seal("hunter2")
