"""How an order is bought: the channel choice, the purchase order, the attempt."""
