"""What the store itself pays for what it sells."""
