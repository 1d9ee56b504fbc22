from django.urls import path
from oscar.apps.customer import apps

# Guests cannot order, so there is nothing for them to look up.
LEFT_OUT = {"anon-order", "anon-order-form"}


class CustomerConfig(apps.CustomerConfig):
    name = "shop.forks.customer"

    def get_urls(self):
        from shop.accounts import urls as accounts
        from shop.billing import urls as billing
        from shop.buying.views.participants import ParticipantsView
        from shop.companies import urls as companies
        from shop.credit.pages import CreditPage
        from shop.payments import urls as payments
        from shop.registration import urls as registration
        from shop.returns import urls as returns
        from shop.subscriptions import urls as subscriptions
        from shop.tax import urls as tax

        people = path("orders/<str:order_number>/people/", ParticipantsView.as_view(), name="order-people")
        credit = path("company/credit/", CreditPage.as_view(), name="company-credit")
        ours = [
            people,
            credit,
            *registration.in_account,
            *accounts.in_account,
            *companies.in_account,
            *payments.in_account,
            *billing.in_account,
            *returns.in_account,
            *subscriptions.in_account,
            *tax.in_account,
        ]
        theirs = [url for url in super().get_urls() if url.name not in LEFT_OUT]
        return ours + theirs
