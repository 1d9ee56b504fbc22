from django.db import migrations


def hand_on(apps, schema_editor):
    """Who looks after a company was kept with its application."""
    company = apps.get_model("shop_companies", "Company")
    for application in apps.get_model("shop_registration", "Application").objects.exclude(sales_rep=None):
        company.objects.filter(pk=application.company_id).update(sales_rep=application.sales_rep_id)


class Migration(migrations.Migration):
    dependencies = [
        ("shop_companies", "0004_company_terms_and_roles"),
        ("shop_registration", "0002_sales_rep"),
    ]

    operations = [
        migrations.RunPython(hand_on, migrations.RunPython.noop, elidable=True),
        migrations.RemoveField(model_name="application", name="sales_rep"),
    ]
