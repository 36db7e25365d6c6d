from django.urls import path

from budget.planning import views

urlpatterns = [
    path("", views.overview, name="overview"),
]
