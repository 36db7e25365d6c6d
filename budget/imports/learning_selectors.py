"""What the household chose before, for learning from it."""

from __future__ import annotations

from django.db.models import Case, CharField, Count, F, Func, Max, Q, TextField, Value, When
from django.db.models.functions import StrIndex, Upper

from budget.imports.learning import Choice, Learned
from budget.transactions.models import Kind, Transaction


def learned_read() -> Learned:
    """What the incomes and expenses teach whose category is still offered. One query.

    A line is known by its description. One that was renamed is known by the bank's label, for that
    is what the next file brings: such a label does not hold the description's first word.
    """
    first_word = Func(
        F("description"), Value(" "), Value(1), function="split_part", output_field=CharField()
    )
    same_name = Q(bank_label="") | Q(at__gt=0)
    rows = (
        Transaction.objects.filter(
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
        .values("text", "kind", "amount", "category_id")
        .annotate(times=Count("pk"), last=Max("date"))
        .values_list("text", "kind", "amount", "category_id", "times", "last")
    )
    return Learned(
        Choice(text, amount if kind == Kind.INCOME else -amount, category, times, last)
        for text, kind, amount, category, times, last in rows
    )
