"""Pure Python: which rule wins, who belongs to a group, which profile counts."""
