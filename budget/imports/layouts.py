"""The layouts of banks whose files are recognised at once. A new bank is one `Layout` and one
example file in tests/imports/examples/."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from budget.imports import amounts, dates
from budget.imports.amounts import Decimals
from budget.imports.dates import DateOrder
from budget.imports.headers import Role, normalised


@dataclass(frozen=True, slots=True)
class Layout:
    """What one bank's columns are. Names are as the bank writes them; capitals, accents and signs
    do not matter. Roles hold one name, `label` several: they are joined.

    `header` are the names by which the layout is known, all of which must be there. `order` and
    `decimals` hold only where the file itself does not tell. `spent` says that a positive amount
    leaves. `fee` is a column of fees that come on top of the amount, each of which becomes a line
    of its own.
    """

    name: str
    header: str
    date: str
    label: str
    amount: str = ""
    debit: str = ""
    credit: str = ""
    direction: str = ""
    value_date: str = ""
    account: str = ""
    balance: str = ""
    currency: str = ""
    bank_id: str = ""
    status: str = ""
    category: str = ""
    fee: str = ""
    later_date: str = ""  # stands in where `date` is blank: a line that is not booked yet
    order: DateOrder | None = DateOrder.DMY  # None: the bank writes it in several ways
    decimals: Decimals = Decimals.COMMA
    spent: bool = False

    def names(self) -> frozenset[str]:
        """The names by which it is known, normalised."""
        return frozenset(normalised(name) for name in self.header.split(";") if name)

    def roles(self) -> dict[Role, list[str]]:
        """The columns' names by role, normalised."""
        told = {role: getattr(self, role.value) for role in Role}
        return {
            role: [normalised(name) for name in names.split(";")]
            for role, names in told.items()
            if names
        }


LAYOUTS = [
    Layout(
        name="Crédit Agricole",
        header="Date;Libellé;Débit euros;Crédit euros",
        date="Date",
        label="Libellé",
        debit="Débit euros",
        credit="Crédit euros",
    ),
    Layout(
        name="BoursoBank",
        header=(
            "dateOp;dateVal;label;category;categoryParent;amount;accountNum;accountLabel;"
            "accountbalance"
        ),
        date="dateOp",
        value_date="dateVal",
        label="label",
        amount="amount",
        account="accountNum",
        category="category",
        order=DateOrder.DMY,
    ),
    Layout(
        name="Caisse d'Épargne, Banque Populaire",
        header=(
            "Date de comptabilisation;Libelle simplifie;Libelle operation;Reference;Debit;"
            "Credit;Date operation;Date de valeur"
        ),
        date="Date de comptabilisation",
        value_date="Date de valeur",
        label="Libelle operation",
        debit="Debit",
        credit="Credit",
        category="Categorie",
    ),
    Layout(
        name="Crédit Mutuel, CIC",
        header="Date;Date de valeur;Débit;Crédit;Libellé;Solde",
        date="Date",
        value_date="Date de valeur",
        label="Libellé",
        debit="Débit",
        credit="Crédit",
        balance="Solde",
    ),
    Layout(
        name="Fortuneo",
        header="Date opération;Date valeur;libellé;Débit;Crédit",
        date="Date opération",
        value_date="Date valeur",
        label="libellé",
        debit="Débit",
        credit="Crédit",
    ),
    Layout(
        name="Société Générale",
        header="Date de l'opération;Libellé;Détail de l'écriture;Montant de l'opération;Devise",
        date="Date de l'opération",
        label="Libellé;Détail de l'écriture",
        amount="Montant de l'opération",
        currency="Devise",
    ),
    Layout(
        name="La Banque Postale",
        header="Date;Libellé;Montant(EUROS)",
        date="Date",
        label="Libellé",
        amount="Montant(EUROS)",
    ),
    Layout(
        name="BNP Paribas",
        header=(
            "Date operation;Libelle court;Type operation;Libelle operation;"
            "Montant operation en euro"
        ),
        date="Date operation",
        label="Libelle operation",
        amount="Montant operation en euro",
    ),
    Layout(
        name="Revolut",
        header=(
            "Type;Product;Started Date;Completed Date;Description;Amount;Fee;Currency;State;Balance"
        ),
        date="Completed Date",
        later_date="Started Date",
        label="Description",
        amount="Amount",
        fee="Fee",
        currency="Currency",
        status="State",
        balance="Balance",
        order=DateOrder.YMD,
        decimals=Decimals.POINT,
    ),
    Layout(
        name="Revolut",
        header="Type;Produit;Date de début;Date de fin;Description;Montant;Frais;Devise;État;Solde",
        date="Date de fin",
        later_date="Date de début",
        label="Description",
        amount="Montant",
        fee="Frais",
        currency="Devise",
        status="État",
        balance="Solde",
        order=DateOrder.YMD,
        decimals=Decimals.POINT,
    ),
    Layout(
        name="N26",
        header=(
            "Booking Date;Value Date;Partner Name;Partner Iban;Type;Payment Reference;"
            "Account Name;Amount (EUR)"
        ),
        date="Booking Date",
        value_date="Value Date",
        label="Partner Name;Payment Reference",
        amount="Amount (EUR)",
        account="Account Name",
        order=DateOrder.YMD,
        decimals=Decimals.POINT,
    ),
    Layout(
        name="N26",
        header="Date;Payee;Account number;Transaction type;Payment reference;Amount (EUR)",
        date="Date",
        label="Payee;Payment reference",
        amount="Amount (EUR)",
        category="Category",
        order=DateOrder.YMD,
        decimals=Decimals.POINT,
    ),
    Layout(
        name="N26",
        header=(
            "Date;Bénéficiaire;Numéro de compte;Type de transaction;Référence de paiement;"
            "Montant (EUR)"
        ),
        date="Date",
        label="Bénéficiaire;Référence de paiement",
        amount="Montant (EUR)",
        category="Catégorie",
        order=DateOrder.YMD,
        decimals=Decimals.POINT,
    ),
    Layout(
        name="N26",
        header="Datum;Empfänger;Kontonummer;Transaktionstyp;Verwendungszweck;Betrag (EUR)",
        date="Datum",
        label="Empfänger;Verwendungszweck",
        amount="Betrag (EUR)",
        category="Kategorie",
        order=DateOrder.YMD,
        decimals=Decimals.POINT,
    ),
    Layout(
        name="Wise",
        header="TransferWise ID;Date;Amount;Currency;Description;Payment Reference;Running Balance",
        date="Date",
        label="Description",
        amount="Amount",
        currency="Currency",
        balance="Running Balance",
        bank_id="TransferWise ID",
        decimals=Decimals.POINT,
    ),
    Layout(
        name="Belfius",
        header=(
            "Compte;Date de comptabilisation;Numéro d'extrait;Numéro de transaction;"
            "Transaction;Date valeur;Montant;Devise"
        ),
        date="Date de comptabilisation",
        value_date="Date valeur",
        label="Nom contrepartie contient;Nom contrepartie;Transaction;Communications",
        amount="Montant",
        account="Compte",
        currency="Devise",
    ),
    Layout(
        name="Belfius",
        header=(
            "Rekening;Boekingsdatum;Rekeninguittrekselnummer;Transactienummer;Transactie;"
            "Valutadatum;Bedrag;Devies"
        ),
        date="Boekingsdatum",
        value_date="Valutadatum",
        label="Naam tegenpartij bevat;Naam tegenpartij;Transactie;Mededelingen",
        amount="Bedrag",
        account="Rekening",
        currency="Devies",
    ),
    Layout(
        name="Belfius",
        header=(
            "Rekening;Boekingsdatum;Afschriftnummer;Transactienummer;Transactie;Valutadatum;"
            "Bedrag;Devies"
        ),
        date="Boekingsdatum",
        value_date="Valutadatum",
        label="Naam tegenpartij bevat;Naam tegenpartij;Transactie;Mededelingen",
        amount="Bedrag",
        account="Rekening",
        currency="Devies",
    ),
    Layout(
        name="KBC",
        header=(
            "Rekeningnummer;Rubrieknaam;Naam;Munt;Afschriftnummer;Datum;Omschrijving;Valuta;"
            "Bedrag;Saldo"
        ),
        date="Datum",
        value_date="Valuta",
        label="Naam tegenpartij;Omschrijving;Vrije mededeling;gestructureerde mededeling",
        amount="Bedrag",
        account="Rekeningnummer",
        currency="Munt",
        balance="Saldo",
    ),
    Layout(
        name="KBC",
        header=(
            "kredietkaart;kaarthouder;uitgavenstaat;datum verrichting;Datum verrekening;bedrag;"
            "bedrag in EUR;Handelaar"
        ),
        date="Datum verrekening",
        label="Handelaar;toelichting",
        amount="bedrag in EUR",
        account="kredietkaart",
    ),
    Layout(
        name="ING België",
        header=(
            "Rekeningnummer;Naam van de rekening;Rekening tegenpartij;Omzetnummer;"
            "Boekingsdatum;Valutadatum;Bedrag;Munteenheid;Omschrijving;Detail van de omzet"
        ),
        date="Boekingsdatum",
        value_date="Valutadatum",
        label="Omschrijving;Detail van de omzet;Bericht",
        amount="Bedrag",
        account="Rekeningnummer",
        currency="Munteenheid",
    ),
    Layout(
        name="ING Belgique",
        header=(
            "Numéro de compte;Nom du compte;Compte contrepartie;Numéro de mouvement;"
            "Date comptable;Date valeur;Montant;Devise;Libellés;Détails du mouvement"
        ),
        date="Date comptable",
        value_date="Date valeur",
        label="Libellés;Détails du mouvement;Message",
        amount="Montant",
        account="Numéro de compte",
        currency="Devise",
    ),
    Layout(
        name="Keytrade",
        header="Extrait;Date;Date valeur;Compte;Description;Montant;Devise",
        date="Date",
        value_date="Date valeur",
        label="Description",
        amount="Montant",
        currency="Devise",
    ),
    Layout(
        name="Keytrade",
        header="Uittreksel;Datum;Valutadatum;Rekening;Omschrijving;Bedrag;Valuta",
        date="Datum",
        value_date="Valutadatum",
        label="Omschrijving",
        amount="Bedrag",
        currency="Valuta",
    ),
    Layout(
        name="bunq",
        header="Date;Interest Date;Amount;Account;Counterparty;Name;Description",
        date="Date",
        value_date="Interest Date",
        label="Name;Description",
        amount="Amount",
        account="Account",
        order=DateOrder.YMD,
    ),
    Layout(
        name="bunq",
        header="Datum;Bedrag;Rekening;Tegenrekening;Naam;Omschrijving",
        date="Datum",
        value_date="Rentedatum",
        label="Naam;Omschrijving",
        amount="Bedrag",
        account="Rekening",
        order=DateOrder.YMD,
    ),
    Layout(
        name="Monzo",
        header=(
            "Transaction ID;Date;Time;Type;Name;Category;Amount;Currency;Local amount;"
            "Local currency"
        ),
        date="Date",
        label="Name;Description",
        amount="Amount",
        currency="Currency",
        bank_id="Transaction ID",
        category="Category",
        decimals=Decimals.POINT,
    ),
    Layout(
        name="Monzo",
        header="id;created;amount;currency;local_amount;local_currency;category;description",
        date="created",
        label="description",
        amount="amount",
        currency="currency",
        bank_id="id",
        category="category",
        order=DateOrder.YMD,
        decimals=Decimals.POINT,
    ),
    Layout(
        name="ING Nederland",
        header=(
            "Datum;Naam / Omschrijving;Rekening;Tegenrekening;Code;Af Bij;Bedrag (EUR);Mededelingen"
        ),
        date="Datum",
        label="Naam / Omschrijving;Mededelingen",
        amount="Bedrag (EUR)",
        direction="Af Bij",
        account="Rekening",
        balance="Saldo na mutatie",
    ),
    Layout(
        name="Rabobank",
        header="IBAN/BBAN;Munt;BIC;Volgnr;Datum;Rentedatum;Bedrag;Saldo na trn;Naam tegenpartij",
        date="Datum",
        value_date="Rentedatum",
        label="Naam tegenpartij;Omschrijving-1;Omschrijving-2;Omschrijving-3",
        amount="Bedrag",
        account="IBAN/BBAN",
        currency="Munt",
        balance="Saldo na trn",
    ),
    Layout(
        name="Discover",
        header="Trans. Date;Post Date;Description;Amount;Category",
        date="Post Date",
        label="Description",
        amount="Amount",
        category="Category",
        order=DateOrder.MDY,
        decimals=Decimals.POINT,
        spent=True,
    ),
    Layout(
        name="Apple Card",
        header="Transaction Date;Clearing Date;Description;Merchant;Category;Type;Amount (USD)",
        date="Clearing Date",
        label="Description",
        amount="Amount (USD)",
        category="Category",
        order=DateOrder.MDY,
        decimals=Decimals.POINT,
        spent=True,
    ),
    *(
        Layout(
            name="American Express",
            header=f"{date};{label};{member};{account};{amount}",
            date=date,
            label=label,
            amount=amount,
            order=None,
            decimals=decimals,
            spent=True,
        )
        for date, label, member, account, amount, decimals in [
            ("Date", "Description", "Card Member", "Account #", "Amount", Decimals.POINT),
            ("Date", "Description", "Titulaire de la carte", "Compte #", "Montant", Decimals.COMMA),
            ("Datum", "Omschrijving", "Kaartlid", "Rekening #", "Bedrag", Decimals.COMMA),
            ("Datum", "Beschreibung", "Karteninhaber", "Konto #", "Betrag", Decimals.COMMA),
            ("Datum", "Beskrivning", "Kortmedlem", "Konto #", "Belopp", Decimals.COMMA),
            ("Data", "Descrizione", "Titolare della carta", "Conto #", "Importo", Decimals.COMMA),
        ]
    ),
    Layout(
        name="American Express",
        header=(
            "Date;Description;Amount;Extended Details;Appears On Your Statement As;Address;"
            "Reference;Category"
        ),
        date="Date",
        label="Description",
        amount="Amount",
        category="Category",
        order=None,
        decimals=Decimals.POINT,
        spent=True,
    ),
    Layout(
        name="Amazon Visa (LBB)",
        header=(
            "Kreditkartennummer;Transaktionsdatum;Buchungsdatum;Händler (Name, Stadt & Land);"
            "Umsatzkategorie;Betrag in Euro"
        ),
        date="Buchungsdatum",
        label="Händler (Name, Stadt & Land)",
        amount="Betrag in Euro",
        account="Kreditkartennummer",
        category="Umsatzkategorie",
        spent=True,
    ),
    Layout(
        name="Viseca",
        header=(
            "TransactionID;CardId;Date;ValueDate;Amount;Currency;OriginalAmount;"
            "OriginalCurrency;MerchantName;StateType;Details"
        ),
        date="ValueDate",
        label="MerchantName;Details",
        amount="Amount",
        account="CardId",
        currency="Currency",
        bank_id="TransactionID",
        status="StateType",
        decimals=Decimals.POINT,
        spent=True,
    ),
    Layout(
        name="Nubank",
        header="date;category;title;amount",
        date="date",
        label="title",
        amount="amount",
        category="category",
        decimals=Decimals.POINT,
        spent=True,
    ),
]
#: Layouts of files without a header, known by what is in each column of every row: a date, an
#: IBAN of a country, a code of three capitals, an amount, or anything. Columns are counted from 1.
UNNAMED = [
    *(
        (
            f"date;iban NL;;;;;;code;amount;code;amount;date;date;;;;;{last}",
            Layout(
                name="ASN Bank, RegioBank, SNS",
                header="",
                date="1",
                value_date="13",
                label="4;18",
                amount="11",  # the ninth is the balance before it
                account="2",
                currency="10",
                decimals=Decimals.POINT,
            ),
        )
        for last in ("", ";")
    ),
    (
        "iban AT;;date;date;amount;code",
        Layout(
            name="easybank",
            header="",
            date="3",
            value_date="4",
            label="2",
            amount="5",
            account="1",
            currency="6",
        ),
    ),
    (
        "date;;date;amount;code;date",
        Layout(
            name="Raiffeisen Österreich",
            header="",
            date="1",
            value_date="3",  # the sixth is the moment of booking
            label="2",
            amount="4",
            currency="5",
        ),
    ),
]
CELLS: dict[str, Callable[[str], object]] = {
    "": lambda _cell: True,
    "date": dates.is_date,
    "amount": amounts.is_amount,
    "code": re.compile(r"[A-Z]{3}").fullmatch,
    "iban NL": re.compile(r"NL[0-9]{2}[A-Z]{4}[0-9]{10}").fullmatch,
    "iban AT": re.compile(r"AT[0-9]{18}").fullmatch,
}
#: The layouts that are known by the most names come first.
BY_NAMES = sorted(((layout.names(), layout) for layout in LAYOUTS), key=lambda each: -len(each[0]))


def layout_of(header: Sequence[str]) -> Layout | None:
    """The layout whose names are all among a header's, the one of the most names first."""
    present = {normalised(name) for name in header if name}
    for names, layout in BY_NAMES:
        # A few names can be anybody's: then these must be nearly all that there are.
        if names <= present and (len(names) >= 6 or len(present) <= len(names) + 2):
            return layout
    return None


def unnamed_layout_of(rows: Sequence[Sequence[str]]) -> Layout | None:
    """The layout that rows without a header have, as long as every one of them has it."""
    for cells, layout in UNNAMED:
        kinds = [CELLS[kind] for kind in cells.split(";")]
        if rows and all(
            len(row) == len(kinds)
            and all(kind(cell.strip()) for kind, cell in zip(kinds, row, strict=True))
            for row in rows
        ):
            return layout
    return None
