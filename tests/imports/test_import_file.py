"""`manage.py import_file`: into the ledger as the site would, or as JSON."""

import json
import sys
import zipfile
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from budget.archives.services import month_close
from budget.core.periods import Period
from budget.core.tenancy import household_scope
from budget.imports.models import Import, ImportFile, KnownAccount
from budget.transactions.models import Transaction
from budget.users.models import Household
from tests.ledger import spend, wallet

HEAD = "Date,Description,Amount\n"


def printed(path: Path, *options: str) -> list[dict[str, str]]:
    out = StringIO()
    call_command(
        "import_file", str(path), "--dry-run", "--json", *options, stdout=out, stderr=StringIO()
    )
    return [json.loads(line) for line in out.getvalue().splitlines()]


def file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "bank.csv"
    path.write_text(text)
    return path


def archive(tmp_path: Path, *texts: str) -> Path:
    path = tmp_path / "bank.zip"
    with zipfile.ZipFile(path, "w") as written:
        for number, text in enumerate(texts):
            written.writestr(f"{number}.csv", text)
    return path


def test_one_object_a_line_with_the_amount_as_a_signed_string(tmp_path: Path) -> None:
    path = file(tmp_path, "Date;Date de valeur;Libellé;Montant\n13/01/2026;14/01/2026;Café;-12,5\n")
    assert printed(path) == [
        {
            "date": "2026-01-13",
            "value_date": "2026-01-14",
            "amount": "-12.50",
            "label": "Café",
            "account": "",
            "bank_id": "",
            "status": "booked",
        }
    ]


def test_what_is_not_sure_is_refused_with_the_columns_seen(tmp_path: Path) -> None:
    path = file(tmp_path, HEAD + "01/02/2026,a,-1.00\n")
    with pytest.raises(CommandError, match=r"(?s)1\. Date\n.*2\. Description\n.*3\. Amount"):
        printed(path)


def test_a_mapping_tells_what_the_file_does_not(tmp_path: Path) -> None:
    path = file(tmp_path, HEAD + "01/02/2026,a,1.00\n")
    (line,) = printed(path, "--map", "date=Date,amount=3,label=Description,order=mdy,positive=out")
    assert (line["date"], line["amount"]) == ("2026-01-02", "-1.00")


def test_a_column_s_name_may_have_a_comma(tmp_path: Path) -> None:
    path = file(tmp_path, 'When;"What, who";Sum\n13/01/2026;a;-1.00\n')
    (line,) = printed(path, "--map", "date=When,label=What, who,amount=Sum")
    assert line["label"] == "a"


@pytest.mark.parametrize("column", ["²", "٣", "0", "-1", "0000012", "9" * 5000])
def test_what_is_no_column_s_number_is_refused_in_words(tmp_path: Path, column: str) -> None:
    path = file(tmp_path, HEAD + "13/01/2026,a,-1.00\n")
    with pytest.raises(CommandError, match=r"There is no column|Il n’y a pas de colonne"):
        printed(path, "--map", f"date={column},amount=3")


@pytest.mark.parametrize("mapping", ["colour=Date", "date", "order=dym", "date="])
def test_a_mapping_that_says_nothing_is_refused(tmp_path: Path, mapping: str) -> None:
    path = file(tmp_path, HEAD)
    with pytest.raises(CommandError):
        printed(path, "--map", mapping)


def test_a_line_that_cannot_be_read_is_no_success(tmp_path: Path) -> None:
    path = file(tmp_path, HEAD + "13/01/2026,a,-1.00\n14/01/2026,b,zz\n")
    with pytest.raises(CommandError, match="3: "):
        printed(path)


def test_json_writes_nothing_and_says_so(tmp_path: Path) -> None:
    path = file(tmp_path, HEAD + "13/01/2026,a,-1.00\n")
    with pytest.raises(CommandError, match="--dry-run"):
        call_command("import_file", str(path), "--json")


def test_an_archive_is_printed_file_by_file(tmp_path: Path) -> None:
    path = archive(tmp_path, HEAD + "13/01/2026,a,-1.00\n", HEAD + "14/01/2026,b,-2.00\n")
    assert [line["label"] for line in printed(path)] == ["a", "b"]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="nowhere"):
        printed(tmp_path / "nowhere.csv")


# Into the ledger

BANK = "Date;Libellé;Débit euros;Crédit euros;\n"
CAFE, PAIN = "20/11/2026;CAFE;4,80;;\n", "19/11/2026;PAIN;2,10;;\n"
TWO_ACCOUNTS = "Date;Libellé;Montant;Compte\n" + "".join(
    f"{day:02}/11/2026;Achat {day};-{day},00;{account}\n"
    for day, account in enumerate(["FR01", "FR02"] * 4, 1)
)


def run(path: Path, *options: str) -> str:
    out = StringIO()
    call_command("import_file", str(path), "--household", "alice", *options, stdout=out, stderr=out)
    return out.getvalue()


def failed(path: Path, *options: str) -> CommandError:
    with pytest.raises(CommandError) as error:
        run(path, *options)
    return error.value


Held = Callable[[], dict[str, list[str]]]


@pytest.fixture
def held(household: Household) -> Held:
    """The household's lines as text, by wallet."""

    def read() -> dict[str, list[str]]:
        with household_scope(household):
            found: dict[str, list[str]] = {}
            for line in Transaction.objects.order_by("pk").select_related("wallet"):
                found.setdefault(str(line.wallet), []).append(line.description)
            return found

    return read


def test_a_file_enters_the_ledger_and_twice_adds_nothing(tmp_path: Path, held: Held) -> None:
    path = file(tmp_path, BANK + CAFE + PAIN)
    told = run(path, "--wallet", "compte COURANT")
    assert "bank.csv (Crédit Agricole): 2 added, 0 merged, 0 already there" in told
    (lines,) = held().values()
    assert sorted(lines) == ["Café", "Pain"]

    again = failed(path)
    assert "2 already there" in str(again)
    assert again.returncode == 1
    assert len(held()["Compte courant"]) == 2


def test_the_next_file_knows_its_wallet(tmp_path: Path, household: Household, held: Held) -> None:
    with household_scope(household):
        wallet("Livret")
    refusal = failed(file(tmp_path, BANK + CAFE))
    assert "--wallet" in str(refusal)
    assert "“Livret”" in str(refusal)
    run(file(tmp_path, BANK + CAFE), "--wallet", "Livret")
    assert "1 added" in run(file(tmp_path, BANK + PAIN))
    assert held() == {"Livret": ["Café", "Pain"]}


def test_a_dry_run_tells_and_writes_nothing(tmp_path: Path, household: Household) -> None:
    told = run(file(tmp_path, BANK + CAFE), "--dry-run")
    assert "Would be imported into alice: 1 added" in told
    with household_scope(household):
        for model in (Transaction, Import, ImportFile, KnownAccount):
            assert not model._default_manager.exists()


def test_several_accounts_have_each_its_wallet(
    tmp_path: Path, household: Household, held: Held
) -> None:
    with household_scope(household):
        wallet("Livret")
    path = file(tmp_path, TWO_ACCOUNTS)
    assert "FR01=…, --wallet FR02=…" in str(failed(path, "--wallet", "Livret"))
    assert "“FR01”, “FR02”" in str(failed(path, "--wallet", "FR03=Livret"))
    run(path, "--wallet", "FR01=Livret", "--wallet", "Compte courant")
    assert {name: len(lines) for name, lines in held().items()} == {
        "Livret": 4,
        "Compte courant": 4,
    }


def test_an_account_can_be_left_out(tmp_path: Path, household: Household, held: Held) -> None:
    with household_scope(household):
        wallet("Livret")
    run(file(tmp_path, TWO_ACCOUNTS), "--wallet", "FR01=Livret", "--wallet", "FR02=")
    assert {name: len(lines) for name, lines in held().items()} == {"Livret": 4}


def test_lines_that_cannot_be_read_are_told_by_the_exit_status(tmp_path: Path, held: Held) -> None:
    path = file(tmp_path, BANK + CAFE + "18/11/2026;OUPS;zz;;\n")
    error = failed(path)
    assert error.returncode == 3
    assert "1 lines could not be read" in str(error)
    assert held() == {"Compte courant": ["Café"]}


def test_all_of_an_archive_is_imported_or_nothing(tmp_path: Path, held: Held) -> None:
    assert failed(archive(tmp_path, BANK + CAFE, "un mot\n")).returncode == 1
    assert held() == {}
    run(archive(tmp_path, BANK + CAFE, BANK + CAFE, BANK + CAFE + PAIN))
    assert held() == {"Compte courant": ["Café", "Pain"]}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--household", "nobody"], "no household at 'nobody'"),
        (["--wallet", "Nulle part"], "no open wallet “Nulle part”"),
        (["--map", "date=Jour"], "There is no column|Il n’y a pas de colonne"),
    ],
)
def test_what_is_not_there_is_told_in_words(
    tmp_path: Path, held: Held, options: list[str], words: str
) -> None:
    path = file(tmp_path, BANK + CAFE)
    with pytest.raises(CommandError, match=words):
        call_command("import_file", str(path), *["--household", "alice"], *options)
    assert held() == {}


def test_a_household_has_to_be_named(tmp_path: Path) -> None:
    path = file(tmp_path, BANK + CAFE)
    with pytest.raises(CommandError, match="--household"):
        call_command("import_file", str(path))


def test_a_table_that_leaves_it_open_is_refused_with_its_columns(
    tmp_path: Path, held: Held
) -> None:
    text = "Quand;Quoi;Somme A;Somme B\n13/01/2026;Café;-1,00;-2,00\n14/01/2026;Pain;-3,00;-9,00\n"
    error = failed(file(tmp_path, text))
    assert "3. Somme A" in str(error)
    told = run(file(tmp_path, text), "--map", "date=Quand,label=Quoi,amount=Somme B")
    assert "2 added" in told
    assert len(held()["Compte courant"]) == 2


def test_lines_of_a_closed_month_are_left_out(
    tmp_path: Path, household: Household, held: Held
) -> None:
    with household_scope(household):
        spend(1, (october := Period.parse("2026-10")).first)
        month_close(period=october)
    told = run(file(tmp_path, BANK + CAFE + "18/10/2026;VIEUX;1,00;;\n"))
    assert "1 added, 0 merged, 0 already there, 1 left out" in told


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_fills_while_lines_are_written(
    tmp_path: Path, household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    run(file(tmp_path, BANK + CAFE + PAIN))
    assert "writing" in screen.getvalue()
    assert "█ 2/2" in screen.getvalue()
