"""Finance's pages of invoices in the Wagtail admin."""
