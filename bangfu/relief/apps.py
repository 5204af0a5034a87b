from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReliefConfig(AppConfig):
    name = "bangfu.relief"
    verbose_name = _("困难帮扶")
    default_auto_field = "django.db.models.BigAutoField"
