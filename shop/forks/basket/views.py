"""Adding to the basket, answered in place for htmx."""

import json

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from oscar.apps.basket import views

from shop.buying.services import baskets
from shop.buying.views.basket import added_response, added_text
from shop.catalogue.unknown import KnownProduct
from shop.catalogue.visibility import mode_of
from shop.forks.customer.redirects import safe_next
from shop.offering.errors import NotOffered, QuantityRefused
from shop.segments import wording
from shop.segments.engine.profiles import ROUTES


class BasketAddView(KnownProduct, views.BasketAddView):
    def dispatch(self, request, *args, **kwargs):
        request.basket_offers_later = True
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form):
        """Add without working out any offer: the next page that shows the basket does, once."""
        mode = mode_of(self.request.company_key)
        if not ROUTES[mode]:
            return self.refuse(form, [wording.refusal(mode)])
        basket, asked = self.request.basket, form.cleaned_data["quantity"]
        try:
            added = baskets.add(basket=basket, product=form.product, quantity=asked, options=form.cleaned_options())
        except (NotOffered, QuantityRefused) as refusal:
            form.add_error(None, str(refusal))
            return self.form_invalid(form)
        except PermissionDenied:
            return self.refuse(form, [_("Your basket was just ordered. Please add the product again.")])
        user = self.request.user
        self.add_signal.send(sender=self, product=form.product, user=user, request=self.request)
        text = added_text(basket, title=form.product.get_title(), quantity=added)
        if self.request.htmx:
            return added_response(self.request, text=text)
        messages.success(self.request, text)
        return redirect(self.get_success_url())

    def get_success_url(self):
        return safe_next(self.request, default=super().get_success_url())

    def form_invalid(self, form):
        if not self.request.htmx:
            return super().form_invalid(form)
        return self.refuse(form, [str(text) for errors in form.errors.values() for text in errors])

    def refuse(self, form, texts):
        if not self.request.htmx:
            for text in texts:
                messages.error(self.request, text)
            return redirect("basket:summary")
        response = HttpResponse(status=204)
        response["HX-Trigger"] = json.dumps({"toast": {"message": " ".join(texts), "tone": "error"}})
        return response
