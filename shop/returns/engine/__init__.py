"""What a unit's part of an order is: pure Python, no clock."""
