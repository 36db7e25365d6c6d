from django.urls import path

from budget.demo import views

urlpatterns = [
    path("demo/", views.demo_enter, name="demo_enter"),
]
