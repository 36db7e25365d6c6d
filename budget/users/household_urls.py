from django.urls import URLPattern, URLResolver, path

from budget.users import household_views as views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.settings, name="household_settings"),
    path("export/", views.export, name="household_export"),
    path("delete/", views.delete, name="household_delete"),
    path("members/<id:pk>/", views.member, name="membership_edit"),
    path("members/<id:pk>/remove/", views.remove, name="membership_remove"),
    path("invitations/new/", views.invite, name="invitation_create"),
    path("invitations/<id:pk>/resend/", views.invitation_resend, name="invitation_resend"),
    path("invitations/<id:pk>/revoke/", views.invitation_revoke, name="invitation_revoke"),
]
