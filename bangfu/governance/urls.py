from django.urls import path

from bangfu.governance import views

urlpatterns = [
    path("sessions/", views.sessions, name="sessions"),
    path("sessions/<int:pk>/", views.session, name="session"),
    path("sessions/<int:pk>/date/", views.session_date, name="session-date"),
    path("sessions/<int:pk>/attendance/", views.session_attendance, name="session-attendance"),
    path("sessions/<int:pk>/opening/", views.session_opening, name="session-opening"),
    path("sessions/<int:pk>/closure/", views.session_closure, name="session-closure"),
    path("sessions/<int:pk>/minutes/", views.session_minutes, name="session-minutes"),
    path("sessions/<int:pk>/signature/", views.session_signature, name="session-signature"),
    path("motions/<int:pk>/", views.motion, name="motion"),
    path("motions/<int:pk>/amount/", views.motion_amount, name="motion-amount"),
    path("motions/<int:pk>/vote/", views.motion_vote, name="motion-vote"),
    path("motions/<int:pk>/recusal/", views.motion_recusal, name="motion-recusal"),
    path("motions/<int:pk>/resolution/", views.motion_resolution, name="motion-resolution"),
    path("motions/<int:pk>/removal/", views.motion_removal, name="motion-removal"),
    path("committees/", views.committees, name="committees"),
    path("committees/<int:pk>/", views.committee, name="committee"),
    path("committees/seats/<int:pk>/ending/", views.seat_ending, name="seat-ending"),
]
