"""A small stateful Stripe for development and tests. See README.md beside this file."""
