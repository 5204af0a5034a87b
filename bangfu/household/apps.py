from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HouseholdConfig(AppConfig):
    name = "bangfu.household"
    verbose_name = _("建档立卡")
    default_auto_field = "django.db.models.BigAutoField"
