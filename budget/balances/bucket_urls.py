from django.urls import path

from budget.balances import bucket_views as views

urlpatterns = [
    path("", views.bucket_list, name="bucket_list"),
    path("start/", views.start, name="bucket_start"),
    path("shares/", views.shares, name="bucket_shares"),
    path("shares/sum/", views.shares_sum, name="bucket_sum"),
    path("add/", views.add, name="bucket_create"),
    path("<id:pk>/", views.detail, name="bucket_detail"),
    path("<id:pk>/edit/", views.edit, name="bucket_edit"),
    path("<id:pk>/close/", views.close, name="bucket_close"),
    path("<id:pk>/reopen/", views.reopen, name="bucket_reopen"),
    path("<id:pk>/delete/", views.delete, name="bucket_delete"),
]
