"""The head row exists from the first day: the first writers have something to lock."""

from django.db import migrations

GENESIS = "0" * 64


def add_head(apps, schema_editor):
    apps.get_model("audit", "Head").objects.get_or_create(pk=1, defaults={"seq": 0, "hash": GENESIS})


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunPython(add_head, migrations.RunPython.noop)]
