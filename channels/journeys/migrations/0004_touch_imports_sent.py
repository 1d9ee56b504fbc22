from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("channels_journeys", "0003_overrides")]

    operations = [
        migrations.AddField(
            model_name="touchimport",
            name="sent_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="touchimport",
            name="attempts",
            field=models.PositiveSmallIntegerField(default=0),
        ),
    ]
