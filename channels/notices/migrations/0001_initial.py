import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('channels_partners', '0003_partnermember_language'),
    ]

    operations = [
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=200, unique=True)),
                ('audience', models.CharField(choices=[('all', 'Everybody'), ('owner', 'Owners'), ('finance', 'Finance and owners')], default='all', max_length=10)),
                ('kind', models.CharField(max_length=40)),
                ('subject', models.CharField(max_length=200)),
                ('body', models.TextField()),
                ('params', models.JSONField(default=dict)),
                ('path', models.CharField(blank=True, max_length=300)),
                ('at', models.DateTimeField()),
                ('read_at', models.DateTimeField(blank=True, null=True)),
                ('mailed_at', models.DateTimeField(blank=True, null=True)),
                ('mailed_to', models.JSONField(default=list)),
                ('mail_attempts', models.PositiveSmallIntegerField(default=0)),
                ('mail_leased_until', models.DateTimeField(blank=True, null=True)),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='channels_partners.channelpartner')),
            ],
            options={
                'ordering': ('-at', '-id'),
                'indexes': [models.Index(fields=['partner', 'at'], name='notice_partner_at'), models.Index(condition=models.Q(('mailed_at__isnull', True)), fields=['at'], name='notice_unmailed'), models.Index(condition=models.Q(('read_at__isnull', True)), fields=['partner'], name='notice_unread')],
            },
        ),
    ]
