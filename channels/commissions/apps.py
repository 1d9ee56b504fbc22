from django.apps import AppConfig


class CommissionsConfig(AppConfig):
    name = "channels.commissions"
    label = "channels_commissions"

    def ready(self) -> None:
        # Services send tasks by name, since they may not import the tasks that call them: register them here.
        from channels.commissions import tasks  # noqa: F401
        from channels.commissions.selectors.payees import partners_with_account
        from channels.commissions.services import adjustments, rating
        from channels.journeys.services import orders

        rating.AFTER_RATING.append(adjustments.follow)
        orders.provide_account_holders(partners_with_account)
