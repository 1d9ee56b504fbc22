"""Name the site that mails and the sitemap speak of, before Django makes one called example.com."""

from urllib.parse import urlsplit

from django.conf import settings
from django.db import migrations


def name_site(apps, schema_editor):
    site = apps.get_model("sites", "Site")
    if not site.objects.exists():
        address = urlsplit(settings.BASE_URL).netloc
        site.objects.create(domain=address, name=settings.OSCAR_SHOP_NAME[:50])


class Migration(migrations.Migration):
    dependencies = [("sites", "0002_alter_domain_unique")]
    operations = [migrations.RunPython(name_site, migrations.RunPython.noop)]
