from django.urls import path

from budget.archives import views

urlpatterns = [
    path("", views.archive_list, name="archive_list"),
    path("close/", views.archive_close_older, name="archive_close_older"),
    path("<slug:code>/", views.archive_detail, name="archive_detail"),
    path("<slug:code>/close/", views.archive_close, name="archive_close"),
    path("<slug:code>/reopen/", views.archive_reopen, name="archive_reopen"),
    path("<slug:code>/hide/", views.archive_hide, name="archive_hide"),
    path("<slug:code>/show/", views.archive_show, name="archive_show"),
    path("<slug:code>/erase/", views.archive_erase, name="archive_erase"),
    path("<slug:code>/download/", views.archive_download, name="archive_download"),
]
