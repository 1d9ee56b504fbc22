"""How fast past orders are rated again under a draft, beside merely reading them."""
