"""The form of an envelope, and the one that divides incomes among all of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from budget.buckets.models import Bucket
from budget.buckets.selectors import ShareSum, shares_left
from budget.buckets.services import BucketValues, SharesTooLarge
from budget.core.forms import HolderForm

_WHOLE = _("Write a whole percentage, from 0 to 100.")


class PercentInput(forms.TextInput):
    """One short line for a percentage, with its sign beside it."""

    template_name = "forms/money.html"

    def __init__(self, attrs: Mapping[str, Any] | None = None) -> None:
        super().__init__({"inputmode": "numeric", "autocomplete": "off", **(attrs or {})})

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        return super().get_context(name, value, attrs) | {"symbol": "%", "leads": False}


class ShareField(forms.IntegerField):
    """A whole percentage, typed with its sign or without; nothing at all is 0."""

    widget = PercentInput

    def __init__(self, **kwargs: Any) -> None:
        errors = dict.fromkeys(("invalid", "min_value", "max_value"), _WHOLE)
        super().__init__(
            min_value=0, max_value=100, required=False, error_messages=errors, **kwargs
        )

    def to_python(self, value: Any) -> int:
        typed = "" if value is None else str(value).strip().removesuffix("%").strip()
        if not re.fullmatch("[0-9]*", typed):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        # However long a number is, it is more than 100.
        return int(typed or 0) if len(typed) <= 3 else 101


class BucketForm(HolderForm):
    """`holder` is the envelope that is changed, None for a new one."""

    model = Bucket

    share = ShareField(label=_("Share of incomes"))

    #: An empty share is none, and needs not to say so.
    hide_optional = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.left = shares_left(besides=self.holder)

    def clean_share(self) -> int:
        share: int = self.cleaned_data["share"]
        if share > self.left:
            text = gettext("%(left)s%% are left: the other envelopes have the rest.")
            raise forms.ValidationError(text % {"left": self.left}, code="left")
        return share

    def values(self) -> BucketValues:
        return cast(BucketValues, super().values())


@dataclass(frozen=True, slots=True)
class ShareRow:
    """An envelope in the form of all shares. `now` is its share, where it was changed since."""

    bucket: Bucket
    field: forms.BoundField
    version: int | None
    now: int | None


class SharesForm(forms.Form):
    """The shares of all open envelopes, and the versions of them that the person has seen."""

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        buckets: Iterable[Bucket],
        seen: Mapping[int, int | None] | None = None,
    ) -> None:
        """`seen` are the versions, where they are not those in `data`."""
        super().__init__(data)
        self.buckets = list(buckets)
        self.seen = seen if seen is not None else _versions(data or {})
        self.changed: set[int] = set()
        for place, bucket in enumerate(self.buckets):
            field = ShareField(label=bucket.name, initial=bucket.share)
            if not place:
                field.widget.attrs["autofocus"] = True
            self.fields[_share(bucket)] = field

    def renewed(self, buckets: Iterable[Bucket]) -> SharesForm:
        """What was typed, beside the envelopes as they stand now: saving it puts it in place."""
        data = {_share(bucket): self.data.get(_share(bucket), bucket.share) for bucket in buckets}
        versions = {bucket.pk: bucket.version for bucket in buckets}
        form = SharesForm(data, buckets=buckets, seen=versions)
        form.full_clean()
        form.changed = {key for key, now in versions.items() if self.seen.get(key) != now}
        return form

    def clean(self) -> dict[str, Any]:
        if self.sum().over > 0:
            raise forms.ValidationError(str(SharesTooLarge(self.sum().total)), code="total")
        return self.cleaned_data

    def sum(self) -> ShareSum:
        """What is typed adds up to, where it can be read; of an empty form what there is."""
        if not self.is_bound:
            return ShareSum(sum(bucket.share for bucket in self.buckets))
        return ShareSum(sum(self.cleaned_data.get(_share(bucket), 0) for bucket in self.buckets))

    def shares(self) -> dict[int, int]:
        """The valid form's shares, by the envelopes' keys."""
        return {bucket.pk: self.cleaned_data[_share(bucket)] for bucket in self.buckets}

    def rows(self) -> Iterator[ShareRow]:
        for bucket in self.buckets:
            version = self.seen.get(bucket.pk) if self.is_bound else bucket.version
            now = bucket.share if bucket.pk in self.changed else None
            yield ShareRow(bucket, self[_share(bucket)], version, now)


def _share(bucket: Bucket) -> str:
    return f"share-{bucket.pk}"


def _versions(data: Mapping[str, Any]) -> dict[int, int | None]:
    """The version of each envelope that a form was sent with; None for one that cannot be read."""
    return {
        int(name.removeprefix("version-")): int(value)
        if re.fullmatch("[0-9]{1,9}", value)
        else None
        for name, value in data.items()
        if re.fullmatch("version-[0-9]{1,18}", name)
    }
