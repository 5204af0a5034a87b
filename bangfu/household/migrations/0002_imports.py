import bangfu.lib.crypto
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('access', '0001_initial'),
        ('access', '__first__'),
        ('evidence', '0001_initial'),
        ('household', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='ImportBatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('kind', models.CharField(choices=[('roster', '花名册'), ('archive', '花名册和家庭档案')], max_length=8)),
                ('state', models.CharField(choices=[('asked', '同一文件，等确认'), ('matching', '对列'), ('trying', '正在试算'), ('tried', '已试算'), ('writing', '正在写入'), ('applied', '已写入'), ('undone', '已撤销'), ('dropped', '已放弃')], max_length=9)),
                ('name', bangfu.lib.crypto.EncryptedTextField()),
                ('sha256', models.CharField(max_length=64)),
                ('sheet', models.CharField(blank=True, max_length=100)),
                ('sheets', models.JSONField(default=list)),
                ('remarks', models.JSONField(default=list)),
                ('header_row', models.PositiveIntegerField()),
                ('header_depth', models.PositiveSmallIntegerField(default=1)),
                ('columns', models.JSONField(default=list)),
                ('opened_on', models.DateField(blank=True, null=True)),
                ('fixes', bangfu.lib.crypto.EncryptedJSONField(default=dict)),
                ('is_skipping', models.BooleanField(default=False)),
                ('rows_total', models.PositiveIntegerField(default=0)),
                ('rows_new', models.PositiveIntegerField(default=0)),
                ('rows_changed', models.PositiveIntegerField(default=0)),
                ('rows_same', models.PositiveIntegerField(default=0)),
                ('rows_bad', models.PositiveIntegerField(default=0)),
                ('rows_twin', models.PositiveIntegerField(default=0)),
                ('households_new', models.PositiveIntegerField(default=0)),
                ('problems_total', models.PositiveIntegerField(default=0)),
                ('preview', bangfu.lib.crypto.EncryptedJSONField(default=dict)),
                ('digest', models.CharField(blank=True, max_length=64)),
                ('failure', models.TextField(blank=True)),
                ('uploaded_at', models.DateTimeField()),
                ('tried_at', models.DateTimeField(blank=True, null=True)),
                ('started_at', models.DateTimeField(blank=True, null=True)),
                ('applied_at', models.DateTimeField(blank=True, null=True)),
                ('undone_at', models.DateTimeField(blank=True, null=True)),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='evidence.file')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.unit')),
                ('undone_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.unit')),
                ('uploaded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-pk'],
                'constraints': [models.UniqueConstraint(fields=('organisation', 'number'), name='import_number_once'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['applied', 'undone']), _negated=True), ('applied_at__isnull', False), _connector='OR'), name='import_applied_at_an_instant'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'undone'), _negated=True), ('undone_at__isnull', False), _connector='OR'), name='import_undone_at_an_instant')],
                'indexes': [models.Index(fields=['organisation', 'sha256'], name='import_by_file')],
            },
        ),
        migrations.CreateModel(
            name='ImportedRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('row', models.PositiveIntegerField()),
                ('made_staff', models.BooleanField(default=False)),
                ('made_household', models.BooleanField(default=False)),
                ('before', bangfu.lib.crypto.EncryptedJSONField(null=True)),
                ('staff_version', models.PositiveIntegerField(null=True)),
                ('household_version', models.PositiveIntegerField(null=True)),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='written', to='household.importbatch')),
                ('household', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='imported_rows', to='household.household')),
                ('staff', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='household.staff')),
            ],
            options={
                'ordering': ['row'],
                'constraints': [models.UniqueConstraint(fields=('batch', 'row'), name='imported_row_once')],
            },
        ),
        migrations.CreateModel(
            name='ImportProblem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('row', models.PositiveIntegerField()),
                ('column', models.PositiveIntegerField(null=True)),
                ('key', models.CharField(blank=True, max_length=20)),
                ('title', models.CharField(max_length=60)),
                ('name', models.CharField(blank=True, max_length=30)),
                ('value', bangfu.lib.crypto.EncryptedTextField(default='')),
                ('reason', bangfu.lib.crypto.EncryptedTextField()),
                ('remedy', bangfu.lib.crypto.EncryptedTextField(default='')),
                ('is_blocking', models.BooleanField(default=False)),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='problems', to='household.importbatch')),
            ],
            options={
                'ordering': ['row', 'column'],
            },
        ),
        migrations.CreateModel(
            name='ColumnHabit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=60)),
                ('key', models.CharField(blank=True, max_length=20)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.unit')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('organisation', 'title'), name='one_habit_per_title')],
            },
        ),
    ]
