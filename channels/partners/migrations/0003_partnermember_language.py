from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('channels_partners', '0002_self_billing_and_currency'),
    ]

    operations = [
        migrations.AddField(
            model_name='partnermember',
            name='language',
            field=models.CharField(blank=True, max_length=10),
        ),
    ]
