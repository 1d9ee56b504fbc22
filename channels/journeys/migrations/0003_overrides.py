import django.db.models.deletion
from channels.audit import append_only
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('channels_journeys', '0002_touches_identity_imports'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CreditRejection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=300)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('credit', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='rejection', to='channels_journeys.credit')),
            ],
            options={
                'ordering': ('-at', '-id'),
            },
        ),
        migrations.CreateModel(
            name='Override',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('lines', models.JSONField(default=list)),
                ('pools', models.JSONField(default=dict)),
                ('reason', models.CharField(max_length=300, verbose_name='reason')),
                ('evidence', models.TextField(verbose_name='evidence')),
                ('state', models.CharField(choices=[('proposed', 'Proposed'), ('approved', 'Approved'), ('rejected', 'Rejected'), ('withdrawn', 'Withdrawn')], db_index=True, default='proposed', max_length=10)),
                ('proposed_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('answer', models.CharField(blank=True, max_length=300, verbose_name='answer')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='overrides', to='channels_journeys.orderrecord')),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('run', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='override', to='channels_journeys.attributionrun')),
            ],
            options={
                'ordering': ('-proposed_at', '-id'),
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'proposed')), fields=('order',), name='override_one_open_per_order'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('approved', 'rejected')), _negated=True), models.Q(('decided_by__isnull', False), models.Q(('decided_by', models.F('proposed_by')), _negated=True)), _connector='OR'), name='override_takes_two_people')],
            },
        ),
        append_only.protect("channels_journeys_creditrejection"),
        append_only.protect("channels_journeys_override", when="OLD.state <> 'proposed'"),
    ]
