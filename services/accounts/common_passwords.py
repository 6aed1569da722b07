"""The passwords everybody tries first. They follow a few patterns, so the list is made from these: some 100 words and
names times what people hang on to them, and walks over the keyboard."""

from itertools import product

_WORDS = """
password passwort passwd senha palavrapasse contrasena motdepasse parola geheim pass admin administrator root user
guest test demo login welcome willkommen benvenuto bemvindo bienvenido bienvenue hello hallo letmein changeme secret
master access default temp qwerty qwertz azerty asdfgh zxcvbn abc abcd iloveyou teamo tequiero jetaime princess
sunshine football futebol futbol benfica porto sporting soccer baseball monkey dragon shadow superman batman pokemon
michael daniel maria jessica ashley chelsea liverpool barcelona google summer winter spring autumn sommer verao
lisboa portugal espana france deutschland italia company shop store
"""
_TAILS = ("", "1", "12", "123", "1234", "12345", "123456", "01", "007", "11", "69", "99", "00",
          "2019", "2020", "2021", "2022", "2023", "2024", "2025", "2026", "2027")  # fmt: skip
_WALKS = """
1qaz2wsx 1q2w3e4r 1q2w3e4r5t q1w2e3r4 q1w2e3r4t5 qwer1234 qwerty12345678 asdf1234 zaq12wsx zaq1xsw2 a1b2c3d4 aa123456
a123456789 1qazxsw2 qazwsx123 qwe123456 123qweasd 123qweasdzxc 12345qwert abc12345678 p4ssword trustno1 mypassword1
"""
_UNDO = str.maketrans("@$0!€", "asoie")

COMMON = frozenset({word + tail for word, tail in product(_WORDS.split(), _TAILS)} | set(_WALKS.split()))


def is_common(password: str) -> bool:
    """Common as it is, with signs hung on at the end, or with signs for letters (P@ssw0rd1)."""
    plain = password.casefold()
    bare = plain.strip("!.?*#_-+ ")
    head = bare.rstrip("0123456789")
    undone = head.translate(_UNDO) + bare[len(head) :]
    return any(word in COMMON for word in (plain, bare, undone))
