"""No bytes whatever get a reader to do anything but read or refuse."""

from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budget.imports.formats import camt, mt940, ofx, qif
from budget.imports.reading import NotReadable
from tests.imports.statement_files import FILES, READERS

PIECES = {
    ofx: (
        "<OFX> <OFC> </OFX> <STMTTRN> </STMTTRN> <TRNAMT> <DTPOSTED> <FITID> <NAME> <MEMO>"
        " <PAYEE> <STMTRS> <ACCTSTMT> <CCSTMTRS> <INVSTMTRS> <BUYSTOCK> <LEDGERBAL> <BALAMT>"
        " <DTASOF> <CURRENCY> <CURSYM> <BANKACCTFROM> <ACCTID> &amp; &#0; &#xD800; &#1114112;"
        " <!-- --> <![CDATA[ ]]> 20261231 20260230 -1,50 1.234 EUR x"
    ),
    qif: (
        "!Type:Bank !Type:Invst !Account !Type:Cat !Option:AutoSwitch ^ D31/12/26 D1/2'26 D T-1,50"
        " T1.234 U5, $1 Sx Px Mx L[x] N1 /1/31'26 POpening_Balance é"
    ),
    camt: (
        "<BkToCstmrStmt> </BkToCstmrStmt> <Stmt> </Stmt> <Ntry> </Ntry> <Amt> </Amt> <CdtDbtInd>"
        " </CdtDbtInd> CRDT DBIT 1.50 <Sts> </Sts> BOOK <BookgDt> </BookgDt> 2026-12-31"
        " <Bal> </Bal> <NtryDtls> <TxDtls> </TxDtls> &amp; <!DOCTYPE <![CDATA[ ]]> <?xml"
    ),
    mt940: (
        ":20: :25: :28C: :60F: :61: :86: :62F: :62M: :NS: C261231EUR1,5 2612311231D1,5NTRFNONREF//A"
        " 260230C1,NTRF 005?00x?20SVWZ+y?32z /TRTP/a/NAME/b/REMI/c {1:a}{4: -} - -XXX é"
    ),
}


BEGINNINGS = [
    "",
    "<OFX><STMTTRN><TRNAMT>",
    "!Type:Bank\nD1",
    "<BkToCstmrStmt><Stmt><Ntry>",
    ":20:S\n:60F:C261230EUR1,\n:61:261231D1,5N",
    ":20:S\n:61:261231D1,5N\n:86:",
]


def read_or_refuse(reader: ModuleType, content: bytes) -> None:
    reader.looks_like(content)
    try:
        reading = reader.read(content)
    except NotReadable:
        return
    for line in reading.lines:
        assert line.amount.is_finite()
        assert line.label == " ".join(line.label.split())
        assert "\x00" not in line.label + line.account + line.bank_id
        line.label.encode()


def soup(reader: ModuleType) -> st.SearchStrategy[bytes]:
    pieces = PIECES[reader].split(" ")
    words = st.lists(st.sampled_from([*pieces, "\n", "\r\n", " ", "\x00"]) | st.text(max_size=8))
    return words.map(lambda each: "".join(each).encode("utf-8", "replace"))


@pytest.mark.parametrize("reader", PIECES, ids=lambda reader: reader.__name__)
@given(data=st.data())
def test_any_bytes_and_any_soup_of_the_formats_own_words(
    reader: ModuleType, data: st.DataObject
) -> None:
    read_or_refuse(reader, data.draw(st.binary() | soup(reader)))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
@given(data=st.data())
def test_any_damage_to_a_good_file(path: object, data: st.DataObject) -> None:
    file = next(each for each in FILES if each == path)
    content = file.read_bytes()
    for _time in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content)))
        end = data.draw(st.integers(start, min(len(content), start + 40)))
        piece = data.draw(st.binary(max_size=10) | soup(READERS[file.suffix]))
        content = content[:start] + piece + content[end:]
    read_or_refuse(READERS[file.suffix], content)


@pytest.mark.parametrize("reader", PIECES, ids=lambda reader: reader.__name__)
@pytest.mark.parametrize("piece", [" ", "\n", "<", "-", "1", "a", "&", "{1:", "D1 ", "<a ", "<!--"])
def test_a_long_run_of_anything_ends_soon(reader: ModuleType, piece: str) -> None:
    """A pattern that goes back at every character would take hours over these."""
    for start in BEGINNINGS:
        read_or_refuse(reader, (start + piece * (200_000 // len(piece))).encode())
