from django.urls import path

from budget.imports import account_views, column_views, line_views, mapping_views, views

urlpatterns = [
    path("", views.import_list, name="import_list"),
    path("upload/", views.upload, name="import_upload"),
    path("<id:pk>/", views.detail, name="import_detail"),
    path("<id:pk>/columns/", column_views.columns, name="import_columns"),
    path("<id:pk>/wallets/", account_views.wallets, name="import_wallets"),
    path("<id:pk>/lines/", line_views.lines, name="import_lines"),
    path("lines/<id:pk>/", line_views.line, name="import_line"),
    path("<id:pk>/confirm/", views.confirm, name="import_confirm"),
    path("<id:pk>/progress/", views.told, name="import_progress"),
    path("<id:pk>/undo/", views.undo, name="import_undo"),
    path("<id:pk>/discard/", views.discard, name="import_discard"),
    path("columns/", mapping_views.mapping_list, name="mapping_list"),
    path("columns/<id:pk>/", mapping_views.edit, name="mapping_edit"),
    path("columns/<id:pk>/delete/", mapping_views.delete, name="mapping_delete"),
    path("accounts/<id:pk>/forget/", account_views.forget, name="knownaccount_forget"),
]
