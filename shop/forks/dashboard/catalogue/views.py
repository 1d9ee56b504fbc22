"""Products are saved only at prices that the undercut guard lets pass, and in categories whose offers do not undercut.

See shop.pricing.guard and shop.pricing.promotion_guard.
"""

from django.utils import timezone
from oscar.apps.dashboard.catalogue import views
from oscar.apps.dashboard.catalogue.views import *

from shop.facts import product_class_word
from shop.forks.dashboard import refusals
from shop.offering.forms import QuantityRuleForm
from shop.pricing.guard import PriceChange, Undercut, guard_prices, guarded
from shop.pricing.promotion_guard import guarded_products


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

    def forms_valid(self, form, formsets):
        """Refuse to put the product where an offer would then take it in and undercut a partner."""
        joins = self.creating or "is_discountable" in form.changed_data
        if not (joins or formsets["category_formset"].has_changed()):
            return super().forms_valid(form, formsets)
        try:
            with guarded_products(move_only=not joins, at=timezone.now(), actor_id=self.request.user.pk):
                return super().forms_valid(form, formsets)
        except Undercut as refusal:
            refusals.tell_in_form(self.request, form, refusal)
            return self.forms_invalid(form, formsets)

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


class CategoryUpdateView(views.CategoryUpdateView):
    def form_valid(self, form):
        """A category that moves takes its products along, perhaps to where an offer takes them in."""
        try:
            with guarded_products(move_only=True, at=timezone.now(), actor_id=self.request.user.pk):
                return super().form_valid(form)
        except Undercut as refusal:
            refusals.tell_in_form(self.request, form, refusal)
            return self.form_invalid(form)
