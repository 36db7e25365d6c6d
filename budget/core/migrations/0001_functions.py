"""SQL functions that generated columns and triggers use: how text is folded, what a month is."""

from django.db import migrations

# NFKD takes letters and accents apart; then the accents go, and what has no accent to lose.
# lower() first and last: a server whose locale is C lowers only what is ASCII by then.
FOLD = r"""
CREATE FUNCTION budget_fold(content text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN lower(replace(replace(replace(
    regexp_replace(normalize(lower(content), NFKD), '[\u0300-\u036f]', '', 'g'),
    'œ', 'oe'), 'æ', 'ae'), 'ß', 'ss'));
"""

# The first day of the household's month that contains `day`: the same as
# core.periods.Period.containing(day, start_day=start_day).first, which a test compares.
MONTH_START = """
CREATE FUNCTION budget_month_start(day date, start_day smallint) RETURNS date
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (date_trunc('month', (day - (start_day - 1))::timestamp))::date + (start_day - 1);
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.RunSQL(FOLD, "DROP FUNCTION budget_fold(text)"),
        migrations.RunSQL(MONTH_START, "DROP FUNCTION budget_month_start(date, smallint)"),
    ]
