import bangfu.lib.crypto
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from bangfu.lib.names import name_words

#: Key columns in order; the key is the whole row. SQLite keeps such a table as its index alone (WITHOUT ROWID), PostgreSQL compares
#: by bytes (COLLATE "C"), so that a prefix is one stretch of the index on both.
TABLES = {
    "household_fileword": ("organisation_id", "word", "pinyin", "file", "state", "unit"),
    "household_staffword": ("organisation_id", "word", "pinyin", "staff", "unit"),
}
LENGTHS = {"word": 30, "pinyin": 200, "state": 8}


def make_tables(apps, schema_editor):
    on_sqlite = schema_editor.connection.vendor == "sqlite"
    collation = "" if on_sqlite else ' COLLATE "C"'
    for table, columns in TABLES.items():
        rows = [f'"{name}" varchar({LENGTHS[name]}){collation} NOT NULL' if name in LENGTHS else f'"{name}" bigint NOT NULL' for name in columns]
        key = ", ".join(f'"{name}"' for name in columns)
        tail = " WITHOUT ROWID" if on_sqlite else ""
        schema_editor.execute(f'CREATE TABLE "{table}" ({", ".join(rows)}, PRIMARY KEY ({key})){tail}')


def drop_tables(apps, schema_editor):
    for table in TABLES:
        schema_editor.execute(f'DROP TABLE "{table}"')


def fill(apps, schema_editor):
    """Words of what stands already."""
    FileWord, StaffWord = apps.get_model("household", "FileWord"), apps.get_model("household", "StaffWord")
    files = apps.get_model("household", "Household").objects.values_list("organisation_id", "head_name", "number", "head_pinyin", "pk", "state", "unit_id")
    for organisation, name, number, pinyin, pk, state, unit in files.iterator():
        words = {word[:30] for word in (*name_words(name), number.lower(), number.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ").lower())}
        FileWord.objects.bulk_create(FileWord(organisation_id=organisation, word=word, pinyin=pinyin, file=pk, state=state, unit=unit) for word in words)
    staff = apps.get_model("household", "Staff").objects.values_list("organisation_id", "name", "worker_no", "pinyin", "pk", "unit_id")
    for organisation, name, number, pinyin, pk, unit in staff.iterator():
        words = {word[:30] for word in (*name_words(name), number.lower())}
        StaffWord.objects.bulk_create(StaffWord(organisation_id=organisation, word=word, pinyin=pinyin, staff=pk, unit=unit) for word in words)


class Migration(migrations.Migration):

    dependencies = [
        ('access', '0001_initial'),
        ('household', '0002_imports'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(make_tables, drop_tables)],
            state_operations=[
                migrations.CreateModel(
                    name='FileWord',
                    fields=[
                        ('pk', models.CompositePrimaryKey('organisation_id', 'word', 'pinyin', 'file', 'state', 'unit', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('organisation_id', models.BigIntegerField()),
                        ('word', models.CharField(max_length=30)),
                        ('pinyin', models.CharField(max_length=200)),
                        ('file', models.BigIntegerField()),
                        ('state', models.CharField(max_length=8)),
                        ('unit', models.BigIntegerField()),
                    ],
                ),
                migrations.CreateModel(
                    name='StaffWord',
                    fields=[
                        ('pk', models.CompositePrimaryKey('organisation_id', 'word', 'pinyin', 'staff', 'unit', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('organisation_id', models.BigIntegerField()),
                        ('word', models.CharField(max_length=30)),
                        ('pinyin', models.CharField(max_length=200)),
                        ('staff', models.BigIntegerField()),
                        ('unit', models.BigIntegerField()),
                    ],
                ),
            ],
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.CreateModel(
            name='ListStyle',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('columns', models.JSONField(default=list)),
                ('density', models.CharField(choices=[('dense', '紧凑'), ('normal', '标准'), ('loose', '宽松')], default='dense', max_length=6)),
            ],
        ),
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=20, verbose_name='名称')),
                ('query', models.CharField(max_length=300)),
                ('made_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['made_at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='Transfer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=30)),
                ('why', bangfu.lib.crypto.EncryptedTextField(verbose_name='转移的原因')),
                ('asked_at', models.DateTimeField()),
                ('answer', models.CharField(blank=True, choices=[('accepted', '已接收'), ('declined', '没有接收'), ('taken_back', '已收回')], max_length=10)),
                ('note', bangfu.lib.crypto.EncryptedTextField(default='', verbose_name='说明')),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['-pk'],
            },
        ),
        migrations.RemoveIndex(
            model_name='household',
            name='file_by_state_pinyin',
        ),
        migrations.RemoveIndex(
            model_name='household',
            name='file_by_pinyin',
        ),
        migrations.RemoveField(
            model_name='household',
            name='search',
        ),
        migrations.RemoveField(
            model_name='staff',
            name='search',
        ),
        migrations.AddField(
            model_name='importedrow',
            name='entries',
            field=models.TextField(default='[]'),
        ),
        migrations.AddField(
            model_name='importedrow',
            name='entries_back',
            field=models.TextField(default='[]'),
        ),
        migrations.AddField(
            model_name='importedrow',
            name='made_member',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='importedrow',
            name='member',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='household.member'),
        ),
        migrations.AlterField(
            model_name='importbatch',
            name='kind',
            field=models.CharField(choices=[('roster', '花名册'), ('archive', '花名册和家庭档案'), ('members', '家庭成员')], max_length=8),
        ),
        migrations.AddIndex(
            model_name='household',
            index=models.Index(fields=['organisation', 'state', 'head_pinyin', 'id'], name='file_in_state_by_name'),
        ),
        migrations.AddIndex(
            model_name='household',
            index=models.Index(fields=['organisation', 'head_pinyin', 'id'], name='file_by_name'),
        ),
        migrations.AddField(
            model_name='liststyle',
            name='account',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='list_style', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='savedview',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='saved_views', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='transfer',
            name='answered_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='transfer',
            name='asked_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='transfer',
            name='from_unit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.unit'),
        ),
        migrations.AddField(
            model_name='transfer',
            name='household',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='transfers', to='household.household'),
        ),
        migrations.AddField(
            model_name='transfer',
            name='to_unit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.unit'),
        ),
        migrations.AddConstraint(
            model_name='savedview',
            constraint=models.UniqueConstraint(fields=('account', 'name'), name='view_name_once'),
        ),
        migrations.AddConstraint(
            model_name='savedview',
            constraint=models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='view_has_a_name'),
        ),
        migrations.AddConstraint(
            model_name='transfer',
            constraint=models.UniqueConstraint(condition=models.Q(('answer', '')), fields=('household',), name='one_open_transfer_per_file'),
        ),
        migrations.AddConstraint(
            model_name='transfer',
            constraint=models.CheckConstraint(condition=models.Q(('from_unit', models.F('to_unit')), _negated=True), name='transfer_goes_elsewhere'),
        ),
        migrations.AddConstraint(
            model_name='transfer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answered_at__isnull', True)), models.Q(models.Q(('answer', ''), _negated=True), ('answered_at__isnull', False)), _connector='OR'), name='transfer_answered_at_an_instant'),
        ),
        migrations.AddConstraint(
            model_name='transfer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answer', 'accepted'), _negated=True), ('asked_by__isnull', True), models.Q(('asked_by', models.F('answered_by')), _negated=True), _connector='OR'), name='transfer_accepted_by_another'),
        ),
        migrations.AlterField(
            model_name='household',
            name='organisation',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.unit'),
        ),
        migrations.AlterField(
            model_name='household',
            name='unit',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='households', to='access.unit'),
        ),
        migrations.AlterField(
            model_name='income',
            name='member',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='incomes', to='household.member'),
        ),
        # Dropping a foreign key's index on PostgreSQL also drops a partial unique one on the same column: taken away and set again.
        migrations.RemoveConstraint(model_name='member', name='one_head_member'),
        migrations.AlterField(
            model_name='member',
            name='household',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='members', to='household.household'),
        ),
        migrations.AddConstraint(
            model_name='member',
            constraint=models.UniqueConstraint(condition=models.Q(('left_on', None), ('relation', 'self')), fields=('household',), name='one_head_member'),
        ),
        migrations.AlterField(
            model_name='staff',
            name='organisation',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.unit'),
        ),
        migrations.AlterField(
            model_name='staff',
            name='unit',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='staff', to='access.unit'),
        ),
        migrations.RemoveIndex(
            model_name='household',
            name='file_by_unit',
        ),
        migrations.AddIndex(
            model_name='household',
            index=models.Index(fields=['unit', 'state', 'organisation', 'head_pinyin', 'id', 'main_cause', 'grade'], name='file_in_unit_by_name'),
        ),
    ]
