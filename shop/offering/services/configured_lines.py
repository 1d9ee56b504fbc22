"""What an order keeps of how its lines were configured."""

from typing import Any

from shop.offering.models import ConfiguredLine


def freeze(*, order: Any, basket: Any) -> None:
    """Keep the configurations of a basket with the order that was just made of it, in the same transaction.

    No query when nothing was configured.
    """
    configurations = [line.configuration for line in basket.all_lines()]
    if all(configuration.is_plain for configuration in configurations):
        return
    ConfiguredLine.objects.bulk_create(
        ConfiguredLine(
            line=line, kind=configuration.kind, choices=configuration.frozen(), surcharge=configuration.surcharge
        )
        for line, configuration in zip(order.lines.order_by("pk"), configurations, strict=True)
        if not configuration.is_plain
    )
