from django.urls import path

from bangfu.household.imports import views

urlpatterns = [
    path("imports/", views.imports, name="imports"),
    path("imports/template/<slug:kind>/", views.import_template, name="import-template"),
    path("imports/look-up/", views.import_look_up, name="import-look-up"),
    path("imports/<int:pk>/", views.import_batch, name="import"),
    path("imports/<int:pk>/columns/", views.import_columns, name="import-columns"),
    path("imports/<int:pk>/sheet/", views.import_sheet, name="import-sheet"),
    path("imports/<int:pk>/continuation/", views.import_continuation, name="import-continuation"),
    path("imports/<int:pk>/fixes/", views.import_fixes, name="import-fixes"),
    path("imports/<int:pk>/acceptances/<int:discrepancy>/", views.import_acceptance, name="import-acceptance"),
    path("imports/<int:pk>/writing/", views.import_writing, name="import-writing"),
    path("imports/<int:pk>/undoing/", views.import_undoing, name="import-undoing"),
    path("imports/<int:pk>/dropping/", views.import_dropping, name="import-dropping"),
    path("imports/<int:pk>/bad-rows/", views.import_bad_rows, name="import-bad-rows"),
    path("imports/<int:pk>/rows/", views.import_rows, name="import-rows"),
]
