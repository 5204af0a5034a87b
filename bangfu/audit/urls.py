from django.urls import path

from bangfu.audit import views

urlpatterns = [path("record/", views.record, name="record")]
