import django.db.models.deletion
from django.conf import settings
from channels.audit import append_only
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('channels_partners', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CompanyProfile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=64, unique=True)),
                ('name', models.CharField(max_length=200)),
                ('country', models.CharField(max_length=2)),
                ('vat_id', models.CharField(blank=True, max_length=32)),
                ('email_domain', models.CharField(blank=True, max_length=120)),
                ('segment', models.CharField(blank=True, max_length=40)),
            ],
            options={
                'verbose_name': 'company',
                'ordering': ('name', 'id'),
            },
        ),
        migrations.CreateModel(
            name='OrderRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=128, unique=True, verbose_name='order')),
                ('public_ref', models.CharField(max_length=40, unique=True)),
                ('visitor_key', models.CharField(blank=True, max_length=40)),
                ('channel', models.CharField(choices=[('direct', 'Direct'), ('reseller', 'Through a reseller')], max_length=10, verbose_name='channel')),
                ('medium', models.CharField(choices=[('web', 'Web shop'), ('partner_link', 'Partner link'), ('campaign', 'Campaign'), ('call_centre', 'Call centre'), ('field_sales', 'Field sales'), ('event', 'Event'), ('renewal', 'Renewal'), ('api', 'API')], max_length=20, verbose_name='medium')),
                ('country', models.CharField(max_length=2)),
                ('currency', models.CharField(max_length=3)),
                ('net_minor', models.BigIntegerField()),
                ('cycle', models.PositiveSmallIntegerField(default=0)),
                ('purchase_order_number', models.CharField(blank=True, max_length=64)),
                ('placed_at', models.DateTimeField(db_index=True, verbose_name='placed')),
                ('facts', models.JSONField()),
                ('chosen_partner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='chosen_orders', to='channels_partners.channelpartner')),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='channels_journeys.companyprofile')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-placed_at', '-id'),
            },
        ),
        migrations.CreateModel(
            name='OrderLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=140, unique=True)),
                ('position', models.PositiveSmallIntegerField()),
                ('sku', models.CharField(max_length=64)),
                ('title', models.CharField(max_length=255)),
                ('product_class', models.CharField(max_length=60)),
                ('categories', models.JSONField(default=list)),
                ('quantity', models.PositiveIntegerField()),
                ('net_minor', models.BigIntegerField()),
                ('cost_minor', models.BigIntegerField(null=True)),
                ('term_months', models.PositiveSmallIntegerField(null=True)),
                ('subscription_key', models.CharField(blank=True, max_length=64)),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='channels_journeys.orderrecord')),
            ],
            options={
                'ordering': ('order', 'position'),
            },
        ),
        migrations.CreateModel(
            name='OrderEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=140, unique=True)),
                ('kind', models.CharField(choices=[('paid', 'Paid'), ('delivered', 'Delivered'), ('refunded', 'Refunded'), ('cancelled', 'Cancelled')], max_length=12)),
                ('at', models.DateTimeField()),
                ('lines', models.JSONField(default=list)),
                ('reason', models.CharField(blank=True, max_length=255)),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='channels_journeys.orderrecord')),
            ],
            options={
                'ordering': ('at', 'id'),
            },
        ),
        migrations.CreateModel(
            name='PartnerCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=40, unique=True, verbose_name='code')),
                ('label', models.CharField(blank=True, max_length=100, verbose_name='label')),
                ('landing_path', models.CharField(default='/', max_length=200, verbose_name='landing page')),
                ('campaign', models.CharField(blank=True, max_length=60, verbose_name='campaign')),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField(blank=True, null=True, verbose_name='expires')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='codes', to='channels_partners.channelpartner')),
            ],
            options={
                'ordering': ('partner', '-created_at', '-id'),
            },
        ),
        migrations.CreateModel(
            name='Policy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(unique=True)),
                ('status', models.CharField(choices=[('draft', 'Draft'), ('published', 'Published')], default='draft', max_length=10)),
                ('terms', models.JSONField()),
                ('effective_from', models.DateTimeField(blank=True, null=True)),
                ('published_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.TextField(blank=True)),
                ('published_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'policies',
                'ordering': ('-version',),
            },
        ),
        migrations.CreateModel(
            name='AttributionRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sequence', models.PositiveSmallIntegerField(default=1)),
                ('cause', models.CharField(default='placed', max_length=40)),
                ('state', models.CharField(choices=[('pending', 'Pending'), ('done', 'Done'), ('failed', 'Failed')], db_index=True, default='pending', max_length=10)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('last_error', models.TextField(blank=True)),
                ('step', models.CharField(blank=True, max_length=30)),
                ('explanation', models.JSONField(default=dict)),
                ('created_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attribution_runs', to='channels_journeys.orderrecord')),
                ('policy', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='channels_journeys.policy')),
            ],
            options={
                'ordering': ('order', '-sequence'),
            },
        ),
        migrations.CreateModel(
            name='Relationship',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('sourcer', 'Sourcer'), ('influencer', 'Influencer'), ('advisor', 'Advisor'), ('implementer', 'Implementer'), ('reseller', 'Reseller'), ('renewal_steward', 'Renewal steward')], max_length=20, verbose_name='role')),
                ('segment', models.CharField(blank=True, max_length=40, verbose_name='segment')),
                ('valid_from', models.DateTimeField(verbose_name='valid from')),
                ('valid_to', models.DateTimeField(blank=True, null=True, verbose_name='valid to')),
                ('source', models.CharField(max_length=40, verbose_name='source')),
                ('evidence', models.CharField(blank=True, max_length=255, verbose_name='evidence')),
                ('recorded_at', models.DateTimeField()),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='relationships', to='channels_journeys.companyprofile')),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='relationships', to='channels_partners.channelpartner')),
                ('recorded_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-valid_from', '-id'),
            },
        ),
        migrations.CreateModel(
            name='RelationshipEnd',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='ended at')),
                ('reason', models.CharField(max_length=255, verbose_name='reason')),
                ('recorded_at', models.DateTimeField()),
                ('recorded_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('relationship', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='end', to='channels_journeys.relationship')),
            ],
        ),
        migrations.CreateModel(
            name='SubscriptionProfile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=64, unique=True)),
                ('title', models.CharField(max_length=255)),
                ('sku', models.CharField(max_length=64)),
                ('currency', models.CharField(max_length=3)),
                ('value_minor', models.BigIntegerField()),
                ('term_months', models.PositiveSmallIntegerField()),
                ('started_on', models.DateField()),
                ('renews_on', models.DateField(db_index=True, null=True)),
                ('status', models.CharField(max_length=12)),
                ('first_order_number', models.CharField(blank=True, max_length=128)),
                ('company', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='subscriptions', to='channels_journeys.companyprofile')),
            ],
            options={
                'ordering': ('renews_on', 'id'),
            },
        ),
        migrations.CreateModel(
            name='Visitor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=40, unique=True)),
                ('first_seen_at', models.DateTimeField()),
                ('linked_at', models.DateTimeField(blank=True, null=True)),
                ('company', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to='channels_journeys.companyprofile')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='visitors', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Touchpoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=120, unique=True)),
                ('kind', models.CharField(choices=[('link', 'Partner link'), ('referral_code', 'Referral code'), ('campaign', 'Campaign'), ('call', 'Call'), ('visit', 'Visit'), ('demo', 'Demonstration'), ('event', 'Event'), ('introduction', 'Introduction')], max_length=20, verbose_name='kind')),
                ('medium', models.CharField(choices=[('web', 'Web shop'), ('partner_link', 'Partner link'), ('campaign', 'Campaign'), ('call_centre', 'Call centre'), ('field_sales', 'Field sales'), ('event', 'Event'), ('renewal', 'Renewal'), ('api', 'API')], max_length=20, verbose_name='medium')),
                ('campaign', models.CharField(blank=True, max_length=60, verbose_name='campaign')),
                ('at', models.DateTimeField(db_index=True, verbose_name='at')),
                ('note', models.CharField(blank=True, max_length=500, verbose_name='note')),
                ('evidence', models.JSONField(blank=True, default=dict)),
                ('code', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='touchpoints', to='channels_journeys.partnercode')),
                ('company', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='touchpoints', to='channels_journeys.companyprofile')),
                ('partner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='touchpoints', to='channels_partners.channelpartner')),
                ('recorded_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('visitor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='touchpoints', to='channels_journeys.visitor')),
            ],
            options={
                'ordering': ('-at', '-id'),
            },
        ),
        migrations.CreateModel(
            name='Credit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pool', models.CharField(choices=[('resale', 'Resale'), ('referral', 'Referral'), ('influence', 'Influence'), ('renewal', 'Renewal'), ('override', 'Distributor override')], max_length=10)),
                ('role', models.CharField(max_length=20)),
                ('share_bp', models.PositiveIntegerField()),
                ('reason', models.CharField(max_length=500)),
                ('touch_keys', models.JSONField(default=list)),
                ('is_held_for_review', models.BooleanField(default=False)),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='credits', to='channels_partners.channelpartner')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='credits', to='channels_journeys.attributionrun')),
                ('line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='credits', to='channels_journeys.orderline')),
            ],
            options={
                'ordering': ('line', 'pool', 'id'),
                'indexes': [models.Index(fields=['partner', 'line'], name='credit_partner_line')],
                'constraints': [models.UniqueConstraint(fields=('run', 'line', 'pool', 'partner'), name='credit_once'), models.CheckConstraint(condition=models.Q(('share_bp__lte', 10000)), name='credit_share_range')],
            },
        ),
        migrations.AddConstraint(
            model_name='policy',
            constraint=models.CheckConstraint(condition=models.Q(('status', 'draft'), models.Q(('effective_from__isnull', False), ('published_at__isnull', False)), _connector='OR'), name='policy_published_has_dates'),
        ),
        migrations.AddConstraint(
            model_name='attributionrun',
            constraint=models.UniqueConstraint(fields=('order', 'sequence'), name='attribution_sequence'),
        ),
        migrations.AddIndex(
            model_name='relationship',
            index=models.Index(fields=['company', 'role', 'valid_from'], name='relationship_lookup'),
        ),
        migrations.AddConstraint(
            model_name='relationship',
            constraint=models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_to__gt', models.F('valid_from')), _connector='OR'), name='relationship_period'),
        ),
        migrations.AddIndex(
            model_name='touchpoint',
            index=models.Index(fields=['company', 'at'], name='touch_company_at'),
        ),
        migrations.AddIndex(
            model_name='touchpoint',
            index=models.Index(fields=['visitor', 'at'], name='touch_visitor_at'),
        ),
        migrations.AddIndex(
            model_name='touchpoint',
            index=models.Index(fields=['partner', 'at'], name='touch_partner_at'),
        ),
        append_only.protect(
            "channels_journeys_touchpoint",
            "channels_journeys_relationship",
            "channels_journeys_relationshipend",
            "channels_journeys_orderrecord",
            "channels_journeys_orderline",
            "channels_journeys_orderevent",
            "channels_journeys_credit",
        ),
        append_only.protect("channels_journeys_policy", when=append_only.PUBLISHED),
    ]
