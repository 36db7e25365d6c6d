from django.urls import path

from budget.imports import views

urlpatterns = [
    path("", views.import_list, name="import_list"),
    path("upload/", views.upload, name="import_upload"),
    path("<id:pk>/", views.detail, name="import_detail"),
    path("<id:pk>/confirm/", views.confirm, name="import_confirm"),
    path("<id:pk>/progress/", views.told, name="import_progress"),
    path("<id:pk>/undo/", views.undo, name="import_undo"),
    path("<id:pk>/discard/", views.discard, name="import_discard"),
]
