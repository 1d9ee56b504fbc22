"""Why something about a subscription is refused, each with a sentence that says what to do."""


class SubscriptionRefused(Exception):
    """Nothing changed; the text says why."""
