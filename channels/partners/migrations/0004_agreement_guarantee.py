from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('channels_partners', '0003_partnermember_language'),
    ]

    operations = [
        migrations.AddField(
            model_name='agreement',
            name='min_margin_bp',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='agreement',
            name='guarantee_factor_bp',
            field=models.PositiveIntegerField(default=10000),
        ),
        migrations.AddField(
            model_name='agreement',
            name='selling_cost_bp',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='agreement',
            name='selling_cost_minor',
            field=models.PositiveIntegerField(default=0),
        ),
    ]
