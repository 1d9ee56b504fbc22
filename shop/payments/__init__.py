"""What stands between the store and its payment providers."""
