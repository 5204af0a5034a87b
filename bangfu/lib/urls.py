from django.urls import path

from bangfu.lib import views

urlpatterns = [
    path("kit/", views.kit, name="kit"),
    path("kit/phone/", views.kit_phone, name="kit-phone"),
]
