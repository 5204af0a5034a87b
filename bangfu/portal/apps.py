from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    name = "bangfu.portal"
    verbose_name = _("职工手机页与公开页")
    default_auto_field = "django.db.models.BigAutoField"
