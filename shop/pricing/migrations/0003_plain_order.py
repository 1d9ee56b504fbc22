from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("shop_pricing", "0002_history_of_lists")]

    operations = [
        migrations.AlterModelOptions(
            name="contractprice",
            options={
                "ordering": ("company_id", "product_id", "min_quantity", "valid_from"),
                "verbose_name": "contract price",
                "verbose_name_plural": "contract prices",
            },
        ),
        migrations.AlterModelOptions(
            name="priceentry",
            options={
                "ordering": ("price_list_id", "product_id", "min_quantity", "valid_from"),
                "verbose_name": "price",
                "verbose_name_plural": "prices",
            },
        ),
        migrations.AlterModelOptions(
            name="pricelistassignment",
            options={
                "ordering": ("price_list_id", "pk"),
                "verbose_name": "assignment of a price list",
                "verbose_name_plural": "assignments of price lists",
            },
        ),
    ]
