from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GovernanceConfig(AppConfig):
    name = "bangfu.governance"
    verbose_name = _("委员会·联席会议")
    default_auto_field = "django.db.models.BigAutoField"
