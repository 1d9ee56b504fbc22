"""How the dashboard tells that the undercut guard refused: whatever this request was about to say was taken back."""

from django.contrib import messages


def forget_messages(request):
    messages.get_messages(request)._queued_messages.clear()


def tell(request, refusal):
    """Say it on the next page."""
    forget_messages(request)
    for message in refusal.messages:
        messages.error(request, message)


def tell_in_form(request, form, refusal):
    """Say it above the form, where what was typed still stands."""
    forget_messages(request)
    for message in refusal.messages:
        form.add_error(None, message)
