"""Long columns are held packed, and are the same as lists of what was put in."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from budget.imports.packed import FEW, Amounts, Column, Lines, Texts

WITHOUT_NUL = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
AMOUNTS = st.none() | st.decimals("-99999999999.99", "99999999999.99", places=2)


@given(st.lists(WITHOUT_NUL), st.lists(WITHOUT_NUL))
def test_texts_come_out_as_they_went_in(first: list[str], more: list[str]) -> None:
    texts = Texts()
    texts.extend(first)
    texts.extend(more)
    assert list(texts) == [*first, *more]
    assert [texts[index] for index in range(len(texts))] == [*first, *more]
    assert texts[-3:] == [*first, *more][-3:]


def test_texts_are_read_in_any_order() -> None:
    texts = Texts()
    texts.extend(map(str, range(5_000)))
    found = [texts[index] for index in (4_999, 0, 1_000, 999, -1)]
    assert found == ["4999", "0", "1000", "999", "4999"]


def test_lines_keep_their_ends() -> None:
    lines = Lines(["a\nb\n", "", "\n", "c"])
    assert list(lines) == ["a\n", "b\n", "\n", "c"]
    assert list(lines.parts(2)) == [(2, "\n"), (3, "c")]


def test_a_column_of_few_texts_holds_each_once_and_one_of_many_holds_none() -> None:
    column = Column()
    column.extend(["".join(["a", "b"]) for _each in range(3)])
    (one,) = {id(text) for text in column.texts()}
    assert one
    many = [str(each) for each in range(FEW + 2_000)]
    column.extend(many)
    assert isinstance(column.texts(), Texts)
    assert list(column.texts()) == ["ab", "ab", "ab", *many]


@given(st.lists(AMOUNTS | st.decimals("-1000", "1000", places=4)))
def test_amounts_come_out_as_they_went_in(values: list[Decimal | None]) -> None:
    amounts = Amounts()
    for value in values:
        amounts.append(value)
    assert list(amounts) == values
    assert [amounts[index] for index in range(-len(values), 0)] == values
    assert list(amounts.negated()) == [None if each is None else -each for each in values]
    assert amounts.positives() == sum(1 for each in values if each and each > 0)
    assert amounts.negatives() == sum(1 for each in values if each and each < 0)
    before, after = amounts.split(len(values) // 2)
    assert [*before, *after] == values


def test_amounts_are_negated_where_it_is_said() -> None:
    amounts = Amounts()
    for value in ["1.00", "2.00", "3.1234", "4.1234"]:
        amounts.append(Decimal(value))
    told = [str(each) for each in amounts.negated([True, None, True, False])]
    assert told == ["-1.00", "2.00", "-3.1234", "4.1234"]
