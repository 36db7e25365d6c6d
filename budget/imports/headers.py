"""What banks call their columns, in French, English, Dutch, German and some neighbours."""

from __future__ import annotations

import enum
import functools
import hashlib
import re
from collections.abc import Sequence

from budget.core.folding import fold
from budget.imports.reading import LineStatus


class Role(enum.StrEnum):
    """What a column is taken for."""

    DATE = "date"
    VALUE_DATE = "value_date"
    AMOUNT = "amount"
    DEBIT = "debit"
    CREDIT = "credit"
    DIRECTION = "direction"
    LABEL = "label"
    ACCOUNT = "account"
    BALANCE = "balance"
    CURRENCY = "currency"
    BANK_ID = "bank_id"
    STATUS = "status"
    CATEGORY = "category"
    FEE = "fee"


@functools.lru_cache(maxsize=4096)
def normalised(name: str) -> str:
    """A column's name for comparing: no accents, capitals or signs. "D/C" is "d c"."""
    letters = fold(name.strip()).replace("ł", "l").replace("ø", "o")
    return re.sub(r"[^a-z0-9]+", " ", letters).strip() or name.strip().casefold()


def header_fingerprint(columns: Sequence[str]) -> str:
    """What a table with these columns is known by again: 64 hexadecimal digits."""
    return hashlib.sha256(";".join(map(normalised, columns)).encode()).hexdigest()


CURRENCIES = (
    "eur|euro|euros|usd|gbp|chf|sek|nok|dkk|pln|czk|huf|ron|cad|aud|nzd|sgd|hkd|inr|brl|jpy|zar|"
    "r|us|ft|kc|kr|zl|rm|rs|try|tl|thb|php|mxn|ils|rub|rur|uah|bgn|hrk|clp|cop|ars|pen|myr|idr|krw|aed|"
    "isk|kes|ngn"  # "R$" is "r", "US$" "us"
)
#: "Montant (EUR)", "Amount in USD", "Bedrag EUR".
OF_CURRENCY = re.compile(rf"\b(?:{CURRENCIES}|eu|0)$")
IN = re.compile(r"\b(?:in|en|d)$")

# By role, in order of preference: an earlier name is a better column for the role.
NAMES: dict[Role, str] = {
    Role.DATE: """
        date de comptabilisation|date comptable|date de comptabilite|date comptabilisation|
        booking date|date booked|bookingdate|posting date|posted date|post date|posted on|
        date posted|posting|completed date|datum des abschlusses|datum voltooid|
        fecha de finalizacion|data di completamento|data zakonczenia|date completed|
        date completed utc|date de fin|settlement date|settled date|buchungstag|buchungsdatum|
        buchung|buchungs datum|datum der buchung|boekingsdatum|boekdatum|datum boeking|
        data contabile|data ksiegowania|fecha contable|datum zauctovani|datum zaúčtování|
        bokforingsdag|bokforingsdatum|bokforingsdato|reskontradatum|bogfort|bogforingsdato|bokfort|
        konyveles datuma|konyvelesi datum|book date|data rozliczenia|дата обработки|
        дата обработки операции|дата проводки|data lancto|data registrazione|
        datum verrekening|fecha de operacion|fecha operacion|f operacion|
        date de l operation local|date de l operation utc|date operation|date d operation|
        date de l operation|date de operation|dateop|date op|date|datum|date of transaction|
        transaction date|trans date|date transaction|date de transaction|date de la transaction|
        datum transactie|transactiedatum|datum verrichting|datum van verrichting|uitvoeringsdatum|
        date d execution|execution date|dato|fecha|data|data operacji|data operazione|data mov|
        data lancamento|datum provedeni|data transakcji|tranzakcio datuma|transaktionsdatum|
        umsatzdatum|belegdatum|umsatz getatigt am|jour|day|finished on|created on|started date|
        date de debut|date created|created|timestamp|date time|datetime|time|entry date|
        effective date|process date|processed date|clearing date|purchase date|kirjauspaiva|pvm|
        paivamaara|datum knjizenja|tarih|date heure|date achat|date d achat|
        date de l achat|date du releve|date debit|дата|дата операции|
        дата и час|дата совершения операции|дата транзакции
        """,
    Role.VALUE_DATE: """
        date de valeur|date valeur|dateval|date val|valeur|value date|valuedate|valuta datum|
        valutadatum|valuta|wertstellung|wertstellungsdatum|wert|valutierung|rentedatum|
        interest date|data valuta|data waluty|fecha valor|f valor|ertéknap|erteknap|valutadag|
        rentedato|valutadato|date d effet|valutastellung|arvopaiva|data valor
        """,
    Role.AMOUNT: """
        montant|montant operation|montant de l operation|montant de la transaction|
        montant transaction|montant net|amount|transaction amount|amount local currency|
        net amount|value|betrag|umsatz|buchungsbetrag|bedrag|transactiebedrag|importe|importo|
        import|valor|kwota|kwota operacji|castka|objem|zauctovana castka|osszeg|
        tranzakcio osszege|belop|belob|belopp|summa|summe|sum|maara|iznos|suma|suma operacji|
        tutar|montant euro|montant eur|somme|billed amount|charge amount|kontobetrag|
        transaktionsbetrag|amount account currency|montant du mouvement|mouvement|payment amount|
        total|amount gbp|amount eur|settled amount|billing amount|kwota transakcji|
        net|netto|neto|gross|brutto|bruto|brut|lordo|avant commission|сумма|сумма операции|
        сумма платежа
        """,
    Role.DEBIT: """
        debit|debits|debit euros|ut fra konto|debit amount|amount debit|montant debit|
        debit montant|paid out|money out|withdrawal|withdrawals|withdrawal amount|withdrawal amt|
        withdrawls|outflow|out|depense|depenses|sortie|sorties|soll|sollbetrag|belastung|
        belastungen|lastschrift|ausgang|ausgaben|ausgabe|debet|af|uitgaven|uitgave|afschrijving|
        uit|dare|addebito|addebiti|uscite|uscita|cargo|cargos|debito|debe|obciazenia|obciazenie|
        terheles|ut|uttag|spending|charge|charges|payments out|debited|debits dr|dr|expense|
        expenses|geld uit|montant au debit|funds out|amount out|saidas|saida|gastos|gasto|
        egresos|egreso|retiros|retiro|borc|wydatki|withdrawn|isplata|isplate|duguje|breme|
        расход|разход|списание|дебет|дебит
        """,
    Role.CREDIT: """
        credit|credits|credit euros|inn pa konto|credit amount|amount credit|montant credit|
        credit montant|paid in|money in|deposit|deposits|deposit amount|deposit amt|inflow|in|
        recette|recettes|entree|entrees|haben|habenbetrag|gutschrift|gutschriften|eingang|
        einnahmen|einnahme|bij|inkomsten|bijschrijving|avere|accredito|accrediti|entrate|entrata|
        abono|abonos|credito|haber|uznania|uznanie|jovairas|inn|insattning|payments in|credited|
        credits cr|cr|income|revenu|revenus|geld in|montant au credit|funds in|amount in|entradas|
        entrada|ingresos|ingreso|depositos|deposito|alacak|wplywy|uplata|uplate|potrazuje|
        dobro|приход|зачисление|кредит
        """,
    Role.DIRECTION: """
        sens|sens operation|sens de l operation|d c|c d|dc|cd|debit credit|credit debit|
        debit or credit|credit or debit|debet credit|credit debet|cr dr|dr cr|af bij|bij af|s h|
        h s|soll haben|direction|credit debit indicator|debit credit indicator|credit debit flag|
        sign|signe|+/-|+/−|vorzeichen|transactiesoort bij af|code debet credit|debet credit code|
        dc code|bevetel kiadas|debet of credit|debito credito|segno|naturaleza|in out|dbit crdt|
        inflow outflow|money in out|kind of entry|soll haben kennzeichen|kennzeichen|d k|d c k|
        debet kredit|kredit debet
        """,
    Role.LABEL: """
        libelle|libelles|beschrijving|transaction remarks|remarks|libelle operation|
        libelle de l operation|libelle complet|intitule|intitule de l operation|
        intitule operation|label|description|descriptions|transaction description|
        description de l operation|description operation|designation|operation|
        nature de l operation|nature|details|detail|narrative|narration|particulars|
        transaction details|communication|communications|transaction|memo|omschrijving|mededeling|
        mededelingen|verwendungszweck|buchungsdetails|buchungsinformationen|beschreibung|
        transaktionsbeschreibung|descrizione|concepto|descripcion|descricao|popis|zprava|
        zprava pro prijemce|tytul|opis|opis operacji|opis transakcji|kozlemeny|tekst|text|
        beskrivelse|beskrivning|forklaring|selite|motif|objet|merchant|merchant name|commercant|
        bezeichnung|buchungstext|vorgang verwendungszweck|info|causale|descricao do lancamento|
        reason|purpose|betreff|details du mouvement|detail de l ecriture|transaction text|
        omschrijving 1|omschrijving 2|omschrijving 3|description 1|description 2|description 3|
        avisering text|avisierungstext|rubrik|aciklama|booking text|message|meddelande|otsikko|
        obchodni misto|descrizione estesa|descrizione completa|descrizione operazioni|historico|
        descriere|detalii tranzactie|detalii|transaction narrative|descripcion ampliada|
        szczegoly transakcji|poznamka k uhrade|tytulem|szczegoly|описание|описание операции|
        основание|назначение платежа|комментарий
        """,
    Role.ACCOUNT: """
        compte|numero de compte|numero compte|n compte|no compte|num compte|n de compte|compte n|
        accountnum|account number|account no|account num|account nr|account id|account|
        account name|nom du compte|accountlabel|iban|iban compte|compte iban|rekening|
        rekeningnummer|rekening nummer|iban bban|auftragskonto|iban auftragskonto|kontonummer|
        konto|konto nr|kontonr|eigene iban|numero de cuenta|cuenta|conto|numero conto|cislo uctu|
        szamlaszam|rachunek|numer rachunku|kontonamn|kredietkaart|card number|card no|carte|
        numero de carte|kartennummer|from account|own account|compte bancaire|kontobezeichnung|
        номер счета|номер карты
        """,
    Role.BALANCE: """
        solde|solde apres operation|solde apres l operation|solde progressif|solde comptable|
        solde en euros|accountbalance|account balance|balance|running balance|running bal|
        balance after|balance after transaction|closing balance|ledger balance|new balance|saldo|
        saldo na trn|saldo na boeking|saldo na mutatie|saldo nach buchung|saldo neu|kontostand|
        neuer saldo|saldo contabile|saldo po operacji|egyenleg|zustatek|stand|current balance|
        available balance|end balance|resulting balance|bokfort saldo|saldi|eindsaldo|stanje|
        bakiye|остаток|баланс
        """,
    Role.CURRENCY: """
        devise|monnaie|code devise|devise du compte|currency|currency code|account currency|ccy|
        валюта счета|валюта|munt|muntsoort|munteenheid|muntcode|devies|devizanem|wahrung|waehrung|
        buchungswahrung|
        moneda|divisa|mena|mena uctu|waluta|valuta|valutakod|moeda|tranzakcio devizaneme
        """,
    Role.BANK_ID: """
        transaction id|id transaction|transaction_id|id de transaction|identifiant|
        identifiant de la transaction|identifiant operation|transferwise id|id|fitid|unique id|
        transaction reference number|transactie id|id operation|volgnr|transaktions id|
        id transakce|transaction number|uuid|numero d operation|transaktions nr|
        identifiant de l operation
        """,
    Role.STATUS: """
        status|state|statut|etat|transaction status|etat de l operation|stato|estado|stav|stan|
        transactiestatus|zustand|statut de la transaction|pending|is pending|статус
        """,
    Role.CATEGORY: """
        categorie|sous categorie|category|subcategory|kategorie|rubriek|categoria|kategoria
        """,
    Role.FEE: """
        fee|fees|comision|tarifa|tariffa|oplata|frais|gebuhr|gebuhren|kosten|transaction fee|
        fee amount|commission|poplatek|
        prowizja
        """,
}

#: Rank by role and normalised name: 0 is the best name for a role.
RANKS: dict[str, list[tuple[Role, int]]] = {}
for _role, _names in NAMES.items():
    for _rank, _name in enumerate("".join(_names.split("\n")).split("|")):
        RANKS.setdefault(normalised(" ".join(_name.split())), []).append((_role, _rank))

#: Names that are not in the lists but have these words, and none of the others, come after them.
WORDS: list[tuple[Role, str, str]] = [
    (
        Role.AMOUNT,
        r"\b(montant|amount|\w*betrag|\w*bedrag|importe|importo|kwota|castka|osszeg\w*|belopp?|belob)\b",
        r"orig|ursprung|fremd|foreign|devise|frais|fee|balance|solde|saldo|local|initial|tax|vat|tva|"
        r"gebuhr|kosten|cours|rate|source|target|exchange|max|min|remise|cashback|interest|origin|waluta|"
        r"rekening|count|type|units|number|charges|blokad|blocked|reserved|envio|shipping|handling|"
        r"spedizione|versand|impuesto",
    ),
    (
        Role.VALUE_DATE,
        r"valeur|value|valuta|wertstellung|valor\b|waluty",
        r"montant|amount|betrag|market|face|type",
    ),
    (
        Role.DATE,
        r"\b(date|datum|\w*datum|dato|fecha|data)\b",
        r"valeur|value|valuta|birth|naissance|expir|taux|rate|due|echeance|card|statement|releve|"
        r"invoice|facture|export|modif|update|mandat|import",
    ),
    (
        Role.LABEL,
        r"\b(libelle|description|omschrijving|verwendungszweck|narrative|designation|intitule|"
        r"memo|notes?|remarques?|descrizione|beschreibung)\b",
        r"categor|code|type|court|simplifie|account|compte|category",
    ),
    (Role.BALANCE, r"\b(solde|saldo|balance|kontostand)\b", r"type|date|initial"),
]
#: Of several columns of dates, the day of booking.
BOOKED = re.compile(
    r"\b(?:book(?:ed|ing)?|post(?:ed|ing)?|settle(?:d|ment)?|comptab\w*|\w*buchung\w*|verbucht|boek\w*|"
    r"contab\w*|ksiegowan\w*|rozliczen\w*|zauctovan\w*|konyvel\w*|bokf\w*|bogf\w*|knjizen\w*)\b"
)
DAY = re.compile(r"\b(?:date|\w*datum|dato|fecha|data|day|tag|dag)\b")
#: Of several columns of amounts, the one in the currency in which the account is kept.
IN_ACCOUNT_CURRENCY = re.compile(
    r"\b(?:(?:waluta|walucie) rachunku|account currency|currency of (?:the )?account|"
    r"devise (?:du|de) compte|konto ?wahrung|rekening ?valuta|valuta (?:del )?conto|men[ey] uctu|"
    r"divisa (?:de la )?cuenta|kontovaluta|szamla devizanem\w*|валют[еу] счета)\b"
)
#: A word for an amount, and none for what the account holds.
SUM = re.compile(
    r"^(?!.*\b(?:balance|solde|saldo)\b).*\b(?:montant|amount|\w*betrag|\w*bedrag|importe|importo|"
    r"kwota|castka|osszeg\w*|belopp?|belob|valor|сумма)\b"
)
VALUED = re.compile(r"valeur|value|valuta|wertstellung|valor|waluty|text|amount|number|type")
NUMBERED = re.compile(r" ?[1-9]$")
CAPITAL_WITHIN = re.compile(r"(?<=[a-z])(?=[A-Z])")
#: After the names of days of booking in the list, before those of other days.
BOOKED_RANK = next(rank for role, rank in RANKS["fecha de operacion"] if role is Role.DATE)
COMPILED = [(role, re.compile(has), re.compile(has_not)) for role, has, has_not in WORDS]
AFTER_THE_LISTS = 1000

#: Who was on the other side: goes into the label, and is never the account's own.
COUNTERPARTIES = {
    normalised(name)
    for name in """
    payee|name|nom|naam|counterparty|counterparty name|counter party|partner name|partner|
    nom contrepartie|nom contrepartie contient|naam tegenpartij|naam tegenpartij bevat|
    nom de la contrepartie|name description|naam omschrijving|auftraggeber empfanger|
    empfanger|empfanger name|begunstigter|auftraggeber begunstigter|
    begunstigter zahlungspflichtiger|beguenstigter zahlungspflichtiger|
    name zahlungsbeteiligter|zahlungsempfanger|zahlungsempfanger in|
    zahlungspflichtige r|auftraggeber|beneficiaire|
    beneficiary|beneficiary name|contrepartie|nom du tiers|tiers|tegenpartij|partner neve|
    nazev protiuctu|destinataire|recipient|payer|merchant|merchant name|supplier|handelaar|
    nom et adresse contrepartie|counterparty account name|gegenpartei|name des partners|
    beguenstigter|nadawca odbiorca|kontrahent|dane kontrahenta|opposing name|
    tegenrekeninghouder|auftraggeber zahlungsempfanger|auftraggeber zahlungsempfanger in|
    nazev protistrany|nazov protistrany|partner nev|nome|namn|nimi|saaja maksaja|saajan nimi|
    nadawca odbiorca|odbiorca zleceniodawca|nazwa nadawcy|nazwa odbiorcy|gavejas|nombre|other party
    """.replace("\n", "").split("|")
}
PARTY = re.compile(
    r"\b(begunstigter|beguenstigter|auftraggeber|\w*empfanger|\w*empfaenger|zahlungspflichtiger|payee|counterparty|"
    r"tegenpartij|contrepartie|beneficiaire|beneficiary|counter party)\b"
)
PARTY_NUMBER = re.compile(
    r"\b(iban|bic|konto\w*|account|compte|number|nr|no|adress?e?|address|id|blz|"
    r"rekening\w*|bank|"
    r"abweichender)\b"
)

#: Words of a language whose banks write the day first.
DAY_FIRST = re.compile(
    r"\b(libelles?|montant|devise|solde|valeur|operation|date comptable|compte|categorie|"
    r"beneficiaire|dateop|dateval|"
    r"bedrag|omschrijving|boekingsdatum|rekening\w*|tegenrekening|mededeling\w*|munt|rentedatum|"
    r"buchungstag|buchung\w*|betrag|verwendungszweck|umsatz|wertstellung|wahrung|empfanger|"
    r"importo|causale|descrizione|importe|concepto|fecha|saldo|valor|historico|descricao|"
    r"lancamento|movimentos?|movimientos?|dato|datum|belopp?|belob|tekst|kwota|opis|castka|popis|"
    r"suma|osszeg|kozlemeny|tutar|aciklama|tarih)\b"
)


@functools.lru_cache(maxsize=4096)
def roles_of(name: str) -> tuple[tuple[Role, int], ...]:
    """The roles that a column of this name may have, each with a rank: 0 is the surest."""
    text = normalised(name)
    if not text or len(text) > 80:
        return ()
    if text in RANKS:
        return tuple(RANKS[text])
    short = OF_CURRENCY.sub("", text).strip()
    if short != text:
        for each in (short, IN.sub("", short).strip()):  # "Paid in (EUR)", "Amount in EUR"
            if each in RANKS:
                return tuple(RANKS[each])
    if text in COUNTERPARTIES:
        return ()
    return _roles_by_words(name, text)


def _roles_by_words(name: str, text: str) -> tuple[tuple[Role, int], ...]:
    """The role of a column whose name, and what is left of it without signs, is in no list."""
    for role, rank in RANKS.get(NUMBERED.sub("", text), []):  # "Beschreibung 2"
        if role is Role.LABEL:
            return ((role, rank),)
    if (parted := normalised(CAPITAL_WITHIN.sub(" ", name))) in RANKS:  # "BookDate"
        return tuple(RANKS[parted])
    if DAY.search(text) and BOOKED.search(text) and not VALUED.search(text):
        return ((Role.DATE, BOOKED_RANK),)
    if is_in_account_currency(name):
        return ((Role.AMOUNT, AFTER_THE_LISTS),)
    return tuple(
        (role, AFTER_THE_LISTS)
        for role, has, has_not in COMPILED
        if has.search(text) and not has_not.search(text)
    )[:1]


def is_in_account_currency(name: str) -> bool:
    """Whether a column of this name holds amounts in the currency in which the account is kept."""
    text = normalised(name)
    return bool(SUM.search(text) and IN_ACCOUNT_CURRENCY.search(text))


def is_counterparty(name: str) -> bool:
    """Whether a column of this name holds who was on the other side."""
    text = normalised(name)
    return text in COUNTERPARTIES or bool(PARTY.search(text) and not PARTY_NUMBER.search(text))


#: What a column of directions says, and whether it means that money leaves.
LEAVES = set(
    """
    -|−|–|d|dr|db|dt|s|o|debit|debet|dbit|débit|debito|soll|belastung|lastschrift|af|uit|out|outflow|
    outgoing|expense|sortie|depense|dépense|dare|addebito|withdrawal|spent|cargo|debe|purchase|sale|
    uitgave|ausgang|ausgabe|paid out|money out|obciążenie|kiadás|terhelés|debetas|debets|deebet|
    odchozí
    """.strip()
    .replace("\n    ", "")
    .split("|")
)
ENTERS = set(
    """
    +|c|cr|ct|kt|h|i|credit|crédit|crdt|kredit|crédito|credito|haben|gutschrift|bij|in|inflow|incoming|
    income|entrée|entree|recette|avere|accredito|deposit|received|abono|haber|inkomst|eingang|einnahme|
    uznanie|bevétel|jóváírás|refund|paid in|money in|k|kreditas|kredits|kreedit|příchozí
    """.strip()
    .replace("\n    ", "")
    .split("|")
)


def leaves(word: str) -> bool | None:
    """Whether a direction's word says that money leaves; None where it says neither."""
    text = word.strip().casefold()
    return True if text in LEAVES else False if text in ENTERS else None


WORDS_FOR_STATUSES = {
    LineStatus.BOOKED: """
        completed|complete|terminé|terminée|effectué|effectuée|booked|posted|settled|cleared|
        gebucht|
        umsatz gebucht|verbucht|geboekt|verwerkt|uitgevoerd|exécuté|executed|comptabilisé|
        comptabilisée|abgeschlossen|success|successful|succeeded|paid|done|ok|valid|validé|validée|
        confirmed|processed|
        received|issued|sent|final|réglé|traité|closed|passé|voltooid|accepted|accepté|reconciled|
        uncleared|
        unreconciled|r|c|approved|captured|eseguito|contabilizzato|zaúčtováno|könyvelt|rozliczona|
        zrealizowana|refunded|active|transaction réussie|réussi|credited|ausgeführt|durchgeführt|
        afgerond|completada|finalizado|finalised|pointé|rapproché|geaccepteerd|aanvaard|berechnet|
        abgerechnet|umsatz abgerechnet|udført|bogført|bokført|utført|bokförd|genomförd|utförd|
        kirjattu|zaksięgowana|zaksięgowano|zaúčtovaná|zaúčtovaný|provedeno|realizované|teljesült|
        contabilizada|contabilizado|concluído|concluída|realizada|liquidado|liquidada|eseguita|
        contabilizzata|regolato|procesat|finalizat|исполнено|проведено|выполнен|tamamlandı
        """,
    LineStatus.PENDING: """
        pending|en attente|en cours|in progress|processing|vorgemerkt|umsatz vorgemerkt|ausstehend|
        in behandeling|authorised|authorized|authorisation|authorization|hold|on hold|reserved|
        gereserveerd|waiting|scheduled|à venir|planned|not posted|unposted|created|initiated|auth|
        offen|in attesa|pendiente|en traitement|prévu|open|preauthorized|unsettled|
        en cours de validation|
        en cours de traitement|en cours d’exécution|en cours d'exécution|venter|afventer|reserveret|
        reservert|reserverat|reserverad|väntande|oczekująca|oczekuje|w realizacji|blokada|blokace|
        nezaúčtováno|čekající|függőben|pendente|em processamento|non contabilizzato|autorizzato|
        en proceso|retenido|in verwerking|в обработке|в ожидании|beklemede|forecasted|forecast|
        projected
        """,
    LineStatus.REVERTED: """
        reverted|declined|failed|cancelled|canceled|rejected|annulé|annulée|refusé|refusée|échoué|
        échec|
        rejeté|rejetée|abgelehnt|storniert|fehlgeschlagen|geannuleerd|geweigerd|mislukt|reversed|
        voided|
        void|expired|expiré|expirée|denied|refused|returned|charged back|removed|rückgängig gemacht|
        annullato|rifiutato|cancelado|rechazado|error|blocked|teruggedraaid|retourné|extourné|
        deleted|
        supprimé|afvist|annulleret|avvist|avbruten|odrzucona|anulowana|zamítnuto|zrušeno|
        elutasítva|recusado|cancelada|rechazada|отказ|отменено|reddedildi|iptal edildi
        """,
}
STATUSES = {
    normalised(word): status
    for status, words in WORDS_FOR_STATUSES.items()
    for word in words.replace("\n", "").split("|")
}


#: Columns that say whether a line is pending, and the words with which they say it.
PENDING_NAMES = {"pending", "is pending"}
PENDING_WORDS = {
    "true": LineStatus.PENDING,
    "yes": LineStatus.PENDING,
    "1": LineStatus.PENDING,
    "false": LineStatus.BOOKED,
    "no": LineStatus.BOOKED,
    "0": LineStatus.BOOKED,
}


def status_of(word: str, name: str = "") -> LineStatus | None:
    """The status that a word says in a column of this name; None where it is no word for one.

    Nothing said is booked.
    """
    text = word.strip()
    if normalised(name) in PENDING_NAMES and text.casefold() in PENDING_WORDS:
        return PENDING_WORDS[text.casefold()]
    return STATUSES.get(normalised(text.casefold())) if text else LineStatus.BOOKED


#: Whatever names its day after a balance: "Balance as of 31/12/2026".
ITS_DAY = (
    r"(?:\s+(?:as\s+)?(?:at|of|on|au|am|op|du|per|vom)\s+(?:le\s+)?(?:[^\W\d_]{3,9}\.?\s+)?"
    r"[0-9]{1,4}[./\- ].*)?"
)
#: A line that says what the account holds, and no movement.
BALANCE_LINE = re.compile(
    r"(?:"
    r"(?:opening|closing|beginning|ending|starting|start|end|open|close|previous|new|current|available|ledger|"
    r"statement|final|initial)\s+balance|"
    r"balance\s+at\s+(?:the\s+)?(?:start|end|beginning)(?:\s+of\s+(?:the\s+)?period)?|"
    r"balance(?:\s+(?:brought|carried)\s+(?:forward|down))?|(?:brought|carried)\s+forward|"
    r"(?:ancien|nouveau|dernier)\s+solde|report\s+(?:du\s+)?solde|"
    r"solde(?:\s+(?:initial|final|pr[ée]c[ée]dent|cr[ée]diteur|d[ée]biteur|ant[ée]rieur|actuel|"
    r"comptable|disponible|report[ée]|d[’']ouverture|de\s+cl[ôo]ture|de\s+d[ée]part|en\s+date|"
    r"(?:en|au|de)\s+(?:d[ée]but|fin)(?:\s+de\s+p[ée]riode)?))?|"
    r"(?:anfangs|end|schluss|start|abschluss|er[öo]ffnungs)saldo|kontostand|"
    r"(?:alter|neuer)\s+(?:kontostand|saldo)|(?:begin|eind|start)saldo|(?:nieuw|vorig)\s+saldo|"
    r"\*?\s?noch\s+nicht\s+ausgef[üu]hrte\s+ums[äa]tze|s\sa\sl\sd\so|likutis\s+(?:prad[žz]iai|pabaigai)|(?:alg|l[õo]pp)saldo|"
    r"(?:s[āa]kuma|beigu)\s+atlikums|apyvarta|k[äa]ive|apgroz[īi]jums|turnover|(?:ing[åa]ende|utg[åa]ende)\s+saldo|"
    r"saldo(?:vortrag|\s+(?:anterior|inicial|final|iniziale|finale|vorige|nieuw|(?:do\s+)?dia|alt|neu|"
    r"pocz[ąa]tkowe|ko[ńn]cowe))?"
    rf")(?:\s+(?:en\s+)?\(?(?:eur|euros?|francs?)\)?)?[\s.:]*{ITS_DAY}",
    re.IGNORECASE,
)
#: Without one of these no label is that of a balance.
BALANCE_WORDS = (
    "balance",
    "forward",
    "solde",
    "saldo",
    "s a l d o",
    "kontostand",
    "likutis",
    "atlikums",
    "apyvarta",
    "kaive",
    "käive",
    "apgroz",
    "turnover",
    "noch nicht ausgef",
)
TOTAL_LINE = re.compile(
    r"(?:(?:sous[- ]?)?totaux|(?:(?:sub|sous|grand)[- ]?)?total(?:e|en|i)?|gesamt(?:summe|betrag)?|"
    r"summe|totaal|somme|sum|zwischensumme|montant\s+total|total\s+amount)"
    r"(?:\s*:|\s+(?:des?|du|of|der|général|general|amount|credits?|debits?|crédits?|débits?|"
    r"opérations|transactions|eur|euros?|per|au|am|as|at)\b.{0,40})?[\s:.]*",
    re.IGNORECASE,
)


def tells_a_balance(label: str) -> bool:
    """Whether a label is that of a balance. "New Balance" is, and sells shoes too."""
    return bool(BALANCE_LINE.fullmatch(label.strip()))


def tells_a_sum(label: str) -> bool:
    """Whether a label is that of a balance or of a total. "Total" is, and sells petrol too."""
    return tells_a_balance(label) or bool(TOTAL_LINE.fullmatch(label.strip()))
