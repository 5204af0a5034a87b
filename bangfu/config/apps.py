from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "bangfu.config"

    def ready(self) -> None:
        from bangfu import wiring
        from bangfu.config import checks  # noqa: F401

        wiring.connect()
