from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccessConfig(AppConfig):
    name = "bangfu.access"
    verbose_name = _("组织与权限")
    default_auto_field = "django.db.models.BigAutoField"
