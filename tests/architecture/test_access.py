"""No label, no entry: every view of every face says who may come in."""

from web.access import level_of

STATIC = {"static"}


def test_every_view_carries_its_label(the_app):
    bare = [
        name for name, view in the_app.view_functions.items() if level_of(view) is None and name not in STATIC
    ]
    assert bare == []


def test_the_back_office_is_for_staff_only(the_app):
    """Signing in and getting a password back are the only ways in for those who are nobody yet."""
    from kit.actor import Role

    doors = {"admin.sign_in", "admin.sign_in_code", "admin.sign_out", "admin.forgot_password", "admin.reset_password",
             "admin.accept_invitation", "admin.arrive", "admin.finish_arriving", "admin.ask_to_impersonate",
             "admin.begin_impersonation", "admin.end_impersonation"}  # fmt: skip
    for name, view in the_app.view_functions.items():
        if name.startswith("admin.") and name not in doors:
            level = level_of(view)
            assert isinstance(level, Role) and level.covers(Role.STAFF), f"{name} is open to {level}"
