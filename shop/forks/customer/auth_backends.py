"""Signing in by e-mail, in the same time whether or not the address is known."""

from django.contrib.auth.hashers import make_password
from oscar.apps.customer import auth_backends
from oscar.apps.customer.utils import normalise_email
from oscar.core.compat import get_user_model

from shop.companies import signed_in


class EmailBackend(auth_backends.EmailBackend):
    """Two accounts with one address and one password are both refused, instead of Oscar's server error."""

    def authenticate(self, request=None, username=None, password=None, email=None, **kwargs):
        address = normalise_email(email or username or "")
        if not password or "@" not in address:
            return None
        users = get_user_model().objects
        if not users.filter(email__iexact=address).exists():
            make_password(password)
            return None
        try:
            return super().authenticate(request, email=address, password=password)
        except users.model.MultipleObjectsReturned:
            return None

    def get_user(self, user_id):
        """Return the user with what every page asks about it, in the query that every page makes anyway."""
        user = signed_in.load(user_id)
        return user if user and self.user_can_authenticate(user) else None
