from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DemoConfig(AppConfig):
    name = "bangfu.demo"
    verbose_name = _("示范数据")
    default_auto_field = "django.db.models.BigAutoField"
