from django.urls import include, path

from bangfu.reporting import views

urlpatterns = [
    path("figures/", views.figures, name="figures"),
    path("", include("bangfu.reporting.simulation.urls")),
]
