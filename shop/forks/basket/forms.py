"""The form of a product page, with the choices of its offering."""

from oscar.apps.basket import forms as oscar_forms
from oscar.apps.basket.forms import *

from shop.offering.configuration import requested
from shop.offering.errors import NotOffered


class AddToBasketForm(oscar_forms.AddToBasketForm):
    def clean(self):
        data = super().clean()
        try:
            self.chosen = requested(self.data)
        except NotOffered as refusal:
            self.add_error(None, str(refusal))
        return data

    def cleaned_options(self):
        return [*super().cleaned_options(), *self.chosen]
