"""Where Stripe tells what happened."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import View

from shop.payments.services import inbox

LARGEST = 256 * 1024  # bytes; Stripe's events are a few thousand


@method_decorator(csrf_exempt, name="dispatch")  # a signature takes the token's place
class StripeWebhookView(View):
    """200 for an event that is kept, also a second time; 400 and 413 for what cannot be one. Stripe repeats anything else."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdigit() or int(length) > LARGEST:
            return HttpResponse("Too large.", status=413, content_type="text/plain")
        try:
            inbox.receive(body=request.body, signature=request.headers.get("Stripe-Signature", ""), at=timezone.now())
        except inbox.Refused as refused:
            return HttpResponse(str(refused), status=400, content_type="text/plain")
        return HttpResponse("Received.", content_type="text/plain")
