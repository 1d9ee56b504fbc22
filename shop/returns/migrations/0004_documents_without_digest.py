"""Nobody compares the documents of returns: their digests go."""

from django.db import migrations

from channels.audit import append_only


class Migration(migrations.Migration):
    dependencies = [("shop_returns", "0003_thirty_days")]

    operations = [
        migrations.RemoveField(model_name="returndocument", name="sha256"),
        append_only.protect("shop_returns_returndocument"),
    ]
