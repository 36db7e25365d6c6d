"""CAMT: read exactly, or refused."""

import pytest

from budget.imports.formats.camt import read
from budget.imports.reading import LineStatus, NotReadable, Reading

REVERSAL = "<RvslInd>true</RvslInd>"


def entry(
    amount: str = "1.50", direction: str = "DBIT", *, status: str = "BOOK", more: str = ""
) -> str:
    return (
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd>'
        f"<Sts>{status}</Sts><BookgDt><Dt>2026-12-31</Dt></BookgDt>{more}</Ntry>"
    )


def balance(kind: str, amount: str, more: str = "") -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>{more}"
        f'<Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd>'
        "<Dt><Dt>2026-12-31</Dt></Dt></Bal>"
    )


def document(*parts: str) -> bytes:
    return (
        "<Document><BkToCstmrStmt><Stmt><Acct><Id><IBAN>FR1</IBAN></Id></Acct>"
        f"{''.join(parts)}</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def reading(*parts: str) -> Reading:
    return read(document(*parts))


def amounts(*parts: str) -> list[str]:
    return [str(line.amount) for line in reading(*parts).lines]


@pytest.mark.parametrize(
    ("direction", "closing", "amount"),
    [
        ("CRDT", "11.50", "1.50"),
        ("CRDT", "8.50", "-1.50"),
        ("DBIT", "8.50", "-1.50"),
        ("DBIT", "11.50", "1.50"),
    ],
)
def test_the_balances_tell_which_way_a_reversal_goes(
    direction: str, closing: str, amount: str
) -> None:
    balances = balance("OPBD", "10.00") + balance("CLBD", closing)
    assert amounts(balances, entry(direction=direction, more=REVERSAL)) == [amount]


def test_a_reversal_that_nothing_tells_the_way_of_is_told() -> None:
    read_ = reading(entry(more=REVERSAL), entry("2.00"))
    assert [str(line.amount) for line in read_.lines] == ["-2.00"]
    assert [each.number for each in read_.unreadable] == [1]


@pytest.mark.parametrize(
    ("status", "meant"),
    [
        ("BOOK", LineStatus.BOOKED),
        ("<Cd>BOOK</Cd>", LineStatus.BOOKED),
        ("PDNG", LineStatus.PENDING),
        ("<Cd>PDNG</Cd>", LineStatus.PENDING),
        ("INFO", LineStatus.PENDING),
        ("<Cd>FUTR</Cd>", LineStatus.PENDING),
    ],
)
def test_a_status_is_read_in_both_forms(status: str, meant: LineStatus) -> None:
    assert [line.status for line in reading(entry(status=status)).lines] == [meant]


def detail(amount: str, more: str = "", *, currency: str = "EUR") -> str:
    return f'<TxDtls><Amt Ccy="{currency}">{amount}</Amt>{more}</TxDtls>'


@pytest.mark.parametrize(
    ("details", "lines"),
    [
        ([detail("1.00"), detail("0.50")], ["-1.00", "-0.50"]),
        ([detail("1.00"), detail("0.40")], ["-1.50"]),
        ([detail("1.00"), "<TxDtls/>"], ["-1.50"]),
        ([detail("2.00"), detail("0.50", "<CdtDbtInd>CRDT</CdtDbtInd>")], ["-2.00", "0.50"]),
        ([detail("1.00"), detail("0.50", currency="USD")], ["-1.50"]),
        ([detail("9.99")], ["-1.50"]),
    ],
)
def test_a_batch_is_its_details_only_where_they_add_up(
    details: list[str], lines: list[str]
) -> None:
    assert amounts(entry(more=f"<NtryDtls>{''.join(details)}</NtryDtls>")) == lines


def test_a_batch_of_one_line_says_what_its_details_say() -> None:
    details = "".join(
        f"<TxDtls><RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls>" for text in ["one", "two", "one"]
    )
    code = "<BkTxCd><Prtry><Cd>NTRF+166</Cd></Prtry></BkTxCd>"
    for more, label in [
        (f"{code}<NtryDtls>{details}</NtryDtls>", "one; two"),
        (f"<NtryDtls>{details}</NtryDtls><AddtlNtryInf>Batch</AddtlNtryInf>", "Batch"),
        (f"{code}<NtryDtls><TxDtls/><TxDtls/></NtryDtls>", "NTRF+166"),
    ]:
        assert [line.label for line in reading(entry(more=more)).lines] == [label]


@pytest.mark.parametrize(
    "broken",
    [
        entry("abc"),
        entry("-1.50"),
        entry(""),
        entry(direction=""),
        entry(status="<Cd>ODD</Cd>"),
        entry().replace("2026-12-31", "2026-02-30"),
        entry().replace("<BookgDt>", "<No>").replace("</BookgDt>", "</No>"),
    ],
)
def test_an_entry_that_cannot_be_read_is_told_and_the_others_are_read(broken: str) -> None:
    read_ = reading(broken, entry("2.00"))
    assert [str(line.amount) for line in read_.lines] == ["-2.00"]
    assert [each.number for each in read_.unreadable] == [1]


@pytest.mark.parametrize(
    ("more", "bank_id"),
    [
        ("<AcctSvcrRef>A1</AcctSvcrRef>", "A1"),
        ("<AcctSvcrRef>NOTPROVIDED</AcctSvcrRef>", ""),
        ("<NtryRef>1</NtryRef>", ""),
        ("<NtryRef>2026123100017</NtryRef>", "2026123100017"),
        ("<NtryDtls><TxDtls><Refs><EndToEndId>RENT</EndToEndId></Refs></TxDtls></NtryDtls>", ""),
        ("<NtryDtls><TxDtls><Refs><TxId>T1</TxId></Refs></TxDtls></NtryDtls>", "T1"),
    ],
)
def test_an_id_is_the_banks_own_and_stable(more: str, bank_id: str) -> None:
    assert [line.bank_id for line in reading(entry(more=more)).lines] == [bank_id]


def test_ids_that_are_all_alike_are_none() -> None:
    more = "<AcctSvcrRef>A1</AcctSvcrRef>"
    assert [line.bank_id for line in reading(entry(more=more), entry("2", more=more)).lines] == [
        "",
        "",
    ]


def test_what_is_available_counts_as_balance_only_without_a_credit_line() -> None:
    line = "<CdtLine><Incl>true</Incl></CdtLine>"
    assert not reading(balance("CLAV", "5.00", line)).balances
    assert len(reading(balance("CLAV", "5.00")).balances) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<Document/>",
        b"<Ntry></Ntry>",
        b"<html><body>404</body></html>",
        document(entry())[:-30],
        document(entry()) + document(entry()),
        b'<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]>' + document(entry("&c;")),
        b'<!DOCTYPE a SYSTEM "file:///etc/passwd">' + document(entry()),
        document("<a>" * 5000 + "</a>" * 5000, entry("<a>" * 5000 + "</a>" * 5000)),
        document(entry(more=f"<AddtlNtryInf>{'x' * 1_500_000}</AddtlNtryInf>")),
        document(entry("&undefined;")),
    ],
    ids=range(11),
)
def test_a_damaged_or_dangerous_file_is_refused(content: bytes) -> None:
    with pytest.raises(NotReadable):
        read(content)
