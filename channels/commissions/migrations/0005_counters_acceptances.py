import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from channels.audit import append_only


class Migration(migrations.Migration):

    dependencies = [
        ("channels_commissions", "0004_payouts"),
        ("channels_journeys", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RuleCounter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=200, unique=True)),
                ("total_minor", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="CounterEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("used_minor", models.BigIntegerField()),
                ("counter", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="entries", to="channels_commissions.rulecounter")),
                ("order", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="counter_entries", to="channels_journeys.orderrecord")),
            ],
            options={
                "ordering": ("counter", "id"),
                "constraints": [models.UniqueConstraint(fields=("counter", "order"), name="counter_order_once")],
            },
        ),
        migrations.CreateModel(
            name="StewardAcceptance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="accepted")),
                ("by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("relationship", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name="acceptance", to="channels_journeys.relationship")),
            ],
        ),
        append_only.protect("channels_commissions_stewardacceptance"),
    ]
