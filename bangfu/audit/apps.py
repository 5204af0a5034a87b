from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    name = "bangfu.audit"
    verbose_name = _("留痕")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from bangfu.audit.triggers import after_migrate

        # The one signal we allow: a later ALTER on SQLite silently drops triggers (building.md).
        post_migrate.connect(after_migrate, sender=self, dispatch_uid="append-only")
