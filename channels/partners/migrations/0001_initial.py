import django.db.models.deletion
from django.conf import settings
from channels.audit import append_only
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('channels_audit', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ChannelPartner',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=40, unique=True, verbose_name='code')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('kind', models.CharField(choices=[('reseller', 'Reseller'), ('var', 'Value-added reseller'), ('distributor', 'Distributor'), ('agent', 'Agent'), ('integrator', 'System integrator'), ('affiliate', 'Referral affiliate')], max_length=20, verbose_name='type')),
                ('tier', models.CharField(choices=[('registered', 'Registered'), ('silver', 'Silver'), ('gold', 'Gold'), ('platinum', 'Platinum')], default='registered', max_length=20, verbose_name='tier')),
                ('status', models.CharField(choices=[('applied', 'Applied'), ('in_review', 'In review'), ('info_requested', 'Information requested'), ('approved', 'Approved'), ('active', 'Active'), ('suspended', 'Suspended'), ('terminated', 'Terminated'), ('rejected', 'Rejected')], db_index=True, default='applied', max_length=20, verbose_name='status')),
                ('country', models.CharField(max_length=2, verbose_name='country')),
                ('city', models.CharField(blank=True, max_length=100, verbose_name='city')),
                ('territories', models.JSONField(blank=True, default=list, verbose_name='territories')),
                ('specialities', models.JSONField(blank=True, default=list, verbose_name='specialities')),
                ('product_classes', models.JSONField(blank=True, default=list, verbose_name='product classes')),
                ('summary', models.CharField(blank=True, max_length=240, verbose_name='summary')),
                ('about', models.TextField(blank=True, verbose_name='about')),
                ('website', models.URLField(blank=True, verbose_name='website')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail')),
                ('phone', models.CharField(blank=True, max_length=40, verbose_name='telephone')),
                ('vat_id', models.CharField(blank=True, max_length=32, verbose_name='VAT id')),
                ('email_domains', models.JSONField(blank=True, default=list, verbose_name='e-mail domains')),
                ('is_listed', models.BooleanField(default=True, verbose_name='in the public directory')),
                ('joined_at', models.DateTimeField(verbose_name='joined')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='channels_partners.channelpartner', verbose_name='distributor')),
            ],
            options={
                'verbose_name': 'channel partner',
                'verbose_name_plural': 'channel partners',
                'ordering': ('name', 'id'),
            },
        ),
        migrations.CreateModel(
            name='Agreement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField()),
                ('status', models.CharField(choices=[('draft', 'Draft'), ('sent', 'Sent'), ('signed', 'Signed'), ('active', 'Active'), ('expiring', 'Expiring'), ('renewed', 'Renewed'), ('expired', 'Expired'), ('terminated', 'Terminated')], default='active', max_length=12)),
                ('data_level', models.PositiveSmallIntegerField(choices=[(0, 'Quotas only'), (1, 'Transactions'), (2, 'Full exchange')], default=1)),
                ('tail_months', models.PositiveSmallIntegerField(default=6)),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='agreements', to='channels_partners.channelpartner')),
            ],
            options={
                'ordering': ('partner', '-version'),
            },
        ),
        migrations.CreateModel(
            name='PartnerMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('owner', 'Owner'), ('sales', 'Sales'), ('finance', 'Finance')], max_length=10, verbose_name='role')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('joined_at', models.DateTimeField()),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='members', to='channels_partners.channelpartner')),
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='partner_member', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('partner', 'id'),
            },
        ),
        migrations.CreateModel(
            name='PartnerStatusChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_status', models.CharField(blank=True, choices=[('applied', 'Applied'), ('in_review', 'In review'), ('info_requested', 'Information requested'), ('approved', 'Approved'), ('active', 'Active'), ('suspended', 'Suspended'), ('terminated', 'Terminated'), ('rejected', 'Rejected')], max_length=20)),
                ('to_status', models.CharField(choices=[('applied', 'Applied'), ('in_review', 'In review'), ('info_requested', 'Information requested'), ('approved', 'Approved'), ('active', 'Active'), ('suspended', 'Suspended'), ('terminated', 'Terminated'), ('rejected', 'Rejected')], max_length=20)),
                ('at', models.DateTimeField()),
                ('reason', models.TextField(blank=True)),
                ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='status_changes', to='channels_partners.channelpartner')),
            ],
            options={
                'ordering': ('partner', 'at', 'id'),
            },
        ),
        migrations.AddConstraint(
            model_name='channelpartner',
            constraint=models.CheckConstraint(condition=models.Q(('parent__isnull', True), models.Q(('parent', models.F('id')), _negated=True), _connector='OR'), name='partner_not_own_parent'),
        ),
        migrations.AddConstraint(
            model_name='agreement',
            constraint=models.UniqueConstraint(fields=('partner', 'version'), name='agreement_version'),
        ),
        migrations.AddIndex(
            model_name='partnerstatuschange',
            index=models.Index(fields=['partner', 'at'], name='partner_status_at'),
        ),
        append_only.protect(
            "channels_partners_partnerstatuschange",
        ),
    ]
