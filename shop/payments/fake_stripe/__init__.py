"""Stripe's part, played by this store: for tests and for the demo store, never in production.

It sits where the network would be, below Stripe's own client, which stays in use with its retries, errors and types.
What it knows: customers, payment methods (`instruments` lists the test numbers), setup and payment intents, refunds,
disputes, connected accounts and their onboarding, transfers, reversals, the balance, events, idempotency keys, paging and
error objects. What a payer does in the browser is `payer`; what banks do later, `bank`; what Stripe sends, `deliveries`.
What it does on purpose, when told (`faults.plan`): loses answers before or after the effect, times out, breaks, and
refuses.
"""

from shop.payments.fake_stripe.transport import FakeStripe

__all__ = ["FakeStripe"]
