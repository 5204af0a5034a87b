from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LibConfig(AppConfig):
    name = "bangfu.lib"
    verbose_name = _("公用件")
    default_auto_field = "django.db.models.BigAutoField"
