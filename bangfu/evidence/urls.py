from django.urls import path

from bangfu.evidence import views

urlpatterns = [path("files/<int:pk>/", views.file, name="file")]
