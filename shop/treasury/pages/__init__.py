"""The treasury's pages in the Wagtail admin."""
