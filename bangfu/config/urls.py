"""Every address of the product; who may is config/access_table.py."""

from django.urls import include, path

handler400 = "bangfu.access.errors.bad_request"
handler403 = "bangfu.access.errors.forbidden"
handler404 = "bangfu.access.errors.not_found"
handler500 = "bangfu.access.errors.server_error"

urlpatterns = [
    path("", include("bangfu.lib.urls")),
    path("", include("bangfu.access.urls")),
    path("", include("bangfu.audit.urls")),
    path("", include("bangfu.notify.urls")),
    path("", include("bangfu.evidence.urls")),
    path("", include("bangfu.ledger.urls")),
    path("", include("bangfu.reporting.urls")),
    path("", include("bangfu.governance.urls")),
    path("", include("bangfu.household.urls")),
    path("", include("bangfu.household.imports.urls")),
    path("", include("bangfu.policy.urls")),
    path("", include("bangfu.disclosure.urls")),
    path("", include("bangfu.relief.urls")),
    path("", include("bangfu.process.urls")),
    path("", include("bangfu.portal.urls")),
]
