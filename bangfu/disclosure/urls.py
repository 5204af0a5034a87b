from django.urls import path

from bangfu.disclosure import views

urlpatterns = [
    path("notices/", views.notices, name="notices"),
    path("notices/<int:pk>/", views.notice, name="notice"),
    path("notices/<int:pk>/objections/", views.notice_objection, name="notice-objection"),
    path("notices/<int:pk>/cuttings/", views.notice_cutting, name="notice-cutting"),
    path("notices/<int:pk>/removal/", views.notice_removal, name="notice-removal"),
    path("notices/<int:pk>/print/<slug:channel>/", views.notice_print, name="notice-print"),
    path("notices/<int:pk>/proof/", views.notice_proof, name="notice-proof"),
    path("objections/<int:pk>/", views.objection, name="objection"),
    path("objections/<int:pk>/answer/", views.objection_answer, name="objection-answer"),
    path("objections/<int:pk>/objector/", views.objection_objector, name="objection-objector"),
    path("open/notices/<str:token>/", views.open_notice, name="open-notice"),
    path("open/notices/<str:token>/objection/", views.open_objection, name="open-objection"),
    path("open/objections/<str:token>/", views.open_answer, name="open-answer"),
]
