"""The pages of groups, visibility and site profiles in the Wagtail admin."""
