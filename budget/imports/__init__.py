"""Bank files, from a file's bytes to lines of the ledger. Its modules, in the order of the way:

Receiving     uploading, unpacking: bounds, ZIP archives. services: an import begins, is read again,
              is removed. keeping: the file itself.
Reading       reading: what every reader gives back. recognition: which reader it is. formats/: one
              module or package a format. For tables: decoding, table, dates, amounts, headers,
              columns, layouts (the banks known at once), packed. No database in any of these.
Telling       mappings: what was said of columns. trying: the first lines with it. accounts: which
              wallet an account is, and is remembered to be.
Suggesting    cleaning, with label_words, places, spelling: the name of a line. rules: which rule
              decides. learning, with learning_selectors: which category, how sure, why.
              drafting: all of it for a line.
Comparing     staging: lines for the preview, and what is known. matching, with likeness: what is
              like them. plans: how PostgreSQL joins them.
Previewing    selectors: the pages' reads. correcting: what the person says of lines. redrafting:
              after a rule changed.
Entering      rechecking: what no longer holds. entering: into the ledger. progress: how far.
              undoing: out of it.
Rules' pages  rule_services, rule_selectors, rule_words. past: what a rule changes in the ledger.

Views, forms and URLs are named after their pages. Why it is so: docs/adr/0007.
"""
