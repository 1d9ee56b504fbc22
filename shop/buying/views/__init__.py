"""Basket and checkout pages. The forks put them under Oscar's addresses."""
