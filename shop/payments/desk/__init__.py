"""Finance's pages about payments in the Wagtail admin."""
