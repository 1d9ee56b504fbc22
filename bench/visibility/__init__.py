"""What it costs to resolve visibility rules, and to ask."""
