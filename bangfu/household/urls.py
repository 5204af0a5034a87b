from django.urls import path

from bangfu.household.views import file, lists, roster, transfers

urlpatterns = [
    path("search/", lists.search, name="search"),
    path("households/", lists.households, name="households"),
    path("households/new/", file.household_new, name="household-new"),
    path("households/export/", lists.household_export, name="household-export"),
    path("households/style/", lists.household_style, name="household-style"),
    path("households/views/", lists.household_views, name="household-views"),
    path("households/views/<int:pk>/removal/", lists.household_view_removal, name="household-view-removal"),
    path("households/<str:number>/", file.household, name="household"),
    path("households/<str:number>/file.pdf", file.household_print, name="household-print"),
    path("households/<str:number>/reveal/", file.household_reveal, name="household-reveal"),
    path("households/<str:number>/state/", file.household_state, name="household-state"),
    path("households/<str:number>/edit/<slug:section>/", file.household_section, name="household-section"),
    path("households/<str:number>/members/<int:pk>/", file.household_member, name="household-member"),
    path("households/<str:number>/discrepancies/<int:pk>/", file.household_discrepancy, name="household-discrepancy"),
    path("households/<str:number>/outside/<int:pk>/voiding/", file.outside_void, name="household-outside-void"),
    path("transfers/", transfers.transfers, name="transfers"),
    path("transfers/<int:pk>/acceptance/", transfers.transfer_acceptance, name="transfer-acceptance"),
    path("transfers/<int:pk>/refusal/", transfers.transfer_refusal, name="transfer-refusal"),
    path("transfers/<int:pk>/taking-back/", transfers.transfer_taking_back, name="transfer-taking-back"),
    path("staff/", roster.staff_list, name="staff-list"),
    path("staff/new/", roster.staff_new, name="staff-new"),
    path("staff/<int:pk>/", roster.staff, name="staff"),
    path("staff/<int:pk>/edit/", roster.staff_edit, name="staff-edit"),
    path("staff/<int:pk>/reveal/", roster.staff_reveal, name="staff-reveal"),
]
