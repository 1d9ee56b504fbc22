"""How a company becomes a customer: its registration, what is checked, and who decides."""
