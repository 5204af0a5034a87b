from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DisclosureConfig(AppConfig):
    name = "bangfu.disclosure"
    verbose_name = _("公示·厂务公开")
    default_auto_field = "django.db.models.BigAutoField"
