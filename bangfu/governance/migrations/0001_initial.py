import bangfu.lib.crypto
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
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
            name='Committee',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60)),
                ('quorum_permille', models.PositiveSmallIntegerField(default=666, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(999)])),
                ('majority_permille', models.PositiveSmallIntegerField(default=500, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(999)])),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='committees', to='access.unit')),
            ],
            options={
                'ordering': ['unit__path', 'name'],
                'constraints': [models.UniqueConstraint(fields=('unit', 'name'), name='committee_name_once_per_unit'), models.CheckConstraint(condition=models.Q(('majority_permille__range', (1, 999)), ('quorum_permille__range', (1, 999))), name='committee_shares_below_all')],
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_chair', models.BooleanField(default=False)),
                ('from_date', models.DateField()),
                ('to_date', models.DateField(blank=True, null=True)),
                ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to=settings.AUTH_USER_MODEL)),
                ('committee', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='governance.committee')),
            ],
            options={
                'ordering': ['-is_chair', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('to_date__isnull', True), ('to_date__gt', models.F('from_date')), _connector='OR'), name='membership_ends_later'), models.UniqueConstraint(condition=models.Q(('to_date__isnull', True)), fields=('committee', 'account'), name='one_open_membership_per_committee'), models.UniqueConstraint(condition=models.Q(('is_chair', True), ('to_date__isnull', True)), fields=('committee',), name='one_open_chair_per_committee')],
            },
        ),
        migrations.CreateModel(
            name='Motion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.CharField(db_index=True, max_length=80)),
                ('number', models.CharField(blank=True, max_length=30)),
                ('title', models.CharField(max_length=80)),
                ('party', models.CharField(blank=True, max_length=60)),
                ('position', models.PositiveSmallIntegerField()),
                ('amount_fen', models.BigIntegerField(blank=True, null=True)),
                ('max_fen', models.BigIntegerField(blank=True, null=True)),
                ('state', models.CharField(choices=[('waiting', '待表决'), ('decided', '已决议'), ('taken_off', '已撤下')], default='waiting', max_length=10)),
                ('taken_off_reason', models.CharField(blank=True, max_length=200)),
                ('put_at', models.DateTimeField()),
                ('version', models.PositiveIntegerField(default=1)),
                ('put_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['session', 'position'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'waiting')), fields=('subject',), name='one_waiting_motion_per_subject'), models.CheckConstraint(condition=models.Q(('amount_fen__isnull', True), ('amount_fen__gt', 0), _connector='OR'), name='motion_amount_above_zero'), models.CheckConstraint(condition=models.Q(('max_fen__isnull', True), ('max_fen__gt', 0), _connector='OR'), name='motion_cap_above_zero'), models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'decided', 'taken_off'])), name='motion_state_known')],
            },
        ),
        migrations.CreateModel(
            name='Recusal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=100)),
                ('is_conflict', models.BooleanField(default=False)),
                ('at', models.DateTimeField()),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recusals', to='governance.membership')),
                ('motion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recusals', to='governance.motion')),
            ],
            options={
                'ordering': ['at', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('motion', 'member'), name='recused_once'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='recusal_has_a_reason')],
            },
        ),
        migrations.CreateModel(
            name='Resolution',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=30, unique=True)),
                ('outcome', models.CharField(choices=[('passed', '同意'), ('refused', '不同意'), ('returned', '退回补充')], max_length=10)),
                ('amount_fen', models.BigIntegerField(blank=True, null=True)),
                ('eligible', models.PositiveSmallIntegerField()),
                ('needed', models.PositiveSmallIntegerField()),
                ('yes', models.PositiveSmallIntegerField()),
                ('no', models.PositiveSmallIntegerField()),
                ('returned', models.PositiveSmallIntegerField()),
                ('decided_at', models.DateTimeField()),
                ('decided_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('motion', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='resolution', to='governance.motion')),
            ],
            options={
                'ordering': ['decided_at', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('outcome__in', ['passed', 'refused', 'returned'])), name='resolution_outcome_known'), models.CheckConstraint(condition=models.Q(('amount_fen__isnull', True), models.Q(('amount_fen__gt', 0), ('outcome', 'passed')), _connector='OR'), name='only_a_pass_has_an_amount'), models.CheckConstraint(condition=models.Q(('eligible__gte', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('yes'), '+', models.F('no')), '+', models.F('returned')))), name='no_more_votes_than_voters'), models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'passed'), _negated=True), ('yes__gte', models.F('needed')), _connector='OR'), name='a_pass_has_its_majority')],
            },
        ),
        migrations.CreateModel(
            name='Session',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('year', models.PositiveSmallIntegerField()),
                ('number', models.PositiveSmallIntegerField()),
                ('held_at', models.DateTimeField()),
                ('place', models.CharField(blank=True, max_length=60)),
                ('opened_at', models.DateTimeField(blank=True, null=True)),
                ('members_due', models.PositiveSmallIntegerField(default=0)),
                ('quorum', models.PositiveSmallIntegerField(default=0)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('minutes', bangfu.lib.crypto.EncryptedTextField(default='')),
                ('version', models.PositiveIntegerField(default=1)),
                ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('committee', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sessions', to='governance.committee')),
                ('convened_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('opened_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('recorder', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-held_at', '-pk'],
                'constraints': [models.UniqueConstraint(fields=('committee', 'year', 'number'), name='session_number_once_a_year'), models.CheckConstraint(condition=models.Q(('closed_at__isnull', True), ('closed_at__gte', models.F('opened_at')), _connector='OR'), name='session_closes_after_opening'), models.CheckConstraint(condition=models.Q(('opened_at__isnull', True), ('quorum__gte', 1), _connector='OR'), name='open_session_has_a_quorum')],
            },
        ),
        migrations.AddField(
            model_name='motion',
            name='session',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='motions', to='governance.session'),
        ),
        migrations.CreateModel(
            name='Attendance',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('noted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attendances', to='governance.membership')),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attendances', to='governance.session')),
            ],
            options={
                'ordering': ['at', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('session', 'member'), name='present_once')],
            },
        ),
        migrations.CreateModel(
            name='Vote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('choice', models.CharField(choices=[('yes', '同意'), ('no', '不同意'), ('return', '退回补充')], max_length=10)),
                ('amount_fen', models.BigIntegerField(blank=True, null=True)),
                ('opinion', bangfu.lib.crypto.EncryptedTextField(default='')),
                ('at', models.DateTimeField()),
                ('member', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='votes', to='governance.membership')),
                ('motion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='votes', to='governance.motion')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('motion', 'member'), name='one_vote_per_member'), models.CheckConstraint(condition=models.Q(('choice__in', ['yes', 'no', 'return'])), name='vote_choice_known'), models.CheckConstraint(condition=models.Q(('amount_fen__isnull', True), models.Q(('amount_fen__gt', 0), ('choice', 'yes')), _connector='OR'), name='only_a_yes_has_an_amount')],
            },
        ),
        migrations.AddConstraint(
            model_name='motion',
            constraint=models.UniqueConstraint(fields=('session', 'position'), name='agenda_position_once'),
        ),
    ]
