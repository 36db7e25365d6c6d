from django.urls import path

from budget.balances import wallet_views as views

urlpatterns = [
    path("", views.wallet_list, name="wallet_list"),
    path("add/", views.add, name="wallet_create"),
    path("<id:pk>/", views.detail, name="wallet_detail"),
    path("<id:pk>/edit/", views.edit, name="wallet_edit"),
    path("<id:pk>/move/", views.move, name="wallet_move"),
    path("<id:pk>/close/", views.close, name="wallet_close"),
    path("<id:pk>/reopen/", views.reopen, name="wallet_reopen"),
    path("<id:pk>/delete/", views.delete, name="wallet_delete"),
]
