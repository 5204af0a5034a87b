from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('household', '0003_words_views_transfers'),
    ]

    operations = [
        migrations.AddField(
            model_name='household',
            name='survivor_of',
            field=models.CharField(blank=True, max_length=30, verbose_name='哪位职工的遗属'),
        ),
    ]
