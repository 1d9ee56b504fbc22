"""Writes of prices. Each keeps a record of what changed, asks the undercut guard, and names a new state of prices."""
