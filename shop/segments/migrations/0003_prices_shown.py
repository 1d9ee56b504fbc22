from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("shop_segments", "0002_visibility_and_profiles")]

    operations = [
        migrations.AddField(
            model_name="siteprofile",
            name="prices",
            field=models.CharField(
                choices=[("net", "without VAT"), ("gross", "with VAT")],
                default="net",
                max_length=5,
                verbose_name="prices are shown",
            ),
        ),
    ]
