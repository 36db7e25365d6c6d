from django.urls import path

from budget.planning import views

urlpatterns = [
    path("", views.overview, name="overview"),
    path("budget/", views.budget, name="budget"),
    path("categories/", views.category_list, name="category_list"),
    path("categories/add/", views.category_add, name="category_create"),
    path("categories/<id:pk>/", views.category_detail, name="category_detail"),
    path("categories/<id:pk>/edit/", views.category_edit, name="category_edit"),
    path("categories/<id:pk>/delete/", views.category_delete, name="category_delete"),
]
