"""Payments: the account at Stripe, its money, disputes, money without an order, messages, the comparison."""
