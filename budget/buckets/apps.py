from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BucketsConfig(AppConfig):
    name = "budget.buckets"
    verbose_name = _("Envelopes")
