"""Account numbers move to a table of their own, sealed. The plain column goes in the next migration."""

import django.db.models.deletion
from django.db import migrations, models

import channels.commissions.sealing
from channels.audit import append_only
from channels.commissions.sealing import fingerprints, seal

DETAILS = "channels_commissions_payoutdetails"


def seal_what_is_stored(apps, schema_editor):
    """Give the details their accounts, and seal what attempts and files carry. The columns are plain text still."""
    vendor = schema_editor.connection.vendor
    with schema_editor.connection.cursor() as cursor:
        for sql in append_only.removals(vendor, DETAILS):
            cursor.execute(sql)
        move_accounts(apps)
        seal_texts(apps)
        for sql in append_only.statements(vendor, DETAILS):
            cursor.execute(sql)


def move_accounts(apps):
    accounts = apps.get_model("channels_commissions", "BankAccount").objects
    details = apps.get_model("channels_commissions", "PayoutDetails").objects
    for iban in details.exclude(iban="").values_list("iban", flat=True).distinct().order_by():
        account, _is_new = accounts.get_or_create(
            fingerprint=fingerprints(iban)[0],
            defaults={"iban": iban, "country": iban[:2], "last_four": iban[-4:]},
        )
        details.filter(iban=iban).update(account=account)


def seal_texts(apps):
    for model, field in (("PayoutAttempt", "destination"), ("PayoutBatch", "file")):
        rows = apps.get_model("channels_commissions", model).objects
        for pk, text in rows.exclude(**{field: ""}).values_list("pk", field):
            rows.filter(pk=pk).update(**{field: seal(text)})


class Migration(migrations.Migration):
    dependencies = [("channels_commissions", "0006_disputes")]

    operations = [
        migrations.CreateModel(
            name="BankAccount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("iban", channels.commissions.sealing.SealedTextField()),
                ("fingerprint", models.CharField(max_length=64, unique=True)),
                ("country", models.CharField(max_length=2)),
                ("last_four", models.CharField(max_length=4)),
            ],
        ),
        migrations.AddField(
            model_name="payoutdetails",
            name="account",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="details",
                to="channels_commissions.bankaccount",
            ),
        ),
        migrations.AlterField(model_name="payoutattempt", name="destination", field=models.TextField(blank=True)),
        migrations.RunPython(seal_what_is_stored),
    ]
