from django.db import migrations, models

from channels import api


class Migration(migrations.Migration):
    dependencies = [("shop_returns", "0004_documents_without_digest")]

    operations = [
        migrations.AlterField("returnevent", "step", models.CharField(max_length=20, verbose_name="step")),
        api.protect("shop_returns_returnevent"),  # SQLite has made the table anew
    ]
