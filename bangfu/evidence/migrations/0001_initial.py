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
            name='File',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sha256', models.CharField(max_length=64)),
                ('address', models.CharField(max_length=64)),
                ('size', models.PositiveIntegerField()),
                ('media_type', models.CharField(max_length=100)),
                ('name', bangfu.lib.crypto.EncryptedTextField()),
                ('stored_at', models.DateTimeField()),
                ('stored_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='access.unit')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('size__gt', 0)), name='file_not_empty')],
                'indexes': [models.Index(fields=['address'], name='file_by_address')],
            },
        ),
        migrations.CreateModel(
            name='SignOff',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject', models.CharField(db_index=True, max_length=80)),
                ('document_sha256', models.CharField(max_length=64)),
                ('signer_name', models.CharField(max_length=60)),
                ('role', models.CharField(max_length=40)),
                ('how', models.CharField(choices=[('drawn', '手写屏签'), ('paper', '纸面签字拍照'), ('clicked', '登录确认')], max_length=10)),
                ('at', models.DateTimeField()),
                ('account', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('image', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='evidence.file')),
                ('recorded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('subject', 'document_sha256', 'role', 'signer_name'), name='signed_once_in_a_role'), models.CheckConstraint(condition=models.Q(('how', 'clicked'), ('image__isnull', False), _connector='OR'), name='signature_has_its_image')],
            },
        ),
    ]
