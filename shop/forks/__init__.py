"""Thin forks of Oscar's apps: behaviour overridden in classes, tables left to Oscar."""
