from django.urls import path

from bangfu.reporting import views

urlpatterns = [path("figures/", views.figures, name="figures")]
