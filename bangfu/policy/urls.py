from django.urls import path

from bangfu.policy import views, views_difference, views_drafts

urlpatterns = [
    path("policies/", views.policies, name="policies"),
    path("policies/<int:pk>/", views.policy, name="policy"),
    path("policies/<int:pk>/text/", views.policy_text, name="policy-text"),
    path("policies/<int:pk>/changes/", views_difference.policy_changes, name="policy-changes"),
    path("policies/<int:pk>/zip/", views_drafts.policy_zip, name="policy-zip"),
    path("policies/<int:pk>/adjustment/", views_drafts.adjustment, name="policy-adjustment"),
    path("policies/drafts/", views_drafts.policy_drafts, name="policy-drafts"),
    path("policies/drafts/<int:pk>/", views_drafts.policy_draft, name="policy-draft"),
    path("policies/drafts/<int:pk>/zip/", views_drafts.draft_zip, name="policy-draft-zip"),
    path("policies/drafts/<int:pk>/submission/", views_drafts.draft_submission, name="policy-draft-submission"),
    path("policies/drafts/<int:pk>/adoption/", views_drafts.draft_adoption, name="policy-draft-adoption"),
    path("policies/drafts/<int:pk>/agenda/", views_drafts.draft_agenda, name="policy-draft-agenda"),
    path("policies/drafts/<int:pk>/return/", views_drafts.draft_return, name="policy-draft-return"),
    path("policies/drafts/<int:pk>/withdrawal/", views_drafts.draft_withdrawal, name="policy-draft-withdrawal"),
    path("assessments/<int:pk>/", views.assessment, name="assessment"),
    path("assessments/<int:pk>/today/", views_difference.assessment_today, name="assessment-today"),
    path("assessments/<int:pk>/trace/", views.assessment_trace, name="assessment-trace"),
    path("assessments/<int:pk>/replay/", views.assessment_replay, name="assessment-replay"),
]
