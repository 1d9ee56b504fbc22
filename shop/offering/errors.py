"""Why something cannot be put into a basket, each with a sentence for the buyer."""


class NotOffered(ValueError):
    """The product is not offered to this customer in the way that was asked for."""


class QuantityRefused(ValueError):
    """The quantity cannot be had; the text says why and what can."""
