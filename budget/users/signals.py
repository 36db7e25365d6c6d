"""What the users app announces, so that apps above it can respond without being imported by it."""

from django.dispatch import Signal

#: A household was made; sent inside its scope, in the same transaction.
#: Arguments: household (Household), language (the founder's, "fr" or "en").
household_created = Signal()
