"""Text without accents is folded by its case alone, at a tenth of the cost, to the same.

An import of 100,000 lines folds each of them three times. Not STRICT: PostgreSQL inlines no STRICT
function whose body is a CASE; of nothing nothing comes all the same.
"""

from django.db import migrations

FOLDED = """lower(replace(replace(replace(
    regexp_replace(normalize(lower(content), NFKD), '[\u0300-\u036f]', '', 'g'),
    'œ', 'oe'), 'æ', 'ae'), 'ß', 'ss'))"""
QUICK = f"""
CREATE OR REPLACE FUNCTION budget_fold(content text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN octet_length(content) = length(content) THEN lower(content) ELSE {FOLDED} END;
"""
BEFORE = f"""
CREATE OR REPLACE FUNCTION budget_fold(content text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN {FOLDED};
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0001_functions")]
    operations = [migrations.RunSQL(QUICK, BEFORE)]
