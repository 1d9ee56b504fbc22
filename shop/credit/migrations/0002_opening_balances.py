from decimal import Decimal

from django.db import migrations


def open_accounts(apps, schema_editor):
    """What is open on invoices already is owed: one entry each, and the account's balance is their sum."""
    account = apps.get_model("shop_credit", "CreditAccount")
    entry = apps.get_model("shop_credit", "CreditEntry")
    invoices = apps.get_model("shop_billing", "Invoice").objects.filter(state="open").order_by("issued_at", "pk")
    for invoice in invoices.select_related("order__purchase").iterator(chunk_size=1000):
        owed = invoice.total_incl_tax - invoice.credited_incl_tax
        if owed <= Decimal(0):
            continue
        held, _created = account.objects.get_or_create(
            company_id=invoice.order.purchase.company_id, currency=invoice.currency
        )
        held.balance += owed
        held.save(update_fields=["balance"])
        entry.objects.create(
            account=held, key=f"purchased:{invoice.order.number}", kind="purchased", amount=owed,
            balance_after=held.balance, order_id=invoice.order_id, reference=invoice.number, at=invoice.issued_at,
        )


class Migration(migrations.Migration):

    dependencies = [
        ("shop_credit", "0001_credit_ledger"),
        ("shop_billing", "0001_initial"),
        ("shop_buying", "0003_participants_and_places"),
    ]

    operations = [migrations.RunPython(open_accounts, migrations.RunPython.noop)]
