"""`manage.py import_file PATH --dry-run --json`."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

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


@pytest.mark.parametrize("mapping", ["colour=Date", "date", "order=dym", "date="])
def test_a_mapping_that_says_nothing_is_refused(tmp_path: Path, mapping: str) -> None:
    path = file(tmp_path, HEAD)
    with pytest.raises(CommandError):
        printed(path, "--map", mapping)


def test_a_line_that_cannot_be_read_is_no_success(tmp_path: Path) -> None:
    path = file(tmp_path, HEAD + "13/01/2026,a,-1.00\n14/01/2026,b,zz\n")
    with pytest.raises(CommandError, match="3: "):
        printed(path)


def test_nothing_is_done_without_dry_run_and_json(tmp_path: Path) -> None:
    path = file(tmp_path, HEAD)
    for options in [["--json"], ["--dry-run"], []]:
        with pytest.raises(CommandError):
            call_command("import_file", str(path), *options)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="nowhere"):
        printed(tmp_path / "nowhere.csv")
