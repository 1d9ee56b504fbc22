from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('channels_partners', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='partnermember',
            name='language',
            field=models.CharField(blank=True, max_length=10),
        ),
    ]
