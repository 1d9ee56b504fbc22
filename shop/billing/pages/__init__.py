"""The buyers' pages of invoices, under /accounts/invoices/."""
