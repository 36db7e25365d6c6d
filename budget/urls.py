"""Every address of the site. A household's pages live below `/h/<slug>/`."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from budget.core.tenancy import household_patterns
from budget.core.views import favicon

urlpatterns: list[URLPattern | URLResolver] = [
    path("favicon.ico", favicon, name="favicon"),
    path("", include("budget.users.urls")),
    path("", include("budget.demo.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    household_patterns(
        path("", include("budget.planning.urls")),
        path("transactions/", include("budget.transactions.urls")),
        path("wallets/", include("budget.balances.wallet_urls")),
        path("buckets/", include("budget.balances.bucket_urls")),
        path("people/", include("budget.balances.person_urls")),
        path("reconciliations/", include("budget.balances.reconciliation_urls")),
        path("goals/", include("budget.goals.urls")),
        path("rules/", include("budget.imports.rule_urls")),
        path("archives/", include("budget.archives.urls")),
        path("import/", include("budget.imports.urls")),
        path("settings/", include("budget.users.household_urls")),
    ),
]

handler500 = "budget.core.views.server_error"
