"""Pure: which of several prices holds for a quantity. No Django."""
