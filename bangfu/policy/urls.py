from django.urls import path

from bangfu.policy import views

urlpatterns = [
    path("policies/", views.policies, name="policies"),
    path("policies/<int:pk>/", views.policy, name="policy"),
    path("policies/<int:pk>/text/", views.policy_text, name="policy-text"),
    path("assessments/<int:pk>/", views.assessment, name="assessment"),
]
