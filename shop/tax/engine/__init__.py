"""How sales are taxed. Pure: no database, no clock."""
