"""Money in and out: attempts at Stripe and outside of it, refunds, disputes, the store's account, the webhook inbox.

Stripe is never called inside a transaction: claim under the order's lock, act, mark under the lock again.
"""
