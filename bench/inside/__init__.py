"""What runs within a shop, Accord or plain Oscar: filling it, preparing buyers, counting queries, checking orders."""
