from django.db import migrations

import channels.commissions.sealing
from channels.audit import append_only


class Migration(migrations.Migration):
    dependencies = [("channels_commissions", "0007_bank_accounts")]

    operations = [
        migrations.AlterField(
            model_name="payoutattempt",
            name="destination",
            field=channels.commissions.sealing.SealedTextField(blank=True),
        ),
        migrations.AlterField(
            model_name="payoutbatch",
            name="file",
            field=channels.commissions.sealing.SealedTextField(blank=True),
        ),
        migrations.RemoveField(model_name="payoutdetails", name="iban"),
        append_only.protect("channels_commissions_payoutdetails"),
    ]
