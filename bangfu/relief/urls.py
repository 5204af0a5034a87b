"""Addresses of applications: filing for a worker, taking up, and what she wrote."""

from django.urls import path

from bangfu.relief import views

urlpatterns = [
    path("cases/new/", views.new, name="case-new"),
    path("households/<str:number>/cases/new/", views.of_household, name="household-case-new"),
    path("cases/<str:number>/acceptance/", views.acceptance, name="case-acceptance"),
    path("cases/<str:number>/application/", views.application, name="case-application"),
    path("cases/<str:number>/answers/", views.answers, name="case-answers"),
]
