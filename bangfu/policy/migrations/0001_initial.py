import django.core.validators
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
            name='Version',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pack', models.SlugField(max_length=40, verbose_name='代号')),
                ('title', models.CharField(max_length=400, verbose_name='名称')),
                ('issuer', models.CharField(max_length=400, verbose_name='发布单位')),
                ('document_no', models.CharField(blank=True, max_length=400, verbose_name='文号')),
                ('content', models.BinaryField()),
                ('sha256', models.CharField(max_length=64, validators=[django.core.validators.RegexValidator('^[0-9a-f]{64}$')])),
                ('valid_from', models.DateField(verbose_name='施行日期')),
                ('valid_to', models.DateField(blank=True, null=True, verbose_name='失效日期')),
                ('adopted_at', models.DateTimeField()),
                ('adopted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organisation', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.unit')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='policy_versions', to='access.unit')),
            ],
            options={
                'ordering': ['pack', '-valid_from'],
                'constraints': [models.UniqueConstraint(fields=('unit', 'pack', 'valid_from'), name='policy_one_version_from_a_day'), models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_to__gt', models.F('valid_from')), _connector='OR'), name='policy_version_ends_later')],
            },
        ),
        migrations.CreateModel(
            name='Assessment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.CharField(db_index=True, max_length=80)),
                ('on_date', models.DateField()),
                ('facts', models.TextField()),
                ('outcome', models.CharField(choices=[('eligible', '符合'), ('not_eligible', '不符合'), ('unknown', '待查')], max_length=20)),
                ('class_code', models.CharField(blank=True, max_length=40)),
                ('result', models.TextField()),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.unit')),
                ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assessments', to='policy.version')),
            ],
            options={
                'ordering': ['-at', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('outcome__in', ['eligible', 'not_eligible', 'unknown'])), name='policy_assessment_outcome_known')],
            },
        ),
    ]
