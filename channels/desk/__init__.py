"""The channel manager's and finance's pages in the Wagtail admin."""
