"""What the household chose before, for learning from it."""

from __future__ import annotations

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import (
    Case,
    CharField,
    F,
    FloatField,
    Func,
    Q,
    Subquery,
    Sum,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Abs, Coalesce, Least, StrIndex, Upper
from django.utils import timezone

from budget.core.periods import FIRST_DATE
from budget.imports.learning import HALF_LIFE, Choice, Learned
from budget.transactions.models import Kind, Transaction

#: So many of the newest lines teach, with all those of the last one's day: older choices weigh next
#: to nothing, and 100,000 lines of them would take longer to read than the file.
MOST_LINES = 20_000


def learned_read() -> Learned:
    """What the incomes and expenses teach whose category is still offered. One query.

    Of a long history only its end is read. A line is known by its description. One that was
    renamed is known by the bank's label, for that is what the next file brings: such a label does
    not hold the description's first word.
    """
    first_word = Func(
        F("description"), Value(" "), Value(1), function="split_part", output_field=CharField()
    )
    same_name = Q(bank_label="") | Q(at__gt=0)
    today = Value(timezone.localdate())
    weight = Func(  # by HALF_LIFE; of what is dated ahead, as of today
        Least("date", today),
        today,
        arg_joiner=" - ",
        template=f"power(2::float8, (%(expressions)s) / {HALF_LIFE}::float8)",
        output_field=FloatField(),
    )
    newest = Transaction.objects.order_by("-date").values("date")
    rows = (
        Transaction.objects.filter(
            date__gte=Coalesce(Subquery(newest[MOST_LINES : MOST_LINES + 1]), FIRST_DATE),
            kind__in=[Kind.EXPENSE, Kind.INCOME],
            category__isnull=False,
            category__retired_at=None,
        )
        .annotate(at=StrIndex(Upper("bank_label"), Upper(first_word)))
        .annotate(
            text=Case(
                When(same_name, then=F("description")),
                default=F("bank_label"),
                output_field=TextField(),
            )
        )
        .exclude(text="")
        .order_by()
        .values("text", "kind", "category_id")
        .annotate(cents=ArrayAgg(Abs("signed_cents")), weight=Sum(weight))
        .values_list("text", "kind", "category_id", "cents", "weight")
    )
    return Learned(
        Choice(text, kind == Kind.INCOME, category, cents, weight)
        for text, kind, category, cents, weight in rows
    )
