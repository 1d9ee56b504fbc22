import django.db.models.deletion
from channels.audit import append_only
from channels.commissions import append_only as ledger_guard
from django.conf import settings
from django.db import migrations, models


def guard_again(apps, schema_editor):
    """SQLite remakes the accruals' table for the new column, and its triggers are lost with that."""
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        for sql in [*ledger_guard.removals(connection.vendor), *ledger_guard.statements(connection.vendor)]:
            cursor.execute(sql)


class Migration(migrations.Migration):

    dependencies = [
        ('channels_commissions', '0005_counters_acceptances'),
        ('channels_journeys', '0003_overrides'),
        ('channels_partners', '0005_certifications'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='accrual',
            name='refreezes',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='ratingrun',
            name='reason',
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AlterField(
            model_name='ledgerposting',
            name='kind',
            field=models.CharField(choices=[('accrue', 'Commission earned'), ('release', 'Hold ended'), ('freeze', 'Put back on hold'), ('reverse', 'Commission taken back'), ('net', 'Clawback netted'), ('convert', 'Converted to another currency'), ('pay', 'Payment sent'), ('paid', 'Payment confirmed'), ('recalled', 'Confirmation withdrawn'), ('returned', 'Payment returned')], db_index=True, max_length=20),
        ),
        migrations.CreateModel(
            name='Dispute',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=20, unique=True)),
                ('kind', models.CharField(choices=[('claim', 'We should be credited'), ('share', 'Our share is too small'), ('amount', 'The amount or the rule is wrong')], max_length=10, verbose_name='kind')),
                ('named', models.CharField(max_length=128, verbose_name='order')),
                ('ordered_on', models.DateField(blank=True, null=True)),
                ('reason', models.TextField(verbose_name='reason')),
                ('evidence', models.TextField(blank=True, verbose_name='evidence')),
                ('state', models.CharField(choices=[('open', 'Open'), ('under_review', 'Under review'), ('upheld', 'Upheld'), ('rejected', 'Rejected'), ('withdrawn', 'Withdrawn')], db_index=True, default='open', max_length=12)),
                ('is_grounded', models.BooleanField(default=False)),
                ('freezes_others', models.BooleanField(default=False)),
                ('opened_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('taken_up_at', models.DateTimeField(blank=True, null=True)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('answer', models.TextField(blank=True, verbose_name='answer')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('opened_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('order', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='disputes', to='channels_journeys.orderrecord')),
                ('override', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='dispute', to='channels_journeys.override')),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='disputes', to='channels_partners.channelpartner')),
                ('taken_up_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-opened_at', '-id'),
            },
        ),
        migrations.CreateModel(
            name='Adjustment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount_minor', models.BigIntegerField()),
                ('reason', models.CharField(max_length=300)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='adjustments', to='channels_journeys.orderline')),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='adjustments', to='channels_partners.channelpartner')),
                ('dispute', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='adjustment', to='channels_commissions.dispute')),
            ],
            options={
                'ordering': ('-at', '-id'),
            },
        ),
        migrations.CreateModel(
            name='DisputeEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('side', models.CharField(choices=[('partner', 'Partner'), ('desk', 'Channel desk')], max_length=10)),
                ('step', models.CharField(blank=True, max_length=20)),
                ('text', models.TextField(blank=True)),
                ('is_internal', models.BooleanField(default=False)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('dispute', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='channels_commissions.dispute')),
            ],
            options={
                'verbose_name_plural': 'dispute entries',
                'ordering': ('at', 'id'),
            },
        ),
        migrations.CreateModel(
            name='DisputeLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('dispute', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='channels_commissions.dispute')),
                ('line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='disputes', to='channels_journeys.orderline')),
            ],
            options={
                'ordering': ('dispute', 'line'),
            },
        ),
        migrations.AddIndex(
            model_name='dispute',
            index=models.Index(fields=['state', 'due_at'], name='dispute_due'),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ('open', 'under_review'))), fields=('partner', 'named'), name='dispute_one_open_per_name'),
        ),
        migrations.AddConstraint(
            model_name='dispute',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('upheld', 'rejected')), _negated=True), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), models.Q(('answer', ''), _negated=True)), _connector='OR'), name='dispute_decided_with_answer'),
        ),
        migrations.AddConstraint(
            model_name='adjustment',
            constraint=models.CheckConstraint(condition=models.Q(('amount_minor__gt', 0)), name='adjustment_positive'),
        ),
        migrations.AddConstraint(
            model_name='disputeline',
            constraint=models.UniqueConstraint(fields=('dispute', 'line'), name='dispute_line_once'),
        ),
        append_only.protect(
            "channels_commissions_disputeline",
            "channels_commissions_disputeentry",
            "channels_commissions_adjustment",
        ),
        migrations.RunPython(guard_again, migrations.RunPython.noop),
    ]
