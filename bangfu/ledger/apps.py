from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LedgerConfig(AppConfig):
    name = "bangfu.ledger"
    verbose_name = _("资金")
    default_auto_field = "django.db.models.BigAutoField"
