"""Every text for people is in the catalogue, and every catalogue is complete.

Templates are read by a small scanner, Python by its own syntax tree: what is shown and was not sent through gettext is
named with its place.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

from kit.i18n import LANGUAGES
from tests.architecture.tree import ROOT, modules, name_of, room_of

SPEAKING = {"_", "_n", "mark", "gettext", "ngettext", "pgettext"}
STYLE_SHEET = ROOT / "templates/shared/components.html"  # for programmers, in development only
TEMPLATES = sorted(
    p for p in (ROOT / "templates").rglob("*") if p.suffix in {".html", ".txt"} and p != STYLE_SHEET
)
NOT_SHOWN = ("page_class", "describedby")
SHOWN = ("alt", "title", "placeholder", "aria-label", "aria-description")
# No language has other words for them.
NAMES = {"Vitrine", "Ctrl", "Shift", "openapi.json", *LANGUAGES.values()}
CATALOGUES = sorted((ROOT / "translations").glob("*/LC_MESSAGES/messages.po"))
PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z.0-9]*[a-z]")


# --- templates ----------------------------------------------------------------------------------------------------


def blanked(template: str) -> str:
    """Without Jinja, comments and scripts, and without the blocks and macros whose body is part of an attribute."""
    for name in NOT_SHOWN:
        template = re.sub(rf"\{{%-? *(block|macro) {name}\b.*?\{{%-? *end\1", "", template, flags=re.S)
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<!--.*?-->", "\0", template, flags=re.S)
    return re.sub(r"<(script|style|svg)\b.*?</\1>", "", text, flags=re.S)


def literals(template: str) -> Iterator[str]:
    """Texts and attributes for people that stand in the template as they are."""
    text = blanked(template)
    for name, value in re.findall(r'\b([a-z-]+)="([^"<>]*)"', text):
        if name in SHOWN:
            yield value
    yield from re.split(r"<[^>]*>|\0", text)


def has_words(text: str) -> bool:
    text = re.sub(r"&\w+;", "", text)
    for name in NAMES:
        text = text.replace(name, "")
    return re.search(r"[^\W\d_]{2,}", text) is not None


def test_no_page_has_words_of_its_own():
    found = {
        name_of(page): [text.strip() for text in literals(page.read_text()) if has_words(text)]
        for page in TEMPLATES
    }
    assert {name: words for name, words in found.items() if words} == {}


def test_no_expression_of_a_template_says_a_sentence():
    """`{{ empty_state('cart', 'Your cart is empty') }}` would."""
    found = {name_of(template): sentences(template.read_text()) for template in TEMPLATES}
    assert {name: words for name, words in found.items() if words} == {}


def sentences(template: str) -> list[str]:
    tree = Environment(extensions=["jinja2.ext.i18n"]).parse(template)  # noqa: S701 -- it is only read
    spoken = {
        id(const)
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in SPEAKING
        for const in call.find_all(nodes.Const)
    }
    return [
        const.value
        for const in tree.find_all(nodes.Const)
        if isinstance(const.value, str) and id(const) not in spoken and not const.value.endswith("Field")
        and const.value not in NAMES
        and re.match(r"[A-ZÀ-Ý][a-zà-ÿ]+($|[ .,:…])", const.value)
    ]  # fmt: skip


def test_plurals_are_said_by_ngettext():
    """`{% pluralize %}` would fill the sentence a second time, after kit.i18n has."""
    assert [name_of(template) for template in TEMPLATES if "pluralize" in template.read_text()] == []


def test_the_scanner_finds_what_it_looks_for():
    assert [t for t in literals('<p title="Buy me">{{ name }} costs <b>{{ _("much") }}</b></p>') if has_words(t)] == [
        "Buy me", " costs "]  # fmt: skip
    assert not any(
        has_words(t) for t in literals("<td>{{ n }} × {{ m }} &amp; 5&nbsp;%</td><a href='/products'></a>")
    )


# --- scripts ------------------------------------------------------------------------------------------------------

SCRIPTS = sorted((ROOT / "static/js").glob("*.js"))
KEYS = re.compile(r"(Arrow(Up|Down|Left|Right)|Enter|Escape|Files|use strict|[a-z-]+( [a-z]+(--|__)[a-z]+)*)")


def said_by(script: str) -> list[str]:
    """Literals with words of a sentence; names of keys and classes are none."""
    code = re.sub(r"(?<!:)//.*$|/\*.*?\*/", "", script, flags=re.M | re.S)
    found = ["".join(parts) for parts in re.findall(r"'([^'\n]*)'|\"([^\"\n]*)\"|`([^`]*)`", code)]
    return [
        text
        for text in found
        if re.search(r"[^\W\d_]{2,} [^\W\d_]{2,}|^[A-Z][a-z]", text) and not KEYS.fullmatch(text)
    ]


def test_scripts_are_given_their_words_by_the_page():
    """As `data-…` of the body or of the element."""
    found = {name_of(script): said_by(script.read_text()) for script in SCRIPTS}
    assert len(found) >= 4
    assert {name: words for name, words in found.items() if words} == {}
    assert said_by("say('Not saved'); press('Enter'); add('toast toast--bad'); // 'Never mind'") == [
        "Not saved"
    ]


# --- Python -------------------------------------------------------------------------------------------------------

# Where a text for people goes in: the call's name, and which argument it is.
HEARD = {
    **dict.fromkeys(("Invalid", "Conflict", "NotFound", "Forbidden", "Unauthenticated", "Unreadable", "TooMany",
                     "TooLarge", "Unavailable", "WrongMediaType", "flash"), 0),
    **dict.fromkeys(("StringField", "SelectField", "BooleanField", "TextAreaField", "PasswordField", "IntegerField",
                     "RadioField", "DecimalTextField", "MomentField", "TickListField", "LinesField", "FileField"), 0),
    "wrong": 2, "FieldError": 2,
}  # fmt: skip


def is_bare(node: ast.expr) -> bool:
    """A literal with words in it, as it is or with values put in."""
    if isinstance(node, ast.JoinedStr):
        return any(is_bare(part) for part in node.values)
    if isinstance(node, ast.IfExp):
        return is_bare(node.body) or is_bare(node.orelse)
    if isinstance(node, ast.BinOp):
        return is_bare(node.left) or is_bare(node.right)
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and has_words(node.value)


def calls_of(path: Path) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            yield (node.func.id if isinstance(node.func, ast.Name) else node.func.attr), node


def test_refusals_messages_and_labels_are_translated():
    bare = [
        f"{name_of(path)}:{call.lineno}: {ast.unparse(call.args[HEARD[name]])}"
        for path in modules()
        for name, call in calls_of(path)
        if name in HEARD and len(call.args) > HEARD[name] and is_bare(call.args[HEARD[name]])
    ]
    assert bare == []


def test_gettext_is_given_plain_texts():
    """f-strings and sums are not collected: the translators would never see them."""
    strange = [
        f"{name_of(path)}:{call.lineno}"
        for path in modules()
        for name, call in calls_of(path)
        if name in SPEAKING and call.args and isinstance(call.args[0], ast.JoinedStr | ast.BinOp)
    ]
    assert strange == []


def test_nothing_is_translated_while_it_is_imported():
    """At import nobody is there to be spoken to: `mark` it, and say it later."""
    early = [
        f"{name_of(path)}:{node.lineno}"
        for path in modules()
        if room_of(path) != "kit"
        for top in ast.parse(path.read_text()).body
        if not isinstance(top, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in outside_functions(top)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        and node.func.id in {"_", "_n", "gettext", "ngettext", "pgettext"}
    ]  # fmt: skip
    assert early == []


def outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from outside_functions(child)


# --- catalogues ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """What the sources say now, collected as `make i18n` does."""
    target = tmp_path_factory.mktemp("i18n") / "messages.pot"
    keywords = re.findall(r" (-k \S+)", (ROOT / "Makefile").read_text())
    command = [sys.executable, "-m", "babel.messages.frontend", "-q", "extract", "-F", "babel.cfg"]
    command += [word for keyword in keywords for word in keyword.split()]
    subprocess.run([*command, "-o", str(target), "."], cwd=ROOT, check=True)
    with target.open("rb") as found:
        return read_po(found)


def language_of(path: Path) -> str:
    return path.parts[-3]


@pytest.fixture(params=CATALOGUES, ids=language_of)
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    with request.param.open("rb") as words:
        return read_po(words, locale=language_of(request.param))


def texts(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (value,)


def test_every_language_has_a_catalogue():
    """English is what the sources say."""
    assert {"en", *map(language_of, CATALOGUES)} == set(LANGUAGES)


def test_every_text_is_translated(fresh, catalogue):
    """`make i18n` brings in what is new; the translation of it is then written into the .po file."""
    missing = []
    for message in fresh:
        if message.id:
            known = catalogue.get(texts(message.id)[0], message.context)
            if known is None or not all(texts(known.string)) or known.fuzzy:
                missing.append(f"{message.id!r} ({message.locations[0][0]})")
    assert missing == []


def test_translations_keep_the_placeholders(catalogue):
    """A form of a plural may leave out its number ("one thing"), and nothing else."""
    for message in catalogue:
        if not message.id:
            continue
        wanted = set(PLACEHOLDER.findall(texts(message.id)[-1]))
        for text in filter(None, texts(message.string)):
            found = set(PLACEHOLDER.findall(text))
            free = {"num"} if isinstance(message.id, tuple) else set()
            assert wanted - free <= found <= wanted, message.id
        assert list(message.check(catalogue)) == [], message.id


# What may not stand in a translation: another language's quotation marks, spaces and ways to address the reader.
FOREIGN = {
    "pt": r"[“”„\"]|« | »|\b(você|tu|teu|tua)\b",
    "es": r"[“”„\"]|« | »|\b(tú|tu|tus|vosotros|vuestr[oa]s?)\b|^[^¿]*\?",
    "fr": r"[“”„\"']|«[^\u202f]|[^\u202f]»|[^\u202f][;!?](?=\s|$)|[^\u00a0]:(?=\s|$)|\b([Tt]u|[Tt]es|[Tt]oi)\b",
    "de": r"[”«»\"]|\b([Dd]u|[Dd]ein\w*|[Dd]ir|[Dd]ich)\b",
    "it": r"[“”„\"']|« | »|\b(tu|tuoi?|tua|tue)\b",
}


def test_translations_are_written_as_their_readers_write(catalogue):
    """docs/glossary.md says how."""
    foreign = re.compile(FOREIGN[str(catalogue.locale)])
    wrong = [
        text for message in catalogue if message.id for text in texts(message.string)
        if foreign.search(re.sub(r"%\(\w+\)[a-z.0-9]*[a-z]", "x", text))
    ]  # fmt: skip
    assert wrong == []


def test_translations_end_as_their_texts_do(catalogue):
    """A full stop, a colon or an ellipsis is part of what is said; an abbreviation's point is not."""
    for message in catalogue:
        for source, text in zip(texts(message.id), texts(message.string), strict=False):
            if text and " " in source and source[-1] in ".:…,":
                assert text[-1] == source[-1], source
