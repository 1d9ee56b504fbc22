import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def take_up_rejected(apps, schema_editor):
    """Companies that were rejected before can be approved after all, where all are decided on."""
    application = apps.get_model("shop_registration", "Application")
    event = apps.get_model("shop_registration", "ApplicationEvent")
    for company in apps.get_model("shop_companies", "Company").objects.filter(status="rejected", application=None):
        member = company.memberships.order_by("pk").first()
        made = application.objects.create(
            company=company, applicant_id=member and member.user_id, state="rejected",
            submitted_at=company.created_at, language=settings.LANGUAGE_CODE,
        )
        event.objects.create(application=made, step="reject", to_state="rejected", at=company.created_at)
    if schema_editor.connection.vendor == "postgresql":  # or the indexes that follow meet rows with checks to come
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")


class Migration(migrations.Migration):

    dependencies = [
        ('shop_registration', '0001_applications'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='application',
            name='sales_rep',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='sales rep'),
        ),
        migrations.RunPython(take_up_rejected, migrations.RunPython.noop, elidable=True),
    ]
