import django.db.models.deletion
from django.conf import settings
from channels.audit import append_only
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('channels_commissions', '0001_initial'),
        ('channels_journeys', '0001_initial'),
        ('channels_partners', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='BuyTerm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=160, unique=True)),
                ('sku', models.CharField(blank=True, max_length=64, verbose_name='SKU')),
                ('product_class', models.CharField(blank=True, max_length=60, verbose_name='product class')),
                ('price_minor', models.BigIntegerField(null=True)),
                ('discount_bp', models.PositiveIntegerField(null=True)),
                ('currency', models.CharField(blank=True, max_length=3)),
                ('valid_from', models.DateTimeField(verbose_name='valid from')),
                ('valid_to', models.DateTimeField(null=True, verbose_name='valid to')),
                ('source', models.CharField(choices=[('agreement', 'Agreed'), ('promotion', 'Extended from a promotion')], default='agreement', max_length=10)),
                ('reason', models.CharField(max_length=255, verbose_name='reason')),
                ('recorded_at', models.DateTimeField()),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='buy_terms', to='channels_partners.channelpartner')),
                ('recorded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('partner', '-valid_from', '-id'),
            },
        ),
        migrations.CreateModel(
            name='CostRate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('payment', 'Payment fees'), ('support', 'Support')], max_length=10, verbose_name='kind')),
                ('channel', models.CharField(blank=True, choices=[('direct', 'Direct'), ('reseller', 'Through a reseller')], max_length=10, verbose_name='channel')),
                ('rate_bp', models.PositiveIntegerField(default=0)),
                ('flat_minor', models.PositiveIntegerField(default=0)),
                ('currency', models.CharField(max_length=3)),
                ('valid_from', models.DateTimeField(verbose_name='valid from')),
                ('valid_to', models.DateTimeField(null=True, verbose_name='valid to')),
                ('reason', models.CharField(max_length=255, verbose_name='reason')),
                ('recorded_at', models.DateTimeField()),
                ('recorded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('kind', '-valid_from', '-id'),
            },
        ),
        migrations.CreateModel(
            name='GuardCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=160, unique=True)),
                ('source', models.CharField(choices=[('price', 'Price'), ('offer', 'Promotion'), ('basket', 'Order')], max_length=10, verbose_name='what')),
                ('reference', models.CharField(max_length=140)),
                ('label', models.CharField(max_length=255)),
                ('outcome', models.CharField(choices=[('blocked', 'Prevented'), ('extended', 'Extended to partners'), ('topped_up', 'Partners are topped up'), ('approved', 'Approved by two people')], db_index=True, max_length=10, verbose_name='outcome')),
                ('at', models.DateTimeField(db_index=True)),
                ('until', models.DateTimeField(null=True)),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-at', '-id'),
            },
        ),
        migrations.CreateModel(
            name='GuardFinding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('buy_price', "Below the partner's buy price and margin"), ('advertised', 'Below the minimum advertised price')], max_length=10)),
                ('company_key', models.CharField(blank=True, max_length=64)),
                ('sku', models.CharField(max_length=64)),
                ('title', models.CharField(max_length=255)),
                ('product_class', models.CharField(blank=True, max_length=60)),
                ('quantity', models.PositiveIntegerField()),
                ('direct_minor', models.BigIntegerField()),
                ('list_minor', models.BigIntegerField()),
                ('buy_minor', models.BigIntegerField(null=True)),
                ('floor_minor', models.BigIntegerField()),
                ('gap_minor', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('guard_check', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='findings', to='channels_harmony.guardcheck')),
                ('partner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='guard_findings', to='channels_partners.channelpartner')),
            ],
            options={
                'ordering': ('guard_check', 'sku', 'partner', 'id'),
            },
        ),
        migrations.CreateModel(
            name='GuardOverride',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('requested', 'Waits for a second person'), ('approved', 'Approved'), ('rejected', 'Rejected')], db_index=True, default='requested', max_length=10)),
                ('reason', models.CharField(max_length=500, verbose_name='reason')),
                ('expires_at', models.DateTimeField(verbose_name='expires')),
                ('requested_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(null=True)),
                ('decision_reason', models.CharField(blank=True, max_length=500)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('guard_check', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='override', to='channels_harmony.guardcheck')),
                ('requested_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-requested_at', '-id'),
                'permissions': (('decide_guardoverride', 'Can decide on an override of the undercut guard'),),
            },
        ),
        migrations.CreateModel(
            name='GuardSetting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('prices', models.CharField(choices=[('block', 'Block it'), ('extend', 'Extend it to the partners'), ('top_up', 'Let it pass and top partners up')], max_length=10, verbose_name='a price')),
                ('promotions', models.CharField(choices=[('block', 'Block it'), ('extend', 'Extend it to the partners'), ('top_up', 'Let it pass and top partners up')], max_length=10, verbose_name='a promotion')),
                ('at', models.DateTimeField()),
                ('reason', models.CharField(max_length=255, verbose_name='reason')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-id',),
            },
        ),
        migrations.CreateModel(
            name='Proof',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('currency', models.CharField(max_length=3)),
                ('quantity', models.PositiveIntegerField()),
                ('net_minor', models.BigIntegerField()),
                ('net_left_minor', models.BigIntegerField()),
                ('share_bp', models.PositiveIntegerField()),
                ('buy_minor', models.BigIntegerField()),
                ('floor_minor', models.BigIntegerField()),
                ('resale_minor', models.BigIntegerField()),
                ('selling_cost_minor', models.BigIntegerField()),
                ('margin_minor', models.BigIntegerField()),
                ('guarantee_bp', models.PositiveIntegerField()),
                ('promised_minor', models.BigIntegerField()),
                ('credited_minor', models.BigIntegerField()),
                ('top_up_minor', models.BigIntegerField()),
                ('is_listed_price_known', models.BooleanField(default=True)),
                ('at', models.DateTimeField(db_index=True)),
                ('agreement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='proofs', to='channels_partners.agreement')),
                ('line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='proofs', to='channels_journeys.orderline')),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='proofs', to='channels_partners.channelpartner')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='proofs', to='channels_commissions.ratingrun')),
                ('term', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='proofs', to='channels_harmony.buyterm')),
            ],
            options={
                'ordering': ('line', 'partner', '-id'),
            },
        ),
        migrations.CreateModel(
            name='AdvertisedPrice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=160, unique=True)),
                ('sku', models.CharField(db_index=True, max_length=64, verbose_name='SKU')),
                ('price_minor', models.BigIntegerField()),
                ('currency', models.CharField(max_length=3)),
                ('valid_from', models.DateTimeField(verbose_name='valid from')),
                ('valid_to', models.DateTimeField(null=True, verbose_name='valid to')),
                ('source', models.CharField(choices=[('agreement', 'Agreed'), ('promotion', 'Extended from a promotion')], default='agreement', max_length=10)),
                ('reason', models.CharField(max_length=255, verbose_name='reason')),
                ('recorded_at', models.DateTimeField()),
                ('recorded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('sku', '-valid_from', '-id'),
                'constraints': [models.CheckConstraint(condition=models.Q(('price_minor__gte', 0)), name='advertised_not_negative'), models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_to__gt', models.F('valid_from')), _connector='OR'), name='advertised_period')],
            },
        ),
        migrations.AddIndex(
            model_name='buyterm',
            index=models.Index(fields=['partner', 'sku'], name='buy_term_lookup'),
        ),
        migrations.AddConstraint(
            model_name='buyterm',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('discount_bp__isnull', False), ('discount_bp__lte', 10000), ('price_minor__isnull', True)), models.Q(('discount_bp__isnull', True), ('price_minor__gte', 0), ('price_minor__isnull', False), models.Q(('sku', ''), _negated=True), models.Q(('currency', ''), _negated=True)), _connector='OR'), name='buy_term_price_or_discount'),
        ),
        migrations.AddConstraint(
            model_name='buyterm',
            constraint=models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_to__gt', models.F('valid_from')), _connector='OR'), name='buy_term_period'),
        ),
        migrations.AddConstraint(
            model_name='costrate',
            constraint=models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_to__gt', models.F('valid_from')), _connector='OR'), name='cost_rate_period'),
        ),
        migrations.AddConstraint(
            model_name='guardfinding',
            constraint=models.CheckConstraint(condition=models.Q(('gap_minor__gt', 0)), name='guard_finding_hurts'),
        ),
        migrations.AddConstraint(
            model_name='guardoverride',
            constraint=models.CheckConstraint(condition=models.Q(('decided_by__isnull', True), models.Q(('decided_by', models.F('requested_by')), _negated=True), _connector='OR'), name='guard_override_two_people'),
        ),
        migrations.AddIndex(
            model_name='proof',
            index=models.Index(fields=['partner', 'at'], name='proof_partner_at'),
        ),
        migrations.AddConstraint(
            model_name='proof',
            constraint=models.UniqueConstraint(fields=('line', 'partner', 'run'), name='proof_once'),
        ),
        migrations.AddConstraint(
            model_name='proof',
            constraint=models.CheckConstraint(condition=models.Q(('top_up_minor__gte', 0)), name='proof_top_up_not_negative'),
        ),
        append_only.protect(
            "channels_harmony_buyterm",
            "channels_harmony_advertisedprice",
            "channels_harmony_guardsetting",
            "channels_harmony_guardcheck",
            "channels_harmony_guardfinding",
            "channels_harmony_proof",
            "channels_harmony_costrate",
        ),
    ]
