"""Pure: the in-memory index of what is listed, and the filters a visitor chooses. No Django."""
