from django.urls import path

from budget.balances import person_views

urlpatterns = [
    path("", person_views.person_list, name="person_list"),
    path("add/", person_views.add, name="person_create"),
    path("unsettle/", person_views.unsettle, name="person_unsettle"),
    path("<id:pk>/", person_views.detail, name="person_detail"),
    path("<id:pk>/edit/", person_views.edit, name="person_edit"),
    path("<id:pk>/delete/", person_views.delete, name="person_delete"),
    path("<id:pk>/settle/", person_views.settle, name="person_settle"),
]
