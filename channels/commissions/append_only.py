"""The ledger's tables are append-only by the one mechanism that all of channels uses."""

from channels.audit.append_only import install, remove

__all__ = ["install", "remove"]
