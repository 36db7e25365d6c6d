"""Texts are found where code and templates ask for them, and catalogues keep what they know."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from django.template import Context, Template
from django.utils import translation

from budget.core.catalogue import (
    Text,
    catalogue_read,
    catalogue_update,
    catalogue_write,
    texts_in,
    texts_of_template,
    untranslated,
)


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ('{% translate "Save" %}', [Text("Save")]),
        ('{% translate "Its" as x %}', [Text("Its")]),
        ('{% translate "May" context "month" %}', [Text("May", context="month")]),
        ('{% translate "100 %" %}', [Text("100 %%")]),
        ("{% blocktranslate %}a  b{% endblocktranslate %}", [Text("a  b")]),
        (
            "{% blocktranslate trimmed with name=x.name %}\n  Hello\n  {{ name }}!\n"
            "{% endblocktranslate %}",
            [Text("Hello %(name)s!")],
        ),
        (
            "{% blocktranslate trimmed count n=n %}\n {{ n }} line (50 %)\n"
            "{% plural %}\n {{ n }} lines\n{% endblocktranslate %}",
            [Text("%(n)s line (50 %%)", "%(n)s lines")],
        ),
        (
            '{% blocktranslate count n=n context "ledger" %}one{% plural %}many'
            "{% endblocktranslate %}",
            [Text("one", "many", "ledger")],
        ),
        ('{{ name|default:_("Nobody") }}', [Text("Nobody")]),
        ("{% include \"x.html\" with title=_('Gone (for good)') %}", [Text("Gone (for good)")]),
        ('{% blocktranslate with x=_("inner") %}{{ x }}{% endblocktranslate %}', None),
        ("{# {% translate 'not this' %} #}", []),
        ("{% comment %}{% translate 'nor this' %}{% endcomment %}", []),
        ("<p>gettext('a text of the page, and no call')</p>", []),
        ("<p>l'été d'hier</p>{% translate \"Save\" %}", [Text("Save")]),
    ],
)
def test_template_texts(source: str, texts: list[Text] | None) -> None:
    found = list(texts_of_template(source))
    if texts is None:
        assert {text.singular for text in found} == {"inner", "%(x)s"}
    else:
        assert found == texts


def test_template_texts_are_those_the_engine_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    source = (
        '{% translate "100 %" %}'
        "{% blocktranslate trimmed with name=name %}\n Hello\n {{ name }}, 5 %\n"
        "{% endblocktranslate %}"
    )
    asked: list[str] = []

    def gettext(text: str) -> str:
        asked.append(text)
        return text

    monkeypatch.setattr("django.utils.translation._trans.gettext", gettext)
    with translation.override("fr"):
        Template(source).render(Context({"name": "Alice"}))
    assert asked == [text.singular for text in texts_of_template(source)]


def test_python_texts(tmp_path: Path) -> None:
    (tmp_path / "code.py").write_text(
        "_('plain'); gettext('called'); gettext_lazy('lazy'); gettext_noop('noop')\n"
        "ngettext('%(n)d line', '%(n)d lines', n); ngettext_lazy('a', 'b')\n"
        "pgettext('month', 'May'); pgettext_lazy('verb', 'May')\n"
        "npgettext('x', 'one', 'many', n); npgettext_lazy('y', 'one', 'many')\n"
        "_(variable); _(f'{formatted}'); _('two '\n 'parts'); other('no')\n"
    )
    assert set(texts_in([tmp_path])) == {
        Text("plain"),
        Text("called"),
        Text("lazy"),
        Text("noop"),
        Text("%(n)d line", "%(n)d lines"),
        Text("a", "b"),
        Text("May", context="month"),
        Text("May", context="verb"),
        Text("one", "many", "x"),
        Text("one", "many", "y"),
        Text("two parts"),
    }


def test_folders_yield_code_html_and_mail_texts(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "page.html").write_text('{% translate "Page" %}')
    (tmp_path / "mail.txt").write_text('{% translate "Mail" %}')
    (tmp_path / "notes.md").write_text('{% translate "Not this" %}')
    assert set(texts_in([tmp_path])) == {Text("Page"), Text("Mail")}


def catalogue(**known: str) -> Catalog:
    result = Catalog(locale="fr")
    for text, french in known.items():
        result.add(text, french)
    return result


def test_update_keeps_what_is_translated_adds_what_is_new_and_drops_the_rest() -> None:
    before = catalogue(Save="Enregistrer", Gone="Parti")
    after = catalogue_update(before, iter([Text("Save"), Text("New"), Text("Save")]))
    assert {message.id: message.string for message in after if message.id} == {
        "Save": "Enregistrer",
        "New": "",
    }
    assert [message.id for message in untranslated(after)] == ["New"]


def test_update_asks_again_for_a_text_that_got_a_plural() -> None:
    after = catalogue_update(catalogue(line="ligne"), iter([Text("line", "lines")]))
    assert [message.id for message in untranslated(after)] == [("line", "lines")]


def test_update_keeps_contexts_apart_and_doubts_doubtful() -> None:
    before = Catalog(locale="fr")
    before.add("May", "mai", context="month")
    before.add("May", "pouvoir", context="verb", flags=["fuzzy"])
    after = catalogue_update(before, iter([Text("May", context=c) for c in ("month", "verb")]))
    month, verb = after.get("May", "month"), after.get("May", "verb")
    assert month
    assert verb
    assert (month.string, month.fuzzy) == ("mai", False)
    assert (verb.string, verb.fuzzy) == ("pouvoir", True)


def test_written_catalogue_reads_back_and_does_not_change_when_written_again(
    tmp_path: Path,
) -> None:
    path = tmp_path / "fr" / "LC_MESSAGES" / "django.po"
    before = catalogue(b="bé", a="« à »\nligne")
    before.add(("%(n)s line", "%(n)s lines"), ("%(n)s ligne", "%(n)s lignes"))
    catalogue_write(path, before)
    first = path.read_text()
    again = catalogue_read(path, "fr")
    catalogue_write(path, again)
    assert path.read_text() == first
    assert first.index('msgid "a"') < first.index('msgid "b"')
    assert "POT-Creation-Date" not in first
    assert "#:" not in first
    lines = again.get(("%(n)s line", "%(n)s lines"))
    assert lines
    assert lines.string == ("%(n)s ligne", "%(n)s lignes")


def test_missing_catalogue_reads_as_an_empty_one(tmp_path: Path) -> None:
    assert len(catalogue_read(tmp_path / "django.po", "fr")) == 0
