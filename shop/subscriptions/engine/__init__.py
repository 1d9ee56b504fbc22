"""Pure functions: no Django, no clock."""
