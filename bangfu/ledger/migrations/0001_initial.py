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
            name='Fund',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=20)),
                ('name', models.CharField(max_length=60)),
                ('subject_code', models.CharField(max_length=10)),
                ('cap_fen', models.BigIntegerField()),
                ('balance_fen', models.BigIntegerField(default=0)),
                ('reserved_fen', models.BigIntegerField(default=0)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.unit')),
            ],
            options={
                'ordering': ['unit_id', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('unit', 'code'), name='fund_code_once'), models.CheckConstraint(condition=models.Q(('balance_fen__gte', 0)), name='fund_balance_not_negative'), models.CheckConstraint(condition=models.Q(('reserved_fen__gte', 0), ('reserved_fen__lte', models.F('balance_fen'))), name='fund_reserved_within_balance'), models.CheckConstraint(condition=models.Q(('cap_fen__gt', 0)), name='fund_cap_positive')],
            },
        ),
        migrations.CreateModel(
            name='Batch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=40, unique=True)),
                ('form_key', models.CharField(max_length=64, unique=True)),
                ('total_fen', models.BigIntegerField()),
                ('count', models.PositiveIntegerField()),
                ('made_at', models.DateTimeField()),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('fund', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='batches', to='ledger.fund')),
            ],
            options={
                'ordering': ['-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('total_fen__gt', 0), ('count__gt', 0)), name='batch_not_empty')],
            },
        ),
        migrations.CreateModel(
            name='Hold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('origin', models.CharField(db_index=True, max_length=80)),
                ('reason', models.CharField(max_length=200)),
                ('placed_at', models.DateTimeField()),
                ('lifted_at', models.DateTimeField(null=True)),
                ('lifted_why', models.CharField(blank=True, max_length=200)),
                ('lifted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('placed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.unit')),
            ],
            options={
                'ordering': ['-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('lifted_at__isnull', True)), fields=('origin', 'reason'), name='hold_open_once'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='hold_has_reason'), models.CheckConstraint(condition=models.Q(('lifted_at__isnull', True), models.Q(('lifted_by__isnull', False), models.Q(('lifted_why', ''), _negated=True)), _connector='OR'), name='hold_lifted_by_someone')],
            },
        ),
        migrations.CreateModel(
            name='Restriction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(blank=True, max_length=20)),
                ('title', models.CharField(max_length=60)),
                ('programmes', models.JSONField(blank=True, default=list)),
                ('balance_fen', models.BigIntegerField(default=0)),
                ('reserved_fen', models.BigIntegerField(default=0)),
                ('fund', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='restrictions', to='ledger.fund')),
            ],
            options={
                'ordering': ['fund_id', 'code'],
                'constraints': [models.UniqueConstraint(fields=('fund', 'code'), name='restriction_code_once'), models.CheckConstraint(condition=models.Q(('balance_fen__gte', 0)), name='restriction_balance_not_negative'), models.CheckConstraint(condition=models.Q(('reserved_fen__gte', 0), ('reserved_fen__lte', models.F('balance_fen'))), name='restriction_reserved_within_balance')],
            },
        ),
        migrations.CreateModel(
            name='Disbursement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('entitlement_key', models.CharField(max_length=120)),
                ('origin', models.CharField(db_index=True, max_length=80)),
                ('reference', models.CharField(blank=True, max_length=40)),
                ('programme', models.CharField(max_length=60)),
                ('purpose', models.CharField(max_length=60)),
                ('household_no', models.CharField(blank=True, db_index=True, max_length=30)),
                ('person', models.CharField(blank=True, max_length=60)),
                ('payee_name', models.CharField(max_length=60)),
                ('amount_fen', models.BigIntegerField()),
                ('method', models.CharField(choices=[('bank', '银行转账'), ('cash', '现金')], max_length=10)),
                ('bank_name', models.CharField(blank=True, max_length=60)),
                ('card', bangfu.lib.crypto.EncryptedTextField(null=True)),
                ('card_tail4', models.CharField(blank=True, max_length=4)),
                ('check_code', models.CharField(max_length=14, unique=True)),
                ('state', models.CharField(choices=[('reserved', '待付'), ('sent', '已送银行'), ('paid', '已付'), ('released', '已取消'), ('reversed', '已冲销')], default='reserved', max_length=10)),
                ('reserved_at', models.DateTimeField()),
                ('paid_at', models.DateTimeField(null=True)),
                ('paid_day', models.DateField(null=True)),
                ('bank_ref', models.CharField(blank=True, max_length=60)),
                ('payee_signed_at', models.DateTimeField(null=True)),
                ('payer_signed_at', models.DateTimeField(null=True)),
                ('receipted_at', models.DateTimeField(null=True)),
                ('paid_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('payee_account', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reserved_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.unit')),
                ('fund', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='disbursements', to='ledger.fund')),
                ('restriction', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.restriction')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['released', 'reversed']), _negated=True), fields=('entitlement_key',), name='entitlement_paid_once'), models.CheckConstraint(condition=models.Q(('amount_fen__gt', 0)), name='disbursement_amount_positive'), models.CheckConstraint(condition=models.Q(('state__in', ['reserved', 'sent', 'paid', 'released', 'reversed'])), name='disbursement_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('paid_at__isnull', False), ('paid_by__isnull', False), ('paid_day__isnull', False), ('state__in', ['paid', 'reversed'])), models.Q(('paid_at__isnull', True), ('paid_by__isnull', True), ('paid_day__isnull', True), ('state__in', ['reserved', 'sent', 'released'])), _connector='OR'), name='disbursement_paid_says_when_and_who'), models.CheckConstraint(condition=models.Q(models.Q(('payee_signed_at__isnull', True), ('receipted_at__isnull', True)), models.Q(('payer_signed_at__isnull', True), ('receipted_at__isnull', True)), models.Q(('payee_signed_at__isnull', False), ('payer_signed_at__isnull', False), ('receipted_at__isnull', False)), _connector='OR'), name='disbursement_receipted_when_both_signed'), models.CheckConstraint(condition=models.Q(('paid_at__isnull', False), models.Q(('payee_signed_at__isnull', True), ('payer_signed_at__isnull', True)), _connector='OR'), name='disbursement_signed_only_when_paid'), models.CheckConstraint(condition=models.Q(('method__in', ['bank', 'cash'])), name='disbursement_method_known')],
                'indexes': [models.Index(fields=['fund', 'state', 'method'], name='disbursement_by_state'), models.Index(fields=['restriction', 'state'], name='disbursement_by_restriction')],
            },
        ),
        migrations.CreateModel(
            name='Subject',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=10)),
                ('name', models.CharField(max_length=60)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.unit')),
            ],
            options={
                'ordering': ['code'],
                'constraints': [models.UniqueConstraint(fields=('unit', 'code'), name='subject_code_once'), models.CheckConstraint(condition=models.Q(('code__startswith', '1'), ('code__startswith', '2'), ('code__startswith', '3'), ('code__startswith', '4'), ('code__startswith', '5'), _connector='OR'), name='subject_kind_known')],
            },
        ),
        migrations.CreateModel(
            name='Voucher',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('month', models.CharField(max_length=7)),
                ('number', models.PositiveIntegerField()),
                ('kind', models.CharField(choices=[('income', '收入'), ('payment', '支出'), ('reversal', '红字冲销')], max_length=10)),
                ('day', models.DateField()),
                ('summary', models.CharField(max_length=200)),
                ('form_key', models.CharField(max_length=64, unique=True)),
                ('made_at', models.DateTimeField()),
                ('fund', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='vouchers', to='ledger.fund')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['-day', '-pk'],
                'constraints': [models.UniqueConstraint(fields=('fund', 'month', 'number'), name='voucher_number_once'), models.CheckConstraint(condition=models.Q(('number__gt', 0)), name='voucher_number_positive'), models.CheckConstraint(condition=models.Q(('kind__in', ['income', 'payment', 'reversal'])), name='voucher_kind_known')],
            },
        ),
        migrations.CreateModel(
            name='Posting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.PositiveIntegerField()),
                ('day', models.DateField()),
                ('debit', models.CharField(max_length=10)),
                ('credit', models.CharField(max_length=10)),
                ('amount_fen', models.BigIntegerField()),
                ('source', models.CharField(blank=True, max_length=4)),
                ('household_no', models.CharField(blank=True, max_length=30)),
                ('person', models.CharField(blank=True, max_length=60)),
                ('programme', models.CharField(blank=True, max_length=60)),
                ('entitlement_key', models.CharField(blank=True, max_length=120)),
                ('disbursement', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='postings', to='ledger.disbursement')),
                ('fund', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.fund')),
                ('reverses', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversed_by', to='ledger.posting')),
                ('restriction', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.restriction')),
                ('voucher', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='postings', to='ledger.voucher')),
            ],
            options={
                'ordering': ['voucher_id', 'line'],
                'constraints': [models.UniqueConstraint(fields=('voucher', 'line'), name='posting_line_once'), models.CheckConstraint(condition=models.Q(('amount_fen__gt', 0)), name='posting_amount_positive'), models.CheckConstraint(condition=models.Q(('debit', models.F('credit')), _negated=True), name='posting_two_sides'), models.UniqueConstraint(condition=models.Q(('disbursement__isnull', False)), fields=('disbursement', 'voucher'), name='posting_once_per_voucher')],
                'indexes': [models.Index(fields=['fund', 'day'], name='posting_by_fund_day'), models.Index(fields=['restriction'], name='posting_by_restriction')],
            },
        ),
        migrations.CreateModel(
            name='BatchLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.PositiveIntegerField()),
                ('amount_fen', models.BigIntegerField()),
                ('payee_name', models.CharField(max_length=60)),
                ('bank_name', models.CharField(blank=True, max_length=60)),
                ('card', bangfu.lib.crypto.EncryptedTextField()),
                ('card_tail4', models.CharField(max_length=4)),
                ('state', models.CharField(choices=[('pending', '等银行结果'), ('paid', '成功'), ('failed', '失败')], default='pending', max_length=10)),
                ('reason', models.CharField(blank=True, max_length=200)),
                ('bank_ref', models.CharField(blank=True, max_length=60)),
                ('decided_at', models.DateTimeField(null=True)),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='ledger.batch')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('disbursement', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='ledger.disbursement')),
            ],
            options={
                'ordering': ['batch_id', 'line'],
                'constraints': [models.UniqueConstraint(fields=('batch', 'line'), name='batch_line_once'), models.UniqueConstraint(condition=models.Q(('state__in', ['pending', 'paid'])), fields=('disbursement',), name='one_live_attempt_per_disbursement'), models.CheckConstraint(condition=models.Q(('amount_fen__gt', 0)), name='batch_line_amount_positive'), models.CheckConstraint(condition=models.Q(('state__in', ['pending', 'paid', 'failed'])), name='batch_line_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'failed'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='batch_line_failure_has_reason'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('state', 'pending')), models.Q(models.Q(('state', 'pending'), _negated=True), ('decided_at__isnull', False)), _connector='OR'), name='batch_line_decided_when_not_pending')],
            },
        ),
    ]
