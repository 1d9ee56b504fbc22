from django.db import migrations

from shop.subscriptions import standard_plans


def give_plans(apps, schema_editor):
    """Write the standard plans; give each subscription its term's, and the price that its latest order agreed on."""
    plan = apps.get_model("shop_subscriptions", "Plan")
    subscription = apps.get_model("shop_subscriptions", "Subscription")
    sold = subscription.objects.order_by().values_list("term_months", flat=True).distinct()
    plans = {
        term: plan.objects.get_or_create(term_months=term, defaults=standard_plans.values(term))[0]
        for term in {*standard_plans.TERMS, *sold}
    }
    for row in subscription.objects.select_related("first_line__order"):
        renewal = row.occurrences.filter(order__isnull=False).order_by("-cycle").first()
        line = renewal.order.lines.first() if renewal else row.first_line
        row.plan = plans[row.term_months]
        row.anchored_on = row.started_on
        row.commitment_cycle = row.cycle
        row.unit_price = line.unit_price_excl_tax or 0
        row.currency = line.order.currency
        row.save(update_fields=["plan", "anchored_on", "commitment_cycle", "unit_price", "currency"])


class Migration(migrations.Migration):
    dependencies = [("shop_subscriptions", "0002_plans_and_renewals")]

    operations = [migrations.RunPython(give_plans, migrations.RunPython.noop)]
