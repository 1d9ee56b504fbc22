"""Products are saved only at prices that the undercut guard lets pass: see shop.pricing.guard."""

from django.utils import timezone
from oscar.apps.dashboard.catalogue import views
from oscar.apps.dashboard.catalogue.views import *

from shop.facts import product_class_word
from shop.offering.forms import QuantityRuleForm
from shop.pricing.guard import PriceChange, Undercut, guard_prices, guarded


class ProductCreateUpdateView(views.ProductCreateUpdateView):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.formsets["quantity_form"] = QuantityRuleForm

    def clean(self, form, formsets):
        """Refuse prices that undercut a partner, beside the price that does."""
        stock_records = formsets["stockrecord_formset"]
        if not (form.is_valid() and stock_records.is_valid()):
            return super().clean(form, formsets)
        changes = list(self.price_changes(form, stock_records))
        try:
            with guarded():
                reference = f"product:{self.object.pk}" if self.object else "product"
                guard_prices(
                    [change for change, _form in changes],
                    label=form.instance.get_title(),
                    reference=reference,
                    at=timezone.now(),
                    actor_id=self.request.user.pk,
                )
        except Undercut as refusal:
            hurt = {finding.sku for finding in refusal.findings}
            priced = next(priced for change, priced in changes if change.sku in hurt)
            for message in refusal.messages:
                priced.add_error("price", message)
            return False
        return super().clean(form, formsets)

    def price_changes(self, form, stock_records):
        for priced in stock_records.forms:
            data = priced.cleaned_data
            if (
                data.get("price") is None
                or data.get("DELETE")
                or not {"price", "partner_sku"} & set(priced.changed_data)
            ):
                continue
            change = PriceChange(
                sku=data["partner_sku"],
                title=form.instance.get_title(),
                product_class=product_class_word(self.product_class.slug),
                price=data["price"],
                before=priced.initial.get("price"),
                currency=data["price_currency"],
            )
            yield change, priced
