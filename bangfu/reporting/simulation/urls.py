from django.urls import path

from bangfu.reporting.simulation import views, views_findings, views_policy

urlpatterns = [
    path("simulations/", views.simulations, name="simulations"),
    path("simulations/snapshot/", views.simulation_snapshot, name="simulation-snapshot"),
    path("simulations/<int:pk>/", views.simulation, name="simulation"),
    path("simulations/<int:pk>/households/", views.simulation_rows, name="simulation-rows"),
    path("simulations/<int:pk>/households/<int:row>/", views.simulation_row, name="simulation-row"),
    path("simulations/<int:pk>/xlsx/", views.simulation_workbook, name="simulation-workbook"),
    path("simulations/<int:pk>/cancellation/", views.simulation_cancellation, name="simulation-cancellation"),
    path("simulations/<int:pk>/repetition/", views.simulation_repetition, name="simulation-repetition"),
    path("simulations/of-draft/<int:pk>/", views_policy.draft_simulation, name="draft-simulation"),
    path("simulations/of-version/<int:pk>/preview/", views_policy.adjustment_preview, name="adjustment-preview"),
    path("findings/", views_findings.findings, name="findings"),
    path("findings/search/", views_findings.findings_search, name="findings-search"),
    path("findings/<int:pk>/setting-aside/", views_findings.finding_setting_aside, name="finding-setting-aside"),
    path("findings/<int:pk>/taking-up/", views_findings.finding_taking_up, name="finding-taking-up"),
]
