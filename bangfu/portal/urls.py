from django.urls import path

from bangfu.portal.views import application, guide, mine, open, progress

urlpatterns = [
    path("my/", mine.home, name="my"),
    path("my/application/", application.start, name="my-application-start"),
    path("my/application/removal/", application.drop, name="my-application-removal"),
    path("my/application/family/<int:place>/typed/", application.typed, {"step": "family"}, name="my-application-member-typed"),
    path("my/application/family/<int:place>/", application.member, name="my-application-member"),
    path("my/application/<slug:step>/typed/", application.typed, name="my-application-typed"),
    path("my/application/<slug:step>/", application.page, name="my-application"),
    path("my/applications/<str:number>/", progress.progress, name="my-progress"),
    path("my/applications/<str:number>/sent/", progress.sent, name="my-application-sent"),
    path("my/applications/<str:number>/papers/", progress.papers, name="my-papers"),
    path("my/applications/<str:number>/withdrawal/", progress.withdrawal, name="my-withdrawal"),
    path("my/applications/<str:number>/second-request/", progress.second_request, name="my-second-request"),
    path("my/applications/<str:number>/receipt/", progress.receipt, name="my-receipt"),
    path("my/file/", mine.file, name="my-file"),
    path("my/who-saw/", mine.seen, name="my-who-saw"),
    path("my/consents/", mine.my_consents, name="my-consents"),
    path("my/copy/", mine.copy, name="my-copy"),
    path("help/", guide.help_page, name="help"),
    path("check/", open.check_form, name="check-form"),
    path("check/<str:code>/", open.check, name="check"),
    path("open/policies/<slug:org>/", open.rules, name="open-policies"),
]
