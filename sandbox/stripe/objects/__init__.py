"""Stripe's objects: how each is made, changed and listed."""
