"""CSV of any bank: read exactly, or refused."""

import datetime as dt
import tracemalloc
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from budget.imports.amounts import Decimals
from budget.imports.columns import Told
from budget.imports.dates import DateOrder
from budget.imports.formats.csv import read
from budget.imports.formats.csv.cells import saying
from budget.imports.formats.csv.signs import CARD_PAYMENT, CARD_PAYMENT_WORDS
from budget.imports.headers import (
    BALANCE_LINE,
    BALANCE_WORDS,
    Role,
    header_fingerprint,
    tells_a_balance,
)
from budget.imports.reading import LineStatus, NotReadable, NotSure, Reading


def rows(text: str | bytes, told: Told | None = None) -> list[tuple[str, str, str]]:
    """The lines read, as date, amount and label; nothing may be unreadable."""
    reading = reading_of(text, told)
    assert not reading.unreadable
    return [(str(line.date), str(line.amount), line.label) for line in reading.lines]


def reading_of(text: str | bytes, told: Told | None = None) -> Reading:
    return read(text.encode() if isinstance(text, str) else text, told or Told())


def amounts_of(text: str) -> list[str]:
    return [amount for _date, amount, _label in rows(text)]


CAFE = [("2026-01-13", "-12.50", "Café"), ("2026-01-14", "1200.00", "Paie")]


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"])
def test_any_delimiter_and_any_line_end(delimiter: str, end: str) -> None:
    lines = ["Date;Libellé;Montant", '13/01/2026;Café;"-12,50"', '14/01/2026;Paie;"1200,00"', ""]
    assert rows(end.join(lines).replace(";", delimiter)) == CAFE


@pytest.mark.parametrize(
    "encoding",
    [
        "utf-8",
        "utf-8-sig",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "cp1252",
        "iso8859-15",
        "cp850",
        "mac-roman",
    ],
)
def test_any_encoding(encoding: str) -> None:
    text = "Date;Libellé;Débit;Crédit\n13/01/2026;Café;12,50;\n14/01/2026;Paie;;1200,00\n"
    assert rows(text.encode(encoding)) == CAFE


def test_the_euro_sign_tells_iso_8859_15_from_windows_1252() -> None:
    text = "Date;Libellé;Montant\n13/01/2026;Café;-12,50 €\n14/01/2026;Paie;1200,00 €\n"
    for encoding, name in [("iso8859-15", "iso-8859-15"), ("cp1252", "windows-1252")]:
        reading = reading_of(text.encode(encoding))
        assert reading.encoding == name
        assert [line.label for line in reading.lines] == ["Café", "Paie"]


def test_central_european_letters_are_not_read_as_western_ones() -> None:
    text = (
        "Datum zaúčtování;Zpráva;Zaúčtovaná částka\n"
        "27.05.2018;Příkaz;-1,00\n28.05.2018;Číslo;2,00\n"
    )
    for encoding in ["cp1250", "utf-8"]:
        assert rows(text.encode(encoding)) == [
            ("2018-05-27", "-1.00", "Příkaz"),
            ("2018-05-28", "2.00", "Číslo"),
        ]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("31/12/2026", "2026-12-31"),
        ("31/12/26", "2026-12-31"),
        ("2026-12-31", "2026-12-31"),
        ("31.12.2026", "2026-12-31"),
        ("12/31/2026", "2026-12-31"),
        ("20261231", "2026-12-31"),
        ("31-12-2026", "2026-12-31"),
        ("31/12'2026", "2026-12-31"),
        ("2026.12.31.", "2026-12-31"),
        ("2026/12/31", "2026-12-31"),
        ("31 Dec 2026", "2026-12-31"),
        ("31-DEC-26", "2026-12-31"),
        ("31 décembre 2026", "2026-12-31"),
        ("Dec 31, 2026", "2026-12-31"),
        ("2026-12-31 23:59:59", "2026-12-31"),
        ("2026-12-31T23:59:59Z", "2026-12-31"),
        ("31/12/2026 23:59", "2026-12-31"),
    ],
)
def test_any_date(written: str, expected: str) -> None:
    assert rows(f'Date;Description;Amount\n"{written}";a;-1.00\n') == [(expected, "-1.00", "a")]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("-1 234,56", "-1234.56"),
        ("-1\u00a0234,56", "-1234.56"),
        ("-1\u202f234,56", "-1234.56"),
        ("-1,234.56", "-1234.56"),
        ("-1.234,56", "-1234.56"),
        ("-1'234.56", "-1234.56"),
        ("-1’234.56", "-1234.56"),
        ("(12.00)", "-12.00"),
        ("12,00-", "-12.00"),
        ("+12,00", "12.00"),
        ("-12,00 €", "-12.00"),
        ("-€12.00", "-12.00"),
        ("€ -12.00", "-12.00"),
        ("-12,00 EUR", "-12.00"),
        ("EUR -12,00", "-12.00"),
        ("\u221212,00", "-12.00"),
        ("- 12,00", "-12.00"),
        ("-,109.59", "-109.59"),
        ("-5,", "-5.00"),
        ("-12", "-12.00"),
        ("-1.234.567,8", "-1234567.80"),
        ("-12.3400", "-12.34"),
        ("12.00 CR", "12.00"),
        ("12.00DR", "-12.00"),
        ('="-12.00"', "-12.00"),
    ],
)
def test_any_amount(written: str, expected: str) -> None:
    quoted = written.replace('"', '""')
    assert amounts_of(f'Date;Description;Amount\n13/01/2026;a;"{quoted}"\n') == [expected]


def test_a_thousands_group_left_out_with_its_zero() -> None:
    assert amounts_of(
        'Date,Description,Amount\n13/01/2026,a,"-,109.59"\n'
        '14/01/2026,b,",300.00"\n15/01/2026,c,"-1,000.00"\n'
    ) == ["-109.59", "300.00", "-1000.00"]


def test_the_column_as_a_whole_decides_the_decimal_separator() -> None:
    text = (
        "Date;Description;Amount;Balance\n"
        '13/01/2026;a;"-1.234";"10.000,00"\n14/01/2026;b;"-5.678";"4.322,00"\n'
    )
    assert amounts_of(text) == ["-1234.00", "-5678.00"]
    assert amounts_of("Date;Description;Amount\n13/01/2026;a;-1,234\n14/01/2026;b;-500\n") == [
        "-1234.00",
        "-500.00",
    ]


@pytest.mark.parametrize(
    "amounts",
    [("-1,234", "-5,678"), ("-1.234", "-5.678"), ("-1,50", "-1.50"), ("-1.234,50", "-1,234.50")],
)
def test_not_sure_what_the_separators_mean(amounts: tuple[str, str]) -> None:
    with pytest.raises(NotSure):
        reading_of(
            f'Date;Description;Amount\n13/01/2026;a;"{amounts[0]}"\n14/01/2026;b;"{amounts[1]}"\n'
        )


def test_three_decimals_are_told_and_not_rounded() -> None:
    reading = reading_of("Date;Description;Amount\n13/01/2026;a;-1.50\n14/01/2026;b;-1.005\n")
    assert [line.label for line in reading.lines] == ["a"]
    assert [each.number for each in reading.unreadable] == [3]


def test_the_column_as_a_whole_decides_the_order_of_day_and_month() -> None:
    head = "Date,Description,Amount\n"
    assert rows(head + "01/02/2026,a,-1.00\n01/13/2026,b,-1.00\n")[0][0] == "2026-01-02"
    assert rows(head + "01/02/2026,a,-1.00\n13/02/2026,b,-1.00\n")[0][0] == "2026-02-01"
    assert (
        rows("Date,Value date,Description,Amount\n01/02/2026,14/02/2026,a,-1.00\n")[0][0]
        == "2026-02-01"
    )
    assert rows("Datum,Omschrijving,Bedrag\n01/02/2026,a,-1.00\n")[0][0] == "2026-02-01"


def test_not_sure_of_day_and_month_says_the_columns_and_can_be_told() -> None:
    text = "Date,Description,Amount\n01/02/2026,a,-1.00\n03/04/2026,b,-1.00\n"
    with pytest.raises(NotSure) as caught:
        reading_of(text)
    assert caught.value.columns == ["Date", "Description", "Amount"]
    assert rows(text, Told(order=DateOrder.MDY))[0][0] == "2026-01-02"


def test_dates_in_two_orders_are_refused() -> None:
    with pytest.raises(NotSure):
        reading_of("Date,Description,Amount\n13/01/2026,a,-1.00\n01/13/2026,b,-1.00\n")


def test_the_order_of_the_lines_decides_where_only_one_order_is_sorted() -> None:
    days = ["05/01", "06/01", "02/02", "09/02", "03/03", "11/03"]
    text = "Date,Description,Amount\n" + "".join(f"{day}/2026,a,-1.00\n" for day in days)
    assert [line[0] for line in rows(text)][:3] == ["2026-01-05", "2026-01-06", "2026-02-02"]


def test_a_value_date_that_does_not_exist_is_left_out() -> None:
    reading = reading_of(
        "Datum;Valuta;Buchungstext;Betrag\n"
        "28.02.2026;30.02.2026;Zinsen;1,00\n27.02.2026;27.02.2026;x;-1,00\n"
    )
    assert [(line.date, line.value_date) for line in reading.lines] == [
        (dt.date(2026, 2, 28), None),
        (dt.date(2026, 2, 27), dt.date(2026, 2, 27)),
    ]


def test_a_date_that_does_not_exist_is_told() -> None:
    reading = reading_of("Date;Libellé;Montant\n30/02/2026;a;-1,00\n27/02/2026;b;-1,00\n")
    assert [each.number for each in reading.unreadable] == [2]
    assert [line.label for line in reading.lines] == ["b"]


# Signs


@pytest.mark.parametrize(
    ("out", "into"),
    [
        ("D", "C"),
        ("Af", "Bij"),
        ("Debit", "Credit"),
        ("DR", "CR"),
        ("S", "H"),
        ("-", "+"),
        ("débit", "crédit"),
        ("OUT", "IN"),
    ],
)
def test_the_sign_stands_in_a_column_of_directions(out: str, into: str) -> None:
    text = f"Date;Description;Sens;Amount\n13/01/2026;a;{out};1,00\n14/01/2026;b;{into};2,00\n"
    assert amounts_of(text) == ["-1.00", "2.00"]


def test_directions_without_a_name_are_known_by_their_words() -> None:
    text = "Date;Type;Description;Amount\n13/01/2026;DEBIT;a;1,00\n14/01/2026;CREDIT;b;2,00\n"
    assert amounts_of(text) == ["-1.00", "2.00"]


def test_a_direction_that_says_nothing_is_refused() -> None:
    with pytest.raises(NotSure):
        reading_of("Date;Description;D/C;Amount\n13/01/2026;a;D;1,00\n14/01/2026;b;X;2,00\n")


def test_signs_that_contradict_the_directions_are_refused() -> None:
    with pytest.raises(NotSure):
        reading_of("Date;Description;D/C;Amount\n13/01/2026;a;D;-1,00\n14/01/2026;b;C;-2,00\n")


def test_only_credits_are_marked() -> None:
    assert amounts_of("Date,Description,Amount\n13/01/2026,a,1.00\n14/01/2026,b,2.00 CR\n") == [
        "-1.00",
        "2.00",
    ]


@pytest.mark.parametrize(
    ("debit", "credit"),
    [("1,00", "2,00"), ("-1,00", "2,00"), ("1,00", "-2,00"), ("-1,00", "+2,00")],
)
def test_debits_and_credits_whatever_their_signs(debit: str, credit: str) -> None:
    text = f"Date;Libellé;Débit;Crédit\n13/01/2026;a;{debit};\n14/01/2026;b;;{credit}\n"
    assert amounts_of(text) == ["-1.00", "2.00"]


def test_debits_and_credits_with_zeros_for_nothing() -> None:
    assert amounts_of(
        "Date;Libellé;Débit;Crédit\n13/01/2026;a;1,00;0,00\n14/01/2026;b;0,00;2,00\n"
    ) == ["-1.00", "2.00"]


def test_debit_and_credit_both_filled_is_told() -> None:
    reading = reading_of("Date;Libellé;Débit;Crédit\n13/01/2026;a;1,00;2,00\n14/01/2026;b;;2,00\n")
    assert [each.number for each in reading.unreadable] == [2]
    assert len(reading.lines) == 1


def test_debits_of_both_signs_are_refused_unless_balances_prove_them() -> None:
    with pytest.raises(NotSure):
        reading_of(
            "Date;Libellé;Débit;Crédit\n13/01/2026;a;1,00;\n"
            "14/01/2026;b;-2,00;\n15/01/2026;c;;1,00\n"
        )
    assert amounts_of(
        "Date;Libellé;Débit;Crédit;Solde\n13/01/2026;a;1,00;;9,00\n"
        "14/01/2026;b;-2,00;;11,00\n15/01/2026;c;;1,00;12,00\n"
    ) == ["-1.00", "2.00", "1.00"]


def test_all_positive_without_anything_that_tells_is_refused() -> None:
    with pytest.raises(NotSure):
        reading_of("Date;Description;Amount\n13/01/2026;a;1,00\n14/01/2026;b;2,00\n")


def test_balances_prove_that_all_positive_amounts_came_in() -> None:
    assert amounts_of(
        "Date;Libellé;Montant;Solde\n13/01/2026;a;1,00;1,00\n14/01/2026;b;2,00;3,00\n"
    ) == ["1.00", "2.00"]


def test_balances_that_fall_by_positive_amounts_reverse_them() -> None:
    text = (
        "Date;Libellé;Montant;Solde\n13/01/2026;a;1,00;10,00\n"
        "14/01/2026;b;2,00;8,00\n15/01/2026;c;-5,00;13,00\n"
    )
    assert amounts_of(text) == ["-1.00", "-2.00", "5.00"]


def test_a_card_whose_payments_are_negative_is_refused() -> None:
    text = "Date,Description,Amount\n" + "".join(
        f"{day}/01/2026,SHOP,{day}.10\n" for day in range(13, 20)
    )
    with pytest.raises(NotSure):
        reading_of(text + "20/01/2026,PAYMENT RECEIVED - THANK YOU,-50.00\n")


def test_a_card_by_its_layout() -> None:
    text = (
        "Trans. Date,Post Date,Description,Amount,Category\n01/02/2026,01/03/2026,SHOP,12.00,Food\n"
    )
    assert rows(text) == [("2026-01-03", "-12.00", "SHOP")]


# Which column


def test_an_amount_and_a_balance_that_look_alike_are_told_apart_by_arithmetic() -> None:
    text = "13/01/2026;a;100,00;-10,00\n14/01/2026;b;95,00;-5,00\n15/01/2026;c;115,00;20,00\n"
    assert rows(text) == [
        ("2026-01-13", "-10.00", "a"),
        ("2026-01-14", "-5.00", "b"),
        ("2026-01-15", "20.00", "c"),
    ]


def test_two_columns_of_amounts_that_nothing_explains_are_refused() -> None:
    with pytest.raises(NotSure):
        reading_of(
            "13/01/2026;a;100,00;-10,00\n14/01/2026;b;95,00;-7,00\n15/01/2026;c;-110,00;20,00\n"
        )


def test_duplicated_names_with_different_amounts_are_refused() -> None:
    with pytest.raises(NotSure):
        reading_of("Date;Libellé;Montant;Montant\n13/01/2026;a;-1,00;-2,00\n")


def test_a_number_tells_duplicated_names_apart() -> None:
    text = "Date;Libellé;Montant;Montant\n13/01/2026;a;-1,00;-2,00\n"
    told = Told({Role.DATE: "Date", Role.AMOUNT: "4", Role.LABEL: "Libellé"})
    assert rows(text, told) == [("2026-01-13", "-2.00", "a")]
    with pytest.raises(NotSure):
        reading_of(text, Told({Role.AMOUNT: "Montant"}))


def test_names_that_nobody_knows_can_be_told() -> None:
    text = "Jour J;Quoi;Combien;Aussi\n13/01/2026;a;-1,00;-5,50\n14/01/2026;b;-2,00;-6,50\n"
    with pytest.raises(NotSure) as caught:
        reading_of(text)
    assert caught.value.columns == ["Jour J", "Quoi", "Combien", "Aussi"]
    told = Told({Role.DATE: "Jour J", Role.AMOUNT: "Combien", Role.LABEL: "Quoi"})
    assert rows(text, told) == [("2026-01-13", "-1.00", "a"), ("2026-01-14", "-2.00", "b")]


def test_a_foreign_amount_is_not_the_account_s() -> None:
    text = (
        'Date,Payee,"Amount (Foreign Currency)","Amount (EUR)",Currency\n'
        "2026-01-13,a,-11.00,-10.00,USD\n2026-01-14,b,-22.00,-20.00,USD\n"
    )
    assert amounts_of(text) == ["-10.00", "-20.00"]


def test_no_header_at_all() -> None:
    assert rows("13/01/2026;Café;-12,50\n14/01/2026;Paie;1200,00\n") == CAFE


def test_debits_and_credits_without_a_header_need_balances() -> None:
    lines = [("13/01/2026", "a", "1.00", "", "99.00"), ("14/01/2026", "b", "", "5.00", "104.00")]
    text = "".join(",".join(line) + "\n" for line in lines)
    assert amounts_of(text) == ["-1.00", "5.00"]
    with pytest.raises(NotSure):
        reading_of("".join(",".join(line[:4]) + "\n" for line in lines))


def test_several_accounts_are_told_apart_by_their_column() -> None:
    reading = reading_of(
        "Compte;Date;Libellé;Montant\nFR7611;13/01/2026;a;-1,00\n"
        "FR7622;13/01/2026;b;-2,00\nFR7611;14/01/2026;c;-3,00\n"
    )
    assert [line.account for line in reading.lines] == ["FR7611", "FR7622", "FR7611"]


def test_a_counterparty_is_not_the_account() -> None:
    reading = reading_of(
        "Date;Libellé;IBAN;Montant\n13/01/2026;a;FR7611;-1,00\n"
        "13/01/2026;b;FR7622;-2,00\n14/01/2026;c;FR7633;-3,00\n"
    )
    assert {line.account for line in reading.lines} == {""}


# What stands around the movements


@pytest.mark.parametrize("count", [1, 6, 12])
def test_a_preamble_of_any_length(count: int) -> None:
    preamble = "".join(f"Critère {number};{number}\n" for number in range(count))
    assert (
        rows(preamble + "Date;Libellé;Montant\n13/01/2026;Café;-12,50\n14/01/2026;Paie;1200,00\n")
        == CAFE
    )


def test_totals_balances_and_repeated_headers_are_no_movements() -> None:
    text = (
        "Date;Libellé;Montant\n01/01/2026;Solde initial;100,00\n13/01/2026;Café;-12,50\n"
        "Date;Libellé;Montant\n14/01/2026;Paie;1200,00\n;Total;1187,50\nTotal;;1187,50\n"
        "31/01/2026;Nouveau solde;1287,50\n\nPage 1 sur 1\n"
    )
    assert rows(text) == CAFE


def test_a_label_over_several_lines_is_one() -> None:
    text = (
        'Date;Libellé;Montant\n13/01/2026;"Café\n'
        '  de la gare";-12,50\n14/01/2026;"Paie\n";1200,00\n'
    )
    assert [label for _date, _amount, label in rows(text)] == ["Café de la gare", "Paie"]


def test_a_line_with_nothing_but_more_of_the_label_belongs_to_the_one_before() -> None:
    text = (
        "Date,Description,Debit,Credit\n18/01/2026,DEBIT,5.00,\n,SHOP,,\n19/01/2026,CREDIT,,6.00\n"
    )
    assert rows(text) == [("2026-01-18", "-5.00", "DEBIT SHOP"), ("2026-01-19", "6.00", "CREDIT")]


def test_a_line_without_a_date_is_told() -> None:
    reading = reading_of("Date;Libellé;Montant\n;a;-1,00\n13/01/2026;b;-2,00\n")
    assert [each.number for each in reading.unreadable] == [2]


def test_a_line_without_an_amount_is_told() -> None:
    reading = reading_of("Date;Libellé;Montant\n12/01/2026;a;\n13/01/2026;b;-2,00\n")
    assert [each.number for each in reading.unreadable] == [2]


def test_pending_and_reverted_lines_say_so() -> None:
    reading = reading_of(
        "Date;Libellé;Montant;Statut\n13/01/2026;a;-1,00;Terminé\n"
        "14/01/2026;b;-2,00;En attente\n15/01/2026;c;-3,00;Annulé\n"
    )
    assert [line.status for line in reading.lines] == [
        LineStatus.BOOKED,
        LineStatus.PENDING,
        LineStatus.REVERTED,
    ]


def test_a_status_that_nobody_knows_is_told() -> None:
    reading = reading_of(
        "Date;Libellé;Montant;Statut\n13/01/2026;a;-1,00;Terminé\n14/01/2026;b;-2,00;Zzz\n"
    )
    assert [each.number for each in reading.unreadable] == [3]


def test_a_fee_beside_the_amount_is_refused_unless_balances_tell() -> None:
    with pytest.raises(NotSure):
        reading_of(
            "Date;Description;Amount;Fee\n13/01/2026;a;-1,00;0,50\n14/01/2026;b;-2,00;0,00\n"
        )
    head = "Date;Description;Amount;Fee;Balance\n"
    assert amounts_of(
        head + "13/01/2026;a;-1,00;0,00;9,00\n"
        "14/01/2026;b;-2,00;0,50;7,00\n15/01/2026;c;-2,00;0,00;5,00\n"
    ) == [
        "-1.00",
        "-2.00",
        "-2.00",
    ]
    assert amounts_of(
        head + "13/01/2026;a;-1,00;0,00;9,00\n"
        "14/01/2026;b;-2,00;0,50;6,50\n15/01/2026;c;-2,00;0,00;4,50\n"
    ) == [
        "-1.00",
        "-2.00",
        "-0.50",
        "-2.00",
    ]


def test_balances_of_other_lines_say_nothing_of_a_fee() -> None:
    with pytest.raises(NotSure):
        reading_of(
            "Date;Description;Amount;Fee;Balance\n13/01/2026;a;-1,00;0,50;9,00\n"
            "14/01/2026;b;-2,00;0,00;7,00\n15/01/2026;c;-2,00;0,00;5,00\n"
        )


def test_movements_before_the_header_are_not_lost() -> None:
    with pytest.raises(NotSure):
        reading_of("12/01/2026;a;-1,00\nDate;Libellé;Montant\n13/01/2026;b;-2,00\n")


def test_several_tables_with_other_columns_are_refused() -> None:
    with pytest.raises(NotSure):
        reading_of(
            "Date;Libellé;Montant\n13/01/2026;b;-2,00\n\nDate;Montant;Carte\n14/01/2026;-3,00;1234\n"
        )


def test_each_block_of_lines_has_the_account_that_stands_before_it() -> None:
    head = "Date;Libellé;Débit euros;Crédit euros;\n"
    reading = reading_of(
        f"Compte n° 0001234;\n\n{head}13/01/2026;a;1,00;;\n\nLivret A n° 0005678;\n\n"
        f"{head}14/01/2026;b;;2,00;\n"
    )
    assert [line.account for line in reading.lines] == ["0001234", "0005678"]


def test_a_line_damaged_all_over_is_told() -> None:
    reading = reading_of("Date;Libellé;Montant\n13/01/2026;a;-1,00\n1Z/01/2026;b;-1,0O\n")
    assert [each.number for each in reading.unreadable] == [3]


def test_row_numbers_are_no_ids_of_the_bank() -> None:
    text = "Id;Date;Libellé;Montant\n{};13/01/2026;a;-1,00\n{};14/01/2026;b;-1,00\n"
    assert [line.bank_id for line in reading_of(text.format(1, 2)).lines] == ["", ""]
    assert [line.bank_id for line in reading_of(text.format("x1", "x2")).lines] == ["x1", "x2"]


def test_a_space_before_a_quote() -> None:
    assert rows('"Date", "Libellé", "Montant"\n"13/01/2026", "a, b", "-1,00"\n') == [
        ("2026-01-13", "-1.00", "a, b")
    ]


def test_a_western_line_in_a_utf_8_file() -> None:
    content = (
        "Date;Libellé;Montant\n13/01/2026;Hôtel;-1,00\n".encode()
        + "14/01/2026;Café;-2,00\n".encode("cp1252")
    )
    assert [label for _date, _amount, label in rows(content)] == ["Hôtel", "Café"]


def test_a_shop_called_total_is_a_movement() -> None:
    text = (
        "Date;Libellé;Montant\n12/01/2026;x;-1,00\n13/01/2026;TOTAL;-50,00\n"
        "14/01/2026;NEW BALANCE;-90,00\n15/01/2026;x;-1,00\n"
    )
    assert [label for _date, _amount, label in rows(text)] == ["x", "TOTAL", "NEW BALANCE", "x"]


# What is broken


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", b"\x00\x00", b"   "])
def test_an_empty_file_is_refused(content: bytes) -> None:
    with pytest.raises(NotReadable, match="vide"):
        read(content)


@pytest.mark.parametrize(
    "content",
    [
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
        b"PK\x03\x04\x00\x00",
        b"%PDF-1.7\n",
        bytes(range(256)) * 9,
    ],
)
def test_what_is_no_text_is_refused(content: bytes) -> None:
    with pytest.raises(NotReadable):
        read(content)


def test_a_header_alone_is_an_empty_statement() -> None:
    assert rows("Date;Libellé;Montant\n") == []


def test_text_that_is_no_table_is_refused() -> None:
    with pytest.raises(NotReadable):
        reading_of("Bonjour\nle monde\n")
    with pytest.raises(NotReadable):
        reading_of("<html><table><tr><td>13/01/2026</td></tr></table></html>")


def test_a_quote_left_open_spoils_its_own_line_alone() -> None:
    reading = reading_of(
        'Date;Libellé;Montant\n13/01/2026;"Café;-12,50\n'
        '14/01/2026;Paie;1200,00\n15/01/2026;"x";-1,00\n'
    )
    assert [line.label for line in reading.lines] == ["Paie", "x"]
    assert [each.number for each in reading.unreadable] == [2]


def test_nul_bytes_spoil_their_own_line_alone() -> None:
    reading = reading_of(
        "Date;Libellé;Montant\n13/01/2026;Paie\x00;1200,00\n14/01/2026;Café;-12,50\n"
    )
    assert [line.label for line in reading.lines] == ["Café"]
    assert [each.number for each in reading.unreadable] == [2]


def test_a_label_of_ten_megabytes_is_told() -> None:
    reading = reading_of(
        "Date;Libellé;Montant\n13/01/2026;" + "x" * 10_000_000 + ";-1,00\n14/01/2026;b;-2,00\n"
    )
    assert [line.label for line in reading.lines] == ["b"]
    assert [len(each.text) for each in reading.unreadable] == [200]


def test_two_thousand_columns() -> None:
    names = ";".join(f"c{number}" for number in range(2000))
    row = ";".join("" for _number in range(2000))
    assert rows(f"Date;Libellé;Montant;{names}\n13/01/2026;a;-1,00;{row}\n") == [
        ("2026-01-13", "-1.00", "a")
    ]


def test_formulas_are_text() -> None:
    text = 'Date;Libellé;Montant\n13/01/2026;"=HYPERLINK(""http://x"";""y"")";-1,00\n'
    assert rows(text)[0][2] == '=HYPERLINK("http://x";"y")'


def test_commas_that_part_cells_and_decimals_alike_are_refused() -> None:
    with pytest.raises(NotReadable):
        reading_of("Date,Libellé,Montant\n13/01/2026,a,-12,50\n14/01/2026,b,-13,50\n")


def test_a_label_with_the_delimiter_in_it_is_put_together() -> None:
    text = "Date;Libellé;Montant\n13/01/2026;a;b;-1,00\n14/01/2026;c;-2,00\n15/01/2026;d;-2,00\n"
    assert [label for _date, _amount, label in rows(text)] == ["a;b", "c", "d"]


def test_lines_that_are_quoted_whole() -> None:
    assert (
        rows(
            '"Date,Libellé,Montant"\n"13/01/2026,Café,""-12,50"""\n"14/01/2026,Paie,""1200,00"""\n'
        )
        == CAFE
    )


def test_the_separator_that_a_spreadsheet_writes_first() -> None:
    assert (
        rows("sep=;\nDate;Libellé;Montant\n13/01/2026;Café;-12,50\n14/01/2026;Paie;1200,00\n")
        == CAFE
    )


def test_a_mapping_tells_the_decimals() -> None:
    text = "Date;Libellé;Montant\n13/01/2026;a;-1,234\n"
    assert rows(text, Told(decimals=Decimals.POINT)) == [("2026-01-13", "-1234.00", "a")]
    assert Decimal(reading_of(text, Told(decimals=Decimals.POINT)).lines[0].amount) == Decimal(
        -1234
    )


def test_balances_before_each_line_do_not_reverse_the_amounts() -> None:
    text = (
        "Datum;Beginsaldo;Bedrag;Saldo;Omschrijving\n13/01/2026;100,00;-10,00;100,00;a\n"
        "14/01/2026;90,00;-5,00;90,00;b\n15/01/2026;85,00;20,00;85,00;c\n"
    )
    assert amounts_of(text) == ["-10.00", "-5.00", "20.00"]


def test_of_two_dates_with_names_that_say_little_neither_is_guessed() -> None:
    with pytest.raises(NotSure):
        reading_of(
            "Datum X;Datum Y;Text;Betrag\n13.01.2026;15.01.2026;a;-1,00\n"
            "14.01.2026;14.01.2026;b;-1,00\n"
        )


def test_paid_in_with_a_currency_is_a_credit() -> None:
    assert amounts_of(
        "Date;Description;Paid Out (EUR);Paid In (EUR)\n13/01/2026;a;1,00;\n14/01/2026;b;;2,00\n"
    ) == [
        "-1.00",
        "2.00",
    ]


def test_marks_of_credits_in_a_column_of_their_own() -> None:
    text = (
        "Date Processed,Description,Amount,\n12-Dec-2019,SHOP,£67.40,\n"
        '11-Dec-2019,OTHER,"£1,183.23",\n'
        '02-Dec-2019,PAYMENT RECEIVED - THANK YOU,"+ £1,100.00",CR\n'
    )
    assert amounts_of(text) == ["-67.40", "-1183.23", "1100.00"]


def test_a_plus_on_some_amounts_alone_says_nothing_of_the_others() -> None:
    with pytest.raises(NotSure):
        reading_of("Date,Description,Amount\n13/01/2026,a,£67.40\n14/01/2026,b,+ £100.00\n")


def test_an_inflow_that_is_negative_where_money_leaves() -> None:
    assert amounts_of("Date;Payee;Inflow\n13.01.2026;a;-1,00\n14.01.2026;b;2,00\n") == [
        "-1.00",
        "2.00",
    ]


def test_a_direction_that_is_the_reverse_of_every_sign_is_a_card_s() -> None:
    text = "Date;Type;Description;Amount\n13/01/2026;DEBIT;a;30,00\n14/01/2026;CREDIT;b;-500,00\n"
    assert amounts_of(text) == ["-30.00", "500.00"]


def test_mostly_positive_amounts_are_refused() -> None:
    with pytest.raises(NotSure):
        reading_of(
            "Date,Description,Amount\n13/01/2026,a,67.40\n14/01/2026,b,12.00\n15/01/2026,c,-20.00\n"
        )


def test_sides_with_zeros_for_nothing_and_no_header() -> None:
    text = "13/01/2026,0,Deposit,0,500.00,500.00\n14/01/2026,101,Check,100.00,0,400.00\n"
    with pytest.raises(NotSure):  # two lines can add up in two ways
        reading_of(text)
    assert amounts_of(text + "15/01/2026,102,Check,100.00,0,300.00\n") == [
        "500.00",
        "-100.00",
        "-100.00",
    ]


def test_sums_without_a_name_after_the_rows_are_no_movements() -> None:
    text = "Date;Libellé;Débit;Crédit\n13/01/2026;a;5,00;\n14/01/2026;b;;3,00\n"
    assert amounts_of(text + ";;5,00;3,00\n") == ["-5.00", "3.00"]
    assert reading_of(text + ";;5,00;4,00\n").unreadable


def test_a_day_with_its_balance_alone_is_no_movement() -> None:
    text = "Date;Libellé;Montant;Solde\n01/01/2026;;;100,00\n13/01/2026;a;-5,00;95,00\n"
    assert amounts_of(text) == ["-5.00"]


def test_labels_of_digits_are_labels() -> None:
    assert rows("Date;Libellé;Montant\n13/01/2026;123456;-5,00\n") == [
        ("2026-01-13", "-5.00", "123456")
    ]


def test_quotes_left_open_on_two_lines_do_not_make_one_of_them() -> None:
    reading = reading_of(
        'Date;Libellé;Montant\n13/01/2026;"a;-1,00\n14/01/2026;"b;-2,00\n15/01/2026;c;-3,00\n'
    )
    assert [line.label for line in reading.lines] == ["c"]
    assert [each.number for each in reading.unreadable] == [2, 3]


def test_a_label_over_several_lines_before_another_date() -> None:
    text = 'Date;Libellé;Date valeur;Montant\n13/01/2026;"a\nb";14/01/2026;-1,00\n'
    assert rows(text) == [("2026-01-13", "-1.00", "a b")]


def test_the_columns_and_first_rows_are_kept_for_who_maps_them() -> None:
    reading = reading_of(
        "Compte n° 123\n\nDate;Libellé;Montant;\n\n13/01/2026;Café  de\x00 la Gare;-12,50;x\n"
        "14/01/2026;Paie;1200,00\n" + "15/01/2026;Café;-1,00;\n" * 20
    )
    assert reading.header == ["Date", "Libellé", "Montant", "4"]
    assert reading.sample[:2] == [
        ["13/01/2026", "Café de la Gare", "-12,50", "x"],
        ["14/01/2026", "Paie", "1200,00", ""],
    ]
    assert len(reading.sample) == 8


def test_a_table_without_a_header_has_numbered_columns_and_its_movements_to_show() -> None:
    reading = reading_of("13/01/2026;Café;-12,50\n14/01/2026;Paie;1200,00\n")
    assert reading.header == ["1", "2", "3"]
    assert reading.sample == [["13/01/2026", "Café", "-12,50"], ["14/01/2026", "Paie", "1200,00"]]


@pytest.mark.parametrize(
    "text",
    [
        "Date;Libellé;Montant;;\n01/02/2026;Café;1,00;;\n01/02/2026;Bar;1,00;;\n",
        "Quand;Libellé;Combien;;\n1;Café;x;;\n2;Bar;y;;\n",
    ],
    ids=["read in two ways", "no header known"],
)
def test_what_is_not_sure_tells_the_columns_and_shows_rows(text: str) -> None:
    with pytest.raises(NotSure) as refused:
        reading_of(text)
    assert [cells[1] for cells in refused.value.sample] == ["Café", "Bar"]
    assert {len(cells) for cells in refused.value.sample} == {len(refused.value.columns)}


def test_a_row_that_is_shown_is_cut_where_it_is_long() -> None:
    reading = reading_of(f"Date;Libellé;Montant\n13/01/2026;{'x' * 9_000};-12,50\n")
    assert reading.sample == [["13/01/2026", "x" * 200, "-12,50"]]


def test_a_header_is_known_again_whatever_its_capitals_accents_and_signs() -> None:
    first = header_fingerprint(["Date", "Libellé", "Montant (EUR)"])
    assert first == header_fingerprint([" DATE ", "libelle", "montant  EUR"])
    assert first != header_fingerprint(["Date", "Montant (EUR)", "Libellé"])
    assert len(first) == 64


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        # Days of booking go before those of purchase, by whatever words.
        (
            "TransactionDate;Text;Amount;BookDate;ValueDate\n19.03.2026;Café;-2,50;20.03.2026;19.03.2026\n"
            "18.03.2026;Paie;90,00;18.03.2026;18.03.2026\n",
            [("2026-03-20", "-2.50", "Café"), ("2026-03-18", "90.00", "Paie")],
        ),
        (
            "#Datum nákupu;#Datum zaúčtování transakce;#Popis;#Částka transakce\n"
            "19-03-2026;20-03-2026;Café;-2,50\n18-03-2026;18-03-2026;Paie;90,00\n",
            [("2026-03-20", "-2.50", "Café"), ("2026-03-18", "90.00", "Paie")],
        ),
        # The amount in the account's currency, not in that of the purchase.
        (
            "Data księgowania;Opis;Kwota operacji;Waluta operacji;Kwota w walucie rachunku;"
            "Waluta rachunku\n"
            "20-03-2026;Café;-2,00;EUR;-8,60;PLN\n18-03-2026;Paie;90,00;PLN;90,00;PLN\n",
            [("2026-03-20", "-8.60", "Café"), ("2026-03-18", "90.00", "Paie")],
        ),
        # What is blocked is no amount.
        (
            "Data księgowania;Tytuł;Kwota transakcji (waluta rachunku);Kwota blokady\n"
            "20-03-2026;Café;-2,50;\n18-03-2026;Paie;90,00;\n",
            [("2026-03-20", "-2.50", "Café"), ("2026-03-18", "90.00", "Paie")],
        ),
        # Cents without a separator, beside the same in units.
        (
            "booking_date,purpose,amount,amount_formatted\n"
            '2026-03-20,Café,-250,"-2,50 €"\n2026-03-18,Paie,9000,"90,00 €"\n',
            [("2026-03-20", "-2.50", "Café"), ("2026-03-18", "90.00", "Paie")],
        ),
        # What fees leave is what moved.
        (
            "Date,Name,Gross,Fee,Net\n2026-03-20,Café,-2.50,0.00,-2.50\n2026-03-18,Paie,93.00,-3.00,90.00\n",
            [("2026-03-20", "-2.50", "Café"), ("2026-03-18", "90.00", "Paie")],
        ),
        (
            "Data;Histórico;Crédito (R$);Débito (R$)\n"
            "20/03/2026;Café;;2,50\n18/03/2026;Paie;90,00;\n",
            [("2026-03-20", "-2.50", "Café"), ("2026-03-18", "90.00", "Paie")],
        ),
        # Portuguese words put the day first.
        (
            "Data,Valor,Descrição\n03/02/2026,-2.50,Café\n04/02/2026,90.00,Paie\n",
            [("2026-02-03", "-2.50", "Café"), ("2026-02-04", "90.00", "Paie")],
        ),
    ],
)
def test_the_column_that_is_meant_is_taken(
    table: str, expected: list[tuple[str, str, str]]
) -> None:
    assert rows(table) == expected


@pytest.mark.parametrize(
    ("table", "labels"),
    [
        # A column that is blank, or says the same in all lines, is no label where others tell more.
        (
            "Posting date;Item;Amount;Client note\n"
            "2026-03-20;Bakery;-2,50;\n2026-03-18;Wages;90,00;\n",
            ["Bakery", "Wages"],
        ),
        (
            "Datum;Beschreibung;Betrag;Beschreibung 1;Beschreibung2\n"
            "20.03.2026;Privatkonto;-2,50;Café;Paris\n"
            "18.03.2026;Privatkonto;90,00;Paie;\n17.03.2026;Privatkonto;-4,00;Gare;Lyon\n",
            ["Café Paris", "Paie", "Gare Lyon"],
        ),
        # Where a line has none, another column speaks for it.
        (
            "Date;Type;Note;Amount\n2026-03-20;Payment;Bakery;-2,50\n2026-03-18;Transfer;;90,00\n",
            ["Bakery Payment", "Transfer"],
        ),
        # A time of day is none; columns without a name go on with the one before them.
        (
            "Date,Heure,De,À,Montant\n20/03/2026,10:11,Moi,Paul,-2.50\n18/03/2026,09:00,Ada,Moi,90.00\n",
            ["Moi Paul", "Ada Moi"],
        ),
        (
            '"Data operacji","Kwota","Opis transakcji","",""\n'
            '"2026-03-20","-2.50","Karta: 12","Lokalizacja: Café",""\n'
            '"2026-03-18","+90.00","Nadawca: Ada","Paie",""\n',
            ["Karta: 12 Lokalizacja: Café", "Nadawca: Ada Paie"],
        ),
    ],
)
def test_a_label_says_what_there_is_to_say(table: str, labels: list[str]) -> None:
    assert [label for _date, _amount, label in rows(table)] == labels


def test_a_single_counterparty_s_number_is_not_the_account() -> None:
    (line,) = reading_of(
        "Kontonummer:;DE02 1234 / Girokonto\n\n"
        "Buchungstag;Auftraggeber / Begünstigter;Verwendungszweck;Kontonummer;BLZ;Betrag (EUR)\n"
        "16.01.2026;Café;Danke;DE99500105175419999999;AAAA;-2,50\n"
    ).lines
    assert line.account == "DE02 1234"


def test_the_currency_of_a_purchase_is_not_the_account_s() -> None:
    reading = reading_of(
        "Date;Amount;Original amount;Original currency;Description\n"
        "2026-03-20;-2.50;-2.70;USD;Café\n2026-03-18;-3.00;-3.20;USD;Bar\n"
    )
    assert [line.currency for line in reading.lines] == ["", ""]


@pytest.mark.parametrize(
    "label",
    [
        "S A L D O",
        "Solde en début de période",
        "Likutis pradžiai",
        "Apyvarta",
        "Turnover",
        "Saldo końcowe",
    ],
)
def test_a_balance_is_no_line_in_whatever_words(label: str) -> None:
    table = f"Date;Label;Amount\n20.03.2026;Café;-2,50\n18.03.2026;{label};9000,00\n"
    assert rows(table) == [("2026-03-20", "-2.50", "Café")]


def test_the_sum_of_a_card_s_statement_is_no_line() -> None:
    assert rows(
        "Einkaufsdatum;Buchungstext;Belastung;Gutschrift\n20.03.2026;Café;2.50;\n"
        "18.03.2026;Zahlung;;90.00\n;Total per 20.03.2026;2.50;90.00\n"
    ) == [("2026-03-20", "-2.50", "Café"), ("2026-03-18", "90.00", "Zahlung")]


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Geaccepteerd", LineStatus.BOOKED),
        ("Berechnet", LineStatus.BOOKED),
        ("Venter", LineStatus.PENDING),
        ("En cours de validation", LineStatus.PENDING),
        ("В обработке", LineStatus.PENDING),
        ("Odrzucona", LineStatus.REVERTED),
    ],
)
def test_statuses_of_more_languages(word: str, status: LineStatus) -> None:
    reading = reading_of(
        f"Date;Libellé;Montant;Status\n13/01/2026;a;-1,00;Completed\n14/01/2026;b;-2,00;{word}\n"
    )
    assert [line.status for line in reading.lines] == [LineStatus.BOOKED, status]


def test_months_in_romanian_and_polish() -> None:
    assert rows("Data;Opis;Kwota\n20 stycznia 2026;Café;-2,50\n18 ianuarie 2026;Paie;90,00\n") == [
        ("2026-01-20", "-2.50", "Café"),
        ("2026-01-18", "90.00", "Paie"),
    ]


def test_d_and_k_are_the_directions_of_baltic_banks() -> None:
    assert amounts_of(
        "Data;Paaiškinimai;Suma;D/K\n2026-03-20;a;2.50;D\n2026-03-18;b;90.00;K\n"
    ) == [
        "-2.50",
        "90.00",
    ]


def test_statuses_that_nobody_knows_are_refused() -> None:
    table = "Date;Libellé;Montant;Status\n13/01/2026;a;-1,00;Xxx\n14/01/2026;b;-2,00;Zzz\n"
    with pytest.raises(NotSure):
        reading_of(table)
    columns = {Role.DATE: "Date", Role.AMOUNT: "Montant", Role.LABEL: "Libellé"}
    assert len(reading_of(table, Told(columns)).lines) == 2


def test_a_column_called_pending_says_which_lines_are() -> None:
    reading = reading_of(
        "Date,Amount,Pending,Description\n2026-03-20,-2.50,false,Café\n2026-03-21,-1.00,true,Bar\n"
    )
    assert [line.status for line in reading.lines] == [LineStatus.BOOKED, LineStatus.PENDING]


@pytest.mark.parametrize(
    "table",
    [
        "Buchungstag;Wertstellung;Buchungstext;Umsatz in EUR\noffen;offen;Tanken;-60,00\n"
        "20.03.2026;20.03.2026;Café;-2,50\n",
        "Bokföringsdag;Belopp;Rubrik\nReserverat;-60,00;Bensin\n2026/03/20;-2,50;Café\n",
        "Data transakcji;Data księgowania;Tytuł;Kwota;Kwota blokady\n"
        "2026-03-19;2026-03-20;Café;-2,50;\n2026-03-21;;Bensin;;-60,00\n",
    ],
)
def test_what_is_not_booked_and_has_no_day_is_left_out(table: str) -> None:
    assert rows(table) == [("2026-03-20", "-2.50", "Café")]


def test_a_pending_line_has_its_date_of_value() -> None:
    reading = reading_of(
        "Buchungsdatum;Wertstellung;Status;Verwendungszweck;Betrag\n"
        ";21.03.26;Vorgemerkt;Tanken;-60,00\n20.03.26;20.03.26;Gebucht;Café;-2,50\n"
    )
    assert [(str(line.date), line.status) for line in reading.lines] == [
        ("2026-03-21", LineStatus.PENDING),
        ("2026-03-20", LineStatus.BOOKED),
    ]


def test_a_label_may_stand_in_the_line_below() -> None:
    assert rows(
        "Uitvoeringsdatum;Bedrag;Details;Wisselkoers\n30/01/2026;-39,28;;\n"
        ";;Bakker Wengen;koers##1\n"
        "28/01/2026;+1,50;;\n;;Kiosk;koers##\n"
    ) == [("2026-01-30", "-39.28", "Bakker Wengen"), ("2026-01-28", "1.50", "Kiosk")]


def test_the_balance_beside_the_account_s_number_is_no_line() -> None:
    reading = reading_of(
        "20/03/2026;-2,50;Carte;;CB CAFE;;0;Divers\n19/03/2026;-4;Carte;;CB GARE;;0;Divers\n"
        "18/03/2026;-3,25;Carte;;CB BAR;;0;Divers\n20/03/2026;974,5;;;01234 567890A;;;\n"
    )
    assert [str(line.amount) for line in reading.lines] == ["-2.50", "-4.00", "-3.25"]
    assert {line.account for line in reading.lines} == {"01234 567890A"}
    assert [(each.account, str(each.amount)) for each in reading.balances] == [
        ("01234 567890A", "974.50")
    ]


@pytest.mark.parametrize(
    ("header", "payment"),
    [
        ("Datum,Beskrivning,Kortmedlem,Konto #,Belopp", "BETALNING MOTTAGEN"),
        ("Date,Description,Titulaire de la carte,Compte #,Montant", "PAIEMENT RECU"),
        ("Datum,Beschreibung,Karteninhaber,Konto #,Betrag", "ZAHLUNG ERHALTEN. BESTEN DANK"),
    ],
)
def test_what_a_card_s_statement_has_as_positive_was_spent(header: str, payment: str) -> None:
    table = f'{header}\n20/03/2026,Café,M,-1,"2,50"\n19/03/2026,{payment},M,-1,"-90,00"\n'
    assert amounts_of(table) == ["-2.50", "90.00"]


def test_a_payment_to_a_card_is_known_in_more_languages() -> None:
    with pytest.raises(NotSure):
        reading_of(
            "Datum;Text;Belopp\n20.03.2026;Kaffe;2,50\n18.03.2026;Betalning mottagen;-90,00\n"
        )


def test_a_quote_left_at_an_account_s_end_is_no_part_of_it() -> None:
    reading = reading_of(
        '"Rekening","Datum","Omschrijving","Bedrag"\n"NL77RABO01","2026-03-20","Café","-2,50"\n'
        'NL77RABO01","2026-03-19","Gare","-4,00"\n"NL77RABO01","2026-03-18","Bar","-3,00"\n'
    )
    assert {line.account for line in reading.lines} == {"NL77RABO01"}


@pytest.mark.parametrize("label", ["SOLDE DU PRET 12", "Balance of payments Ltd", "New Balance"])
def test_what_begins_like_a_balance_may_be_a_movement(label: str) -> None:
    table = f"Date;Label;Amount\n21.03.2026;a;-1,00\n20.03.2026;{label};-2,50\n19.03.2026;b;3,00\n"
    assert [each[2] for each in rows(table)] == ["a", label, "b"]


def long_table(rows: int) -> str:
    """Rows of several lines, among others of one, in more text than is looked at together."""
    head = "Date;Libellé;Montant;Solde\n"
    return head + "".join(
        f"{1 + each % 28:02d}/{1 + each // 28 % 12:02d}/2026;"
        f'"Café {each}{chr(10) + "suite" * (each % 3) if each % 7 == 0 else ""} ’";'
        f"-{each % 900},{each % 100:02d};{each},00\n"
        for each in range(1, rows + 1)
    )


def test_a_long_table_is_read_as_its_rows_are_one_by_one() -> None:
    lines = reading_of(long_table(5_000)).lines
    assert len(lines) == 5_000
    number = 2
    for each, line in enumerate(lines, start=1):
        assert line.number == number
        assert line.label.startswith(f"Café {each} ")
        assert line.amount == -Decimal(f"{each % 900}.{each % 100:02d}")
        assert line.balance == each
        number += 2 if each % 7 == 0 else 1


def test_a_quote_that_is_left_open_costs_a_long_table_that_row_alone() -> None:
    text = long_table(4_000).replace('"Café 2000 ’"', '"Café 2000')
    reading = reading_of(text)
    assert len(reading.lines) == 3_999
    assert [each.text[:22] for each in reading.unreadable] == ['13/12/2026;"Café 2000;']


def test_lines_can_be_gone_through_again_and_taken_one_by_one() -> None:
    reading = reading_of(
        "Date de début;Date de fin;Type;Produit;Description;Montant;Frais;Devise;État;Solde\n"
        "2026-01-13 10:00:00;2026-01-14 10:00:00;a;b;Café;-12.50;0.10;EUR;TERMINÉ;87.40\n"
        "2026-01-15 10:00:00;2026-01-15 10:00:00;a;b;Paie;100.00;0.00;EUR;TERMINÉ;187.40\n"
    )
    lines = list(reading.lines)
    assert [str(line.amount) for line in lines] == ["-12.50", "-0.10", "100.00"]
    assert [reading.lines[index] for index in range(3)] == lines == list(reading.lines)
    assert reading.lines[-2].label == "Frais Café"
    assert reading.lines[1:] == lines[1:]


def test_what_is_held_of_a_line_does_not_fill_the_memory() -> None:
    content = long_table(10_000).encode()
    tracemalloc.start()
    before, _peak = tracemalloc.get_traced_memory()
    reading = reading_of(content)
    after, _peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (after - before) / len(reading.lines) < 250


@given(st.from_regex(BALANCE_LINE, fullmatch=True))
@settings(max_examples=300, deadline=None)
def test_no_balance_is_overlooked_for_want_of_one_of_the_words(label: str) -> None:
    text = " ".join(label.split())
    assert not tells_a_balance(text) or saying([text], BALANCE_WORDS, bool)


@given(st.from_regex(CARD_PAYMENT, fullmatch=True))
@settings(max_examples=300, deadline=None)
def test_no_payment_to_a_card_is_overlooked_for_want_of_one_of_the_words(label: str) -> None:
    text = " ".join(label.split())
    assert not CARD_PAYMENT.search(text) or saying([text], CARD_PAYMENT_WORDS, bool)


@pytest.mark.parametrize(
    ("row", "other"),
    [
        # Without a header, the words of another column give amounts the signs the balance proves.
        (
            '"19-03-2026","NL12TRIO0123456789","25,50","Debet","Café","","BA","BEA","974,50"',
            '"18-03-2026","NL12TRIO0123456789","1.500,00","Credit","Paie","","OV","loon","1.000,00"',
        ),
        (
            "19-03-2026,NL12SNSB0123456789,,Café,,,,EUR,1000.00,EUR,-25.50,20-03-2026,19-03-2026,"
            "72,B,1,,'x',1",
            "18-03-2026,NL12SNSB0123456789,NL98,Paie,,,,EUR,-500.00,EUR,1500.00,18-03-2026,"
            "18-03-2026,8,O,1,,'l',1",
        ),
        (
            "AT601420020012345678;Café;19.03.2026;17.03.2026;-25,50;EUR",
            "AT601420020012345678;Paie;18.03.2026;18.03.2026;+1.500,00;EUR",
        ),
        (
            "19.03.2026;Café;17.03.2026;-25,50;EUR;19.03.2026 08:16:01:123",
            "18.03.2026;Paie;18.03.2026;1.500,00;EUR;18.03.2026 08:16:01:123",
        ),
    ],
)
def test_files_without_a_header_that_a_bank_is_known_by(row: str, other: str) -> None:
    reading = reading_of(f"{row}\n{other}\n")
    assert [(str(line.date), str(line.amount)) for line in reading.lines] == [
        ("2026-03-19", "-25.50"),
        ("2026-03-18", "1500.00"),
    ]
    assert ["Café" in line.label for line in reading.lines] == [True, False]


def test_a_code_of_two_letters_is_no_label_where_there_are_words() -> None:
    assert [
        label
        for _date, _amount, label in rows(
            '"20260319","D","2.50","ab","Café","xy","Rue"\n'
            '"20260318","C","9.00","ba","Paie","yx","Loin"\n'
        )
    ] == ["Café Rue", "Paie Loin"]


@pytest.mark.parametrize(
    ("debit", "credit"),
    [("Withdrawn", "Paid In"), ("Isplata", "Uplata"), ("Cargos (CLP)", "Abonos (CLP)")],
)
def test_more_names_of_both_sides(debit: str, credit: str) -> None:
    assert amounts_of(f"Date;Text;{debit};{credit}\n19.03.2026;a;2,50;\n18.03.2026;b;;90,00\n") == [
        "-2.50",
        "90.00",
    ]


def test_the_row_that_tells_an_account_s_balance_without_a_word_is_no_movement() -> None:
    first = "Compte de chèques;Compte de chèques;****1234;20/03/2026;;974,50\n"
    reading = reading_of(first + "19/03/2026;;;CB CAFE;-2,50\n18/03/2026;;;VIREMENT;90,00\n")
    assert [str(line.amount) for line in reading.lines] == ["-2.50", "90.00"]
    assert not reading.unreadable
    with pytest.raises(NotReadable):
        reading_of(first)


def test_a_bank_that_writes_dates_in_several_ways_is_not_read_by_its_language() -> None:
    with pytest.raises(NotSure):
        reading_of(
            "Datum,Omschrijving,Kaartlid,Rekening #,Bedrag\n"
            '03/02/2026,Café,M,-1,"2,50"\n04/02/2026,Bar,M,-1,"9,00"\n'
        )


def test_the_longer_statement_of_a_card_is_known_too() -> None:
    assert amounts_of(
        "Date,Description,Card Member,Account #,Amount,Extended Details,"
        "Appears On Your Statement As,Address,City/State,Zip Code,Country,Reference,Category\n"
        "01/20/2026,Cafe,M,-1,2.50,x,Cafe,a,b,c,d,'1','Food'\n"
        "01/19/2026,Payment,M,-1,-90.00,x,Payment,a,b,c,d,'2',\n"
    ) == ["-2.50", "90.00"]


@pytest.mark.parametrize(
    ("encoding", "header", "label", "other"),
    [
        ("cp932", "取引日,摘要,出金金額,入金金額,残高", "振込手数料", "給料"),
        ("gb18030", "日期,摘要,支出,收入,余额", "超市购物", "工资"),
        ("cp949", "날짜,내용,출금,입금,잔액", "편의점", "급여"),
        ("cp1251", "Дата,Описание,Расход,Приход,Остаток", "Магазин у дома", "Зарплата"),
        ("cp1253", "Ημερομηνία,Περιγραφή,Χρέωση,Πίστωση,Υπόλοιπο", "Αγορά μάρκετ", "Μισθός"),
        ("cp1255", "תאריך,פרטים,חובה,זכות,יתרה", "סופר", "משכורת"),
    ],
)
def test_a_text_in_another_script_is_not_read_as_a_western_one(
    encoding: str, header: str, label: str, other: str
) -> None:
    text = f"{header}\n2026/03/20,{label},250,,750\n2026/03/19,{other},,500,1000\n"
    assert rows(text.encode(encoding)) == [
        ("2026-03-20", "-250.00", label),
        ("2026-03-19", "500.00", other),
    ]


def test_russian_names_of_columns() -> None:
    reading = reading_of(
        "Номер карты;Дата операции;Дата обработки;Сумма операции;Валюта операции;"
        "Сумма в валюте счета;Валюта счета;Основание;Статус\n"
        "*7428;2026-03-19 10:11:12;2026-03-20;-4,50;EUR;-336,15;RUR;Магазин;Исполнено\n"
        "*7428;2026-03-21 10:11:12;;-600,00;RUR;-600,00;RUR;Связь;В обработке\n"
    )
    assert [(str(line.date), str(line.amount), line.label) for line in reading.lines][:1] == [
        ("2026-03-20", "-336.15", "Магазин")
    ]
    assert [line.status for line in reading.lines] == [LineStatus.BOOKED, LineStatus.PENDING]
    assert amounts_of(
        "Дата;Описание операции;Приход;Расход\n31.05.26;a;90,00;0\n03.05.26;b;0;50\n"
    ) == [
        "90.00",
        "-50.00",
    ]


@pytest.mark.parametrize(
    "table",
    [
        "Fecha,Nombre,Bruto,Comisión,Neto,Importe de envío\n"
        '20/03/2026,Café,"-2,50","0,00","-2,50","0,00"\n18/03/2026,Paie,"93,00","-3,00","90,00","0,00"\n',
        # Of two columns of one name, that which every line has.
        "Belegdatum;Verwendungszweck;Fremdwährung;Betrag;Betrag;Währung\n"
        "20.03.2026;Café;USD;- 3,00;- 2,50;EUR\n18.03.2026;Paie;;;90,00;EUR\nSaldo:;;;;87,50;EUR\n",
    ],
)
def test_the_amount_is_not_a_charge_nor_that_of_another_currency(table: str) -> None:
    assert amounts_of(table) == ["-2.50", "90.00"]


def test_an_account_may_be_told_in_the_cell_of_its_name() -> None:
    reading = reading_of(
        "Code de la banque : 10101;Date : 01/01/2026\n"
        "Numéro de compte : 01234567890;Devise : EUR;\n\n"
        "Date;Libellé;Débit;Crédit\n20/03/2026;Café;-2,50;\nBalance at start of period;;;90,00\n"
    )
    assert [line.account for line in reading.lines] == ["01234567890"]
    assert not reading.unreadable


def test_a_total_with_a_date_is_no_line_where_it_is_the_sum_of_the_others() -> None:
    table = "Date;Libellé;Débit;Crédit\n19/03/2026;a;2,50;\n20/03/2026;b;;90,00\n"
    assert amounts_of(table + "31/03/2026;TOTAL;2,50;90,00\n") == ["-2.50", "90.00"]
    assert amounts_of(table + "31/03/2026;TOTAL;40,00;\n") == ["-2.50", "90.00", "-40.00"]
    one = "Date;Libellé;Montant\n19/03/2026;a;-2,50\n20/03/2026;b;90,00\n20/03/2026;c;-4,00\n"
    assert amounts_of(one + "31/03/2026;Total;83,50\n") == ["-2.50", "90.00", "-4.00"]


def test_what_the_bank_has_not_carried_out_is_no_line() -> None:
    assert amounts_of(
        "Buchungstag;Verwendungszweck;Umsatz\n19.03.2026;Café;-2,50\n"
        "21.03.2026;* noch nicht ausgeführte Umsätze;-10,00\n"
    ) == ["-2.50"]
