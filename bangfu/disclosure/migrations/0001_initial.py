import bangfu.lib.crypto
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('access', '0001_initial'),
        ('access', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=30, unique=True)),
                ('origin', models.CharField(db_index=True, max_length=80)),
                ('title', models.CharField(max_length=100)),
                ('basis', models.TextField()),
                ('token', models.CharField(max_length=64, unique=True)),
                ('days', models.PositiveSmallIntegerField()),
                ('is_working_days', models.BooleanField(default=False)),
                ('answer_days', models.PositiveSmallIntegerField(default=5)),
                ('posted_at', models.DateTimeField()),
                ('closes_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('outcome', models.CharField(blank=True, choices=[('clear', '期满无异议成立'), ('upheld', '期满，异议成立'), ('taken_down', '中途撤下')], max_length=12)),
                ('taken_down_reason', models.CharField(blank=True, max_length=200)),
                ('checked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('posted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='access.unit')),
            ],
            options={
                'ordering': ['-posted_at', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('closes_at__gt', models.F('posted_at'))), name='notice_closes_later'), models.CheckConstraint(condition=models.Q(('days__gte', 1)), name='notice_has_a_day'), models.CheckConstraint(condition=models.Q(('checked_by__isnull', True), models.Q(('checked_by', models.F('posted_by')), _negated=True), _connector='OR'), name='notice_needs_two'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('outcome', '')), models.Q(('closed_at__isnull', False), ('outcome', 'taken_down')), models.Q(('closed_at__gte', models.F('closes_at')), ('outcome__in', ['clear', 'upheld'])), _connector='OR'), name='notice_not_closed_early'), models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'taken_down'), _negated=True), models.Q(('taken_down_reason', ''), _negated=True), _connector='OR'), name='take_down_has_a_reason'), models.UniqueConstraint(condition=models.Q(('closed_at__isnull', True)), fields=('origin',), name='one_notice_at_a_time')],
                'indexes': [models.Index(fields=['unit', '-posted_at'], name='notices_of_unit')],
            },
        ),
        migrations.CreateModel(
            name='NoticeChannel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(choices=[('board', '单位公示栏'), ('intranet', '办公网'), ('open', '公开网页')], max_length=10)),
                ('revision', models.PositiveSmallIntegerField(default=1)),
                ('rows', models.JSONField()),
                ('sha256', models.CharField(max_length=64)),
                ('shown_from', models.DateTimeField()),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('notice', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='channels', to='disclosure.notice')),
            ],
            options={
                'ordering': ['channel', 'revision'],
                'constraints': [models.UniqueConstraint(fields=('notice', 'channel', 'revision'), name='one_row_per_revision'), models.CheckConstraint(condition=models.Q(('channel__in', ['board', 'intranet', 'open'])), name='channel_known')],
            },
        ),
        migrations.CreateModel(
            name='Objection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('token', models.CharField(max_length=64, unique=True)),
                ('case_number', models.CharField(blank=True, max_length=30)),
                ('text', bangfu.lib.crypto.EncryptedTextField()),
                ('is_named', models.BooleanField()),
                ('name', bangfu.lib.crypto.EncryptedTextField(default='')),
                ('contact', bangfu.lib.crypto.EncryptedTextField(default='')),
                ('fingerprint', models.CharField(max_length=64)),
                ('via', models.CharField(choices=[('open', '公开网页'), ('staff', '来信来访来电')], max_length=10)),
                ('raised_at', models.DateTimeField()),
                ('answer_due_at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('answer', bangfu.lib.crypto.EncryptedTextField(default='')),
                ('upheld', models.BooleanField(blank=True, null=True)),
                ('answered_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('notice', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='objections', to='disclosure.notice')),
                ('registered_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['raised_at', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('answered_at__isnull', True), ('answered_by__isnull', True), ('upheld__isnull', True)), models.Q(('answered_at__isnull', False), ('answered_by__isnull', False), ('upheld__isnull', False)), _connector='OR'), name='answer_is_whole'), models.UniqueConstraint(fields=('notice', 'fingerprint'), name='same_objection_once')],
            },
        ),
    ]
