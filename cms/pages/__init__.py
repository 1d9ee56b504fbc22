"""The page types that marketers work with."""
