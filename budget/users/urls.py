from django.urls import URLPattern, URLResolver, path

from budget.users import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("me/", views.me, name="me"),
    path("me/households/<slug:slug>/leave/", views.household_leave, name="me_household_leave"),
    path("households/new/", views.household_new, name="household_create"),
    path("invitations/<slug:token>/", views.invitation, name="invitation"),
    # In front of allauth's own page, which costs several queries a session.
    path("accounts/sessions/", views.devices, name="usersessions_list"),
]
