from django.urls import path

from bangfu.notify import views

urlpatterns = [path("messages/", views.messages, name="messages")]
