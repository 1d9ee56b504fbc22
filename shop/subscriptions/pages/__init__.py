"""The buyers' pages."""
