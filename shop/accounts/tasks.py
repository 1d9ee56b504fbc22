"""What a request must not be seen to do: mail goes out after the answer, whether or not there is an account."""

from celery import shared_task
from django.utils import translation
from oscar.apps.customer.forms import PasswordResetForm


@shared_task(name="shop.accounts.tasks.mail_password_reset", acks_late=False)
def mail_password_reset(email: str, language: str) -> None:
    """Mail the accounts of this address a link to choose a new password; nothing where there is none."""
    form = PasswordResetForm({"email": email})
    if form.is_valid():
        with translation.override(language):
            form.save()
