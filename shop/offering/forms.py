"""The quantity rule on a product's dashboard page."""

from typing import Any

from django import forms

from shop.offering.models import QuantityRule
from shop.offering.services import quantity_rules


class QuantityRuleForm(forms.ModelForm):
    """Stands among Oscar's formsets of a product and takes what they take; `instance` is the product."""

    class Meta:
        model = QuantityRule
        fields = ("minimum", "maximum", "multiple", "pack_size", "unit_name")

    def __init__(self, product_class: Any, user: Any, *args: Any, instance: Any = None) -> None:
        rule = QuantityRule.objects.filter(product=instance).first() or QuantityRule(product=instance)
        super().__init__(*args, instance=rule, prefix="rule")  # type: ignore[misc]  # data and files alone are in args
        for name in ("minimum", "multiple", "pack_size"):
            self.fields[name].required = False
            self.fields[name].widget.attrs["min"] = 1

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in ("minimum", "multiple", "pack_size"):
            data[name] = data.get(name) or 1
        return data

    def save(self, commit: bool = True) -> QuantityRule | None:
        return quantity_rules.keep(self.instance)
