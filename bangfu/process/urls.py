"""Addresses of cases. An act is a resource: POST /cases/<no>/<verb as a noun>/."""

from django.urls import path

from bangfu.process.views import campaigns, notice, pages, survey, verbs

CASE = "cases/<str:number>/"

urlpatterns = [
    path("", pages.home, name="home"),
    path("cases/", pages.cases, name="cases"),
    path(CASE, pages.case, name="case"),
    path(f"{CASE}approval.pdf", pages.approval, name="case-approval"),
    path(f"{CASE}survey/", survey.survey, name="case-survey"),
    path(f"{CASE}countersignature/", verbs.countersignature, name="case-countersignature"),
    path(f"{CASE}visit-denial/", verbs.visit_denial, name="case-visit-denial"),
    path(f"{CASE}check/", verbs.check, name="case-check"),
    path(f"{CASE}upward/", verbs.upward, name="case-upward"),
    path(f"{CASE}upward-answer/", verbs.upward_answer, name="case-upward-answer"),
    path(f"{CASE}list/", verbs.settlement, name="case-list"),
    path(f"{CASE}removal/", verbs.removal, name="case-removal"),
    path(f"{CASE}notice/", verbs.notice, name="case-notice"),
    path(f"{CASE}notice/draft/", notice.draft, name="case-notice-draft"),
    path(f"{CASE}notice/draft/return/", notice.draft_return, name="case-notice-draft-return"),
    path(f"{CASE}notice/draft/removal/", notice.draft_removal, name="case-notice-draft-removal"),
    path(f"{CASE}notice/confirmation/", notice.confirmation, name="case-notice-confirmation"),
    path(f"{CASE}notice/reuse/", verbs.notice_reuse, name="case-notice-reuse"),
    path(f"{CASE}notice/closure/", verbs.notice_closure, name="case-notice-closure"),
    path(f"{CASE}notice/removal/", verbs.notice_removal, name="case-notice-removal"),
    path(f"{CASE}objection/", verbs.objection, name="case-objection"),
    path(f"{CASE}review/", verbs.review, name="case-review"),
    path(f"{CASE}agenda/", verbs.agenda, name="case-agenda"),
    path(f"{CASE}decision/", verbs.decision, name="case-decision"),
    path(f"{CASE}reservation/", verbs.reservation, name="case-reservation"),
    path(f"{CASE}return/", verbs.returning, name="case-return"),
    path(f"{CASE}withdrawal/", verbs.withdrawal, name="case-withdrawal"),
    path(f"{CASE}refusal/", verbs.refusal, name="case-refusal"),
    path(f"{CASE}second-request/", verbs.second_request, name="case-second-request"),
    path(f"{CASE}follow-up/", verbs.follow_up, name="case-follow-up"),
    path(f"{CASE}closing-report/", verbs.closing_report, name="case-closing-report"),
    path(f"{CASE}paper-request/", verbs.paper_request, name="case-paper-request"),
    path(f"{CASE}papers/", verbs.papers, name="case-papers"),
    path(f"{CASE}papers/<int:pk>/removal/", verbs.paper_removal, name="case-paper-removal"),
    path("campaigns/", campaigns.campaigns, name="campaigns"),
    path("households/<str:number>/cases/", campaigns.household_cases, name="household-cases"),
]
