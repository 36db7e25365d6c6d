from django.urls import path

from budget.balances import wallet_views as views

urlpatterns = [
    path("", views.wallet_list, name="wallet_list"),
]
