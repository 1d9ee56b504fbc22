"""Which customers belong together: groups by rule or by hand, and what follows from them."""
