from django.urls import path

from budget.goals import views

urlpatterns = [
    path("", views.goal_list, name="goal_list"),
    path("add/", views.add, name="goal_create"),
    path("pace/", views.show_pace, name="goal_pace"),
    path("<id:pk>/", views.detail, name="goal_detail"),
    path("<id:pk>/edit/", views.edit, name="goal_edit"),
    path("<id:pk>/delete/", views.delete, name="goal_delete"),
    path("<id:pk>/deposit/", views.deposit, name="goal_deposit"),
    path("<id:pk>/withdraw/", views.withdraw, name="goal_withdraw"),
    path("<id:pk>/pace/", views.show_pace, name="goal_pace"),
    path("<id:pk>/landing/", views.landing, name="goal_landing"),
    path("<id:pk>/close/", views.close, name="goal_close"),
]
