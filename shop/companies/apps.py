from django.apps import AppConfig


class CompaniesConfig(AppConfig):
    name = "shop.companies"
    label = "shop_companies"
