"""Files that banks give: what was read of them, what is to become of each line, and what the
household has said that holds for the next file as well.

A line of a file remembers what the bank said for good, whatever the person makes of the ledger's
line later: that is how the next file's lines are known (docs/adr/0007).
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from budget.buckets.models import Bucket
from budget.categories.models import Category
from budget.core.ordering import OrderedQuerySet
from budget.core.tenancy import HouseholdManager, HouseholdModel
from budget.imports.reading import LineStatus
from budget.people.models import Person
from budget.transactions.models import inside_household
from budget.wallets.models import Wallet


class ImportState(models.TextChoices):
    """How far a file has come."""

    ASKING = "asking", _("Columns to be told")  # nothing tells which columns are what
    READY = "ready", _("To be checked")  # read, and shown line by line
    DONE = "done", _("Imported")
    UNDONE = "undone", _("Taken back")


class ImportQuerySet(models.QuerySet["Import"]):
    def waiting(self) -> ImportQuerySet:
        """Those that are not in the ledger and never were."""
        return self.filter(state__in=[ImportState.ASKING, ImportState.READY])

    def past(self) -> ImportQuerySet:
        """Those that are in the ledger, or were."""
        return self.filter(state__in=[ImportState.DONE, ImportState.UNDONE])


def by_whom(label: Any) -> Any:
    """Who did something to a file; their name goes with their account, the file stays."""
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DB_SET_NULL,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=label,
        db_index=False,
    )


class Import(HouseholdModel):
    """One file that was brought in."""

    file_name = models.CharField(_("file name"), max_length=255)
    size = models.PositiveIntegerField(_("size in bytes"))
    sha256 = models.CharField(max_length=64)
    state = models.CharField(
        _("state"), max_length=8, choices=ImportState, default=ImportState.READY
    )
    format = models.CharField(_("format"), max_length=8)
    layout = models.CharField(_("bank"), max_length=60, blank=True)
    encoding = models.CharField(_("encoding"), max_length=20, blank=True)
    # Of a table: its columns as the person sees them, some rows of it, which column was taken for
    # what (reading.Reading.columns), what the person said of it (columns.Told as JSON), and why
    # the person is asked.
    header = models.JSONField(default=list)
    sample = models.JSONField(default=list)
    columns = models.JSONField(default=dict)
    told = models.JSONField(default=dict)
    question = models.TextField(blank=True)
    # What became of the lines, written when the file is imported.
    added = models.PositiveIntegerField(_("lines added"), default=0)
    joined = models.PositiveIntegerField(_("lines merged"), default=0)
    left = models.PositiveIntegerField(_("lines left out"), default=0)
    created_at = models.DateTimeField(_("uploaded"), auto_now_add=True)
    created_by = by_whom(_("uploaded by"))
    done_at = models.DateTimeField(_("imported"), null=True, editable=False)
    done_by = by_whom(_("imported by"))
    undone_at = models.DateTimeField(_("taken back"), null=True, editable=False)
    undone_by = by_whom(_("taken back by"))

    objects = HouseholdManager.from_queryset(ImportQuerySet)()  # type: ignore[misc]

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering: ClassVar = ["-pk"]
        indexes: ClassVar = [models.Index(fields=["household", "-id"], name="imports_newest_first")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(state__in=ImportState.values), name="imports_import_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=[ImportState.DONE, ImportState.UNDONE])
                ^ models.Q(done_at=None),
                name="imports_import_done_has_its_day",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def bank(self) -> str:
        """What the page calls where it comes from: the bank, else the format."""
        return self.layout or self.format.upper()


class ImportFile(HouseholdModel):
    """The file itself, kept until it is imported and at most a day, to be read again otherwise."""

    exported: ClassVar = False  # the person has it already

    source = models.ForeignKey(
        Import, models.DO_NOTHING, db_constraint=False, related_name="files", db_index=False
    )
    content = models.BinaryField()

    class Meta:
        verbose_name = _("uploaded file")
        verbose_name_plural = _("uploaded files")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["household", "source"], name="imports_importfile_once"),
        ]

    def __str__(self) -> str:
        return str(self.source_id)


class Statement(HouseholdModel):
    """One account of a file, and the wallet that it is."""

    source = models.ForeignKey(
        Import, models.DO_NOTHING, db_constraint=False, related_name="statements", db_index=False
    )
    account = models.CharField(_("account"), max_length=100, blank=True)
    wallet = inside_household(Wallet, _("wallet"), "statements")
    # The person does not want this account's lines.
    skipped = models.BooleanField(_("left out"), default=False)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    # What the bank says the account held at the end of a day, where the file says it.
    balance = models.DecimalField(
        _("balance"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    balance_date = models.DateField(_("balance date"), null=True, blank=True)

    class Meta:
        verbose_name = _("bank statement")
        verbose_name_plural = _("bank statements")
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["household", "source", "account"], name="imports_statement_account_once"
            ),
            models.CheckConstraint(
                condition=models.Q(balance=None) ^ models.Q(balance_date__isnull=False),
                name="imports_statement_balance_has_its_day",
            ),
        ]

    def __str__(self) -> str:
        return self.account or str(self.source_id)


class Finding(models.TextChoices):
    """What is known of a line before it is imported."""

    NEW = "new", pgettext_lazy("a line of a file", "New")
    KNOWN = "known", _("Already there")  # the bank said so before
    PROBABLE = "probable", _("Probably there")  # another file said something very like it
    MATCH = "match", _("Entered by hand")  # the ledger has a line close to it
    TRANSFER = "transfer", _("Transfer")  # another wallet has its other half
    NOT_BOOKED = "unbooked", _("Not booked")  # pending at the bank, or reverted
    CLOSED = "closed", _("Closed month")
    UNREADABLE = "bad", _("Not readable")


class Choice(models.TextChoices):
    """What becomes of a line."""

    ADD = "add", _("Import")  # a new line of the ledger
    JOIN = "join", _("Merge")  # it is the line that was found, or that one's other half
    LEAVE = "leave", _("Leave out")


#: What can become a line of the ledger. The others lack what a line needs, or may not be written.
ADDABLE = (Finding.NEW, Finding.KNOWN, Finding.PROBABLE, Finding.MATCH, Finding.TRANSFER)
#: What can be merged with the line that was found.
JOINABLE = (Finding.PROBABLE, Finding.MATCH, Finding.TRANSFER)


class ImportLine(HouseholdModel):
    """A line of a file: what the bank said, what was found, what becomes of it."""

    # The statement's reference holds inside the household, and so does this.
    household = models.ForeignKey(
        "users.Household",
        models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        editable=False,
        related_name="+",
        verbose_name=_("household"),
    )
    statement = models.ForeignKey(
        Statement, models.DO_NOTHING, db_constraint=False, related_name="lines", db_index=False
    )
    # As reading.StatementLine has them; of one that is not readable the label is its text.
    number = models.PositiveIntegerField(_("line number"))
    date = models.DateField(_("date"), null=True)
    value_date = models.DateField(_("value date"), null=True)
    amount = models.DecimalField(_("signed amount"), max_digits=14, decimal_places=2, null=True)
    label = models.TextField(_("bank’s label"), blank=True)
    bank_id = models.TextField(_("bank’s id"), blank=True)
    status = models.CharField(
        max_length=8, choices=[(each.value, each.value) for each in LineStatus]
    )
    reason = models.TextField(_("reason"), blank=True)  # why it cannot be imported
    # By what it is known when it comes again (staging.FINGERPRINT).
    fingerprint = models.UUIDField(null=True)
    finding = models.CharField(max_length=8, choices=Finding)
    choice = models.CharField(max_length=5, choices=Choice)
    # The id of the ledger's line that it becomes. Numbered ahead, so that importing 100,000 lines
    # changes none of these; and it is no foreign key, because the ledger's line may be deleted
    # and brought back, and this is to know it all the while.
    entry = models.BigIntegerField()
    # The ledger's line that was found, by its id: there, or numbered ahead by another line here.
    found = models.BigIntegerField(null=True)
    # What a merged line of the ledger was before, for taking the import back.
    before = models.JSONField(null=True)
    # What the ledger's line will say.
    description = models.CharField(_("description"), max_length=200, blank=True)
    category = inside_household(Category, _("category"), "+")
    bucket = inside_household(Bucket, _("envelope"), "+")
    person = inside_household(Person, _("person"), "+")
    to_wallet = inside_household(Wallet, _("other wallet of the transfer"), "+")
    # The category that is suggested, how sure that is in percent, and why: {"word", "right", "of",
    # "amounts"} of learning.Suggestion, or {"rule": name}. Filled in above where it is sure enough.
    suggested = models.BigIntegerField(null=True)
    confidence = models.PositiveSmallIntegerField(null=True)
    because = models.JSONField(null=True)

    class Meta:
        verbose_name = _("line of an import")
        verbose_name_plural = _("lines of imports")
        ordering: ClassVar = ["pk"]
        indexes: ClassVar = [
            models.Index(fields=["household", "statement", "id"], name="imports_lines_in_order"),
            models.Index(fields=["household", "fingerprint"], name="imports_lines_known"),
            # Whether a line of the ledger came from a bank, and which.
            models.Index(fields=["household", "entry"], name="imports_lines_by_entry"),
            models.Index(
                fields=["household", "found"],
                condition=models.Q(found__isnull=False),
                name="imports_lines_by_found",
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(finding__in=Finding.values, choice__in=Choice.values),
                name="imports_importline_words_known",
            ),
            models.CheckConstraint(
                condition=models.Q(choice=Choice.LEAVE)
                | (models.Q(choice=Choice.ADD) & models.Q(finding__in=ADDABLE))
                | models.Q(choice=Choice.JOIN, finding__in=JOINABLE, found__isnull=False),
                name="imports_importline_choice_fits_finding",
            ),
            models.CheckConstraint(
                condition=models.Q(choice=Choice.LEAVE)
                | (models.Q(date__isnull=False, amount__isnull=False) & ~models.Q(amount=0)),
                name="imports_importline_has_what_it_becomes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.label[:60]}"


class KnownAccount(HouseholdModel):
    """The wallet that an account of a bank is, as the person said once."""

    #: The account as files name it; where they name none, "layout:" and the bank's.
    key = models.CharField(_("account"), max_length=120)
    wallet = models.ForeignKey(
        Wallet, models.DO_NOTHING, db_constraint=False, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = _("known account")
        verbose_name_plural = _("known accounts")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["household", "key"], name="imports_knownaccount_once"),
        ]

    def __str__(self) -> str:
        return self.key


class Mapping(HouseholdModel):
    """What the person said of a table's columns, for every file with the same header."""

    name = models.CharField(_("name"), max_length=60)
    fingerprint = models.CharField(max_length=64, editable=False)  # columns.table_fingerprint
    header = models.JSONField(default=list, editable=False)
    told = models.JSONField(default=dict)  # columns.Told as JSON: mappings.told_as_json
    # Raised by every change: saving over a version one has not seen is refused.
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("remembered columns")
        verbose_name_plural = _("remembered columns")
        ordering: ClassVar = ["name", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["household", "fingerprint"], name="imports_mapping_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Matching(models.TextChoices):
    CONTAINS = "contains", _("contains")
    STARTS = "starts", _("starts with")
    REGEX = "regex", _("matches the pattern")


class Rule(HouseholdModel):
    """If a line is like this, it gets that. The first rule in their order that fits decides."""

    position = models.PositiveSmallIntegerField(default=0, editable=False)
    # If: all that are given. Amounts are positive, in the household's currency.
    matching = models.CharField(
        _("label"), max_length=8, choices=Matching, default=Matching.CONTAINS
    )
    text = models.CharField(_("text"), max_length=200, blank=True)
    amount_min = models.DecimalField(
        _("from amount"),
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    amount_max = models.DecimalField(
        _("to amount"),
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    wallet = inside_household(Wallet, _("wallet"), "+")
    # Then.
    category = inside_household(Category, _("category"), "+")
    bucket = inside_household(Bucket, _("envelope"), "+")
    person = inside_household(Person, _("person"), "+")
    rename = models.CharField(_("rename to"), max_length=200, blank=True)
    transfer_to = inside_household(Wallet, _("transfer to"), "+")
    # A form's own random key: sent twice, it makes one.
    submission = models.UUIDField(null=True, editable=False)
    # Raised by every change: saving over a version one has not seen is refused.
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = HouseholdManager.from_queryset(OrderedQuerySet)()  # type: ignore[misc]

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        ordering: ClassVar = ["position", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["household", "submission"], name="imports_rule_submitted_once"
            ),
            models.CheckConstraint(
                condition=models.Q(matching__in=Matching.values), name="imports_rule_matching_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(text="")
                | models.Q(amount_min__isnull=False)
                | models.Q(amount_max__isnull=False)
                | models.Q(wallet__isnull=False),
                name="imports_rule_says_when",
            ),
        ]

    def __str__(self) -> str:
        return self.text or self.rename or str(self.pk)
