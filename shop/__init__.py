"""The storefront: Oscar, its forks, and Accord's own B2B commerce."""

from shop.celery import app as celery_app

__all__ = ["celery_app"]
