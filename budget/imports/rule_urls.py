from django.urls import path

from budget.imports import rule_views

urlpatterns = [
    path("", rule_views.rule_list, name="rule_list"),
    path("add/", rule_views.add, name="rule_create"),
    path("trial/", rule_views.trial, name="rule_trial"),
    path("restore/", rule_views.restore, name="rule_restore"),
    path("past/restore/", rule_views.past_back, name="rule_past_restore"),
    path("<id:pk>/", rule_views.edit, name="rule_edit"),
    path("<id:pk>/delete/", rule_views.delete, name="rule_delete"),
    path("<id:pk>/move/", rule_views.move, name="rule_move"),
    path("<id:pk>/past/", rule_views.past, name="rule_past"),
]
