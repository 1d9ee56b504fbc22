from django.db import migrations

OLD = "otp_totp_totpdevice"


def move(apps, schema_editor):
    """Until now the apps stood in django-otp's own table, with their secrets as they are. That table goes."""
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        if OLD not in connection.introspection.table_names(cursor):
            return
        cursor.execute("SELECT user_id, name, confirmed, key, drift, last_t FROM otp_totp_totpdevice ORDER BY id")
        columns = [column[0] for column in cursor.description]
        rows = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
        app = apps.get_model("shop_accounts", "AuthenticatorApp")
        app.objects.bulk_create(app(**{**row, "confirmed": bool(row["confirmed"])}) for row in rows)
        cursor.execute("DROP TABLE otp_totp_totpdevice")


class Migration(migrations.Migration):
    dependencies = [("shop_accounts", "0002_authenticator_app")]

    operations = [migrations.RunPython(move, migrations.RunPython.noop, elidable=True)]
