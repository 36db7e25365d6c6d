from django.urls import path

from budget.transactions import views

urlpatterns = [
    path("", views.transaction_list, name="transaction_list"),
    path("add/", views.add, name="transaction_create"),
    path("landing/", views.landing, name="transaction_landing"),
    path("parts/", views.parts, name="transaction_parts"),
    path("restore/", views.restore, name="transaction_restore"),
    path("<id:pk>/", views.edit, name="transaction_edit"),
    path("<id:pk>/point/", views.point, name="transaction_point"),
    path("<id:pk>/delete/", views.delete, name="transaction_delete"),
]
