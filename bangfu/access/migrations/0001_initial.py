import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Account',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('username', models.CharField(max_length=60, unique=True, verbose_name='账号')),
                ('name', models.CharField(max_length=60, verbose_name='姓名')),
                ('phone', models.CharField(blank=True, max_length=20, verbose_name='手机')),
                ('is_active', models.BooleanField(default=True)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Counter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('series', models.CharField(max_length=80, unique=True)),
                ('last', models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='Unit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=40, unique=True)),
                ('name', models.CharField(max_length=60)),
                ('kind', models.CharField(choices=[('organisation', '组织'), ('union', '工会'), ('department', '部门')], default='department', max_length=20)),
                ('path', models.CharField(db_index=True, editable=False, max_length=200)),
                ('phone', models.CharField(blank=True, max_length=30)),
                ('prefix', models.CharField(blank=True, max_length=4)),
                ('is_demo', models.BooleanField(default=False)),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='access.unit')),
            ],
            options={
                'ordering': ['path'],
                'constraints': [models.UniqueConstraint(fields=('parent', 'name'), name='unit_name_once_per_parent'), models.UniqueConstraint(condition=models.Q(('prefix', ''), _negated=True), fields=('prefix',), name='organisation_prefix_once'), models.CheckConstraint(condition=models.Q(('parent__isnull', True), models.Q(('parent', models.F('pk')), _negated=True), _connector='OR'), name='unit_not_its_own_parent')],
            },
        ),
        migrations.CreateModel(
            name='Post',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('WORKER', '职工'), ('UNIT_CLERK', '基层工会干事'), ('UNIT_CHAIR', '基层工会主席'), ('OFFICE_OFFICER', '帮扶办公室干事'), ('OFFICE_HEAD', '帮扶办公室主任'), ('COMMITTEE_MEMBER', '评审委员'), ('COMMITTEE_CHAIR', '评审委员会主任'), ('CASHIER', '出纳'), ('ACCOUNTANT', '会计'), ('AUDITOR', '经审委员'), ('SUPERVISOR', '监督组成员'), ('PAIRED_LEADER', '结对领导'), ('HANDLER', '互助保障经办人'), ('COUNSELLOR', '心理咨询员'), ('STOREKEEPER', '物资保管员'), ('HIGHER_UNION', '上级工会'), ('POLICY_ADMIN', '办法管理员'), ('SYSTEM_ADMIN', '系统管理员'), ('SECURITY_ADMIN', '安全管理员'), ('AUDIT_ADMIN', '审计管理员')], max_length=20)),
                ('from_date', models.DateField()),
                ('to_date', models.DateField(blank=True, null=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='posts', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='posts', to='access.unit')),
            ],
            options={
                'ordering': ['unit__path', 'role', 'account__name'],
                'constraints': [models.CheckConstraint(condition=models.Q(('to_date__isnull', True), ('to_date__gt', models.F('from_date')), _connector='OR'), name='post_ends_later'), models.CheckConstraint(condition=models.Q(('role__in', ['WORKER', 'UNIT_CLERK', 'UNIT_CHAIR', 'OFFICE_OFFICER', 'OFFICE_HEAD', 'COMMITTEE_MEMBER', 'COMMITTEE_CHAIR', 'CASHIER', 'ACCOUNTANT', 'AUDITOR', 'SUPERVISOR', 'PAIRED_LEADER', 'HANDLER', 'COUNSELLOR', 'STOREKEEPER', 'HIGHER_UNION', 'POLICY_ADMIN', 'SYSTEM_ADMIN', 'SECURITY_ADMIN', 'AUDIT_ADMIN'])), name='post_role_known'), models.UniqueConstraint(condition=models.Q(('to_date__isnull', True)), fields=('account', 'unit', 'role'), name='one_open_post_per_role')],
            },
        ),
        migrations.CreateModel(
            name='Holiday',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('is_working', models.BooleanField(default=False)),
                ('title', models.CharField(max_length=40)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='holidays', to='access.unit')),
            ],
            options={
                'ordering': ['day'],
                'constraints': [models.UniqueConstraint(fields=('unit', 'day'), name='one_row_per_day_and_organisation')],
            },
        ),
    ]
