from django.urls import path

from budget.balances import reconciliation_views as views

urlpatterns = [
    path("", views.reconciliation_list, name="reconciliation_list"),
    path("add/", views.add, name="reconciliation_create"),
    path("unpoint/", views.point_back, name="reconciliation_point_back"),
    path("<id:pk>/", views.detail, name="reconciliation_detail"),
    path("<id:pk>/edit/", views.edit, name="reconciliation_edit"),
    path("<id:pk>/point/", views.point_all, name="reconciliation_point_all"),
    path("<id:pk>/close/", views.close, name="reconciliation_close"),
    path("<id:pk>/reopen/", views.reopen, name="reconciliation_reopen"),
    path("<id:pk>/cancel/", views.cancel, name="reconciliation_cancel"),
]
