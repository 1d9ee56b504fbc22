"""What reached the customer: Oscar's shipping events, told to channels when an order is delivered as a whole."""
