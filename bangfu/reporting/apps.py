from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportingConfig(AppConfig):
    name = "bangfu.reporting"
    verbose_name = _("统计上报")
    default_auto_field = "django.db.models.BigAutoField"
