from django.urls import path

from bangfu.access import views

urlpatterns = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("kept-form/", views.kept_form, name="kept-form"),
    path("me/", views.me, name="me"),
    path("healthz", views.healthz, name="healthz"),
    path("elder/", views.elder, name="elder"),
    path("units/", views.units, name="units"),
    path("posts/", views.posts, name="posts"),
    path("posts/<int:pk>/ending/", views.post_ending, name="post-ending"),
    path("posts/<int:pk>/password/", views.post_password, name="post-password"),
    path("holidays/", views.holidays, name="holidays"),
    path("holidays/<int:pk>/removal/", views.holiday_removal, name="holiday-removal"),
]
