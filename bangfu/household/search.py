"""Words of files and workers: written with the rows they belong to, read from one stretch of an index.

Every act that files, renames, moves or closes a file calls `index_files` or `refresh_file` in its own transaction;
`bangfu household words` compares all of it with the rows and mends it.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from operator import or_
from sys import intern
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from bangfu.access.models import Account, Unit
from bangfu.access.roles import CASE_STAFF
from bangfu.access.scope import posts_of
from bangfu.household.models import FileWord, Household, Staff, StaffWord
from bangfu.lib.bulk import Inserts, insert_many
from bangfu.lib.names import Term, name_words, pinyin_key, search_terms

LONGEST = 30
_LAST = "\U0010ffff"  # behind every sign: the end of a prefix's stretch


# --- writing ------------------------------------------------------------------------------------------------------------


def words_of_file(name: str, number: str) -> list[str]:
    """Parts of the head's name, and the file's number with and without its letters."""
    bare = number.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return list(dict.fromkeys(intern(word[:LONGEST]) for word in (*name_words(name), number.lower(), bare.lower()) if word))


def words_of_staff(name: str, worker_no: str) -> list[str]:
    return list(dict.fromkeys(intern(word[:LONGEST]) for word in (*name_words(name), worker_no.lower()) if word))


def file_rows(file: Household) -> Iterator[tuple[Any, ...]]:
    """The rows of one file in the order of the table's columns."""
    pinyin = intern(pinyin_key(file.head_name)[:200])
    for word in words_of_file(file.head_name, file.number):
        yield file.organisation_id, word, pinyin, file.pk, str(file.state), file.unit_id


def staff_rows(staff: Staff) -> Iterator[tuple[Any, ...]]:
    pinyin = intern(pinyin_key(staff.name)[:200])
    for word in words_of_staff(staff.name, staff.worker_no):
        yield staff.organisation_id, word, pinyin, staff.pk, staff.unit_id


class WordRows:
    """The word rows of many new files or workers, in the order of their index, at a few bytes a row.

    Add them by pinyin: then each word's rows are in order as they come, and the insert is a walk through the index.
    """

    def __init__(self) -> None:
        self.rows: list[tuple[Any, ...]] = []  # (organisation, pinyin, key, …) of each
        self.by_word: dict[str, array[int]] = {}

    def add(self, words: Iterable[str], row: tuple[Any, ...]) -> None:
        self.rows.append(row)
        self.add_words(len(self.rows) - 1, words)

    def add_words(self, place: int, words: Iterable[str]) -> None:
        for word in words:
            self.by_word.setdefault(word, array("L")).append(place)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        for word in sorted(self.by_word):
            for place in self.by_word[word]:
                organisation, *rest = self.rows[place]
                yield organisation, word, *rest

    def write(self, model: type[FileWord] | type[StaffWord]) -> None:
        """One statement, run for each row."""
        if self.rows:
            insert_many(model, self)


def index_files(files: Iterable[Household]) -> None:
    """New files become findable."""
    rows = Inserts()
    rows.add_rows(FileWord, [row for file in files for row in file_rows(file)])
    rows.write()


def index_staff(staff: Iterable[Staff]) -> None:
    rows = Inserts()
    rows.add_rows(StaffWord, [row for one in staff for row in staff_rows(one)])
    rows.write()


def refresh_file(file: Household, *, name: str | None = None) -> None:
    """The file's name, state or unit changed; `name` is the one it had until now."""
    forget_file(file, name=name)
    index_files([file])


def forget_file(file: Household, *, name: str | None = None) -> None:
    old = file.head_name if name is None else name
    words = words_of_file(old, file.number)
    FileWord.objects.filter(
        organisation_id=file.organisation_id, word__in=words, pinyin=pinyin_key(old)[:200], file=file.pk
    ).delete()


def refresh_staff(staff: Staff, *, name: str | None = None) -> None:
    forget_staff(staff, name=name)
    index_staff([staff])


def forget_staff(staff: Staff, *, name: str | None = None) -> None:
    old = staff.name if name is None else name
    words = words_of_staff(old, staff.worker_no)
    StaffWord.objects.filter(
        organisation_id=staff.organisation_id, word__in=words, pinyin=pinyin_key(old)[:200], staff=staff.pk
    ).delete()


def drop_words(model: type[FileWord] | type[StaffWord], rows: Sequence[tuple[Any, ...]]) -> None:
    """Takes exactly these rows away."""
    if not rows:
        return
    names = [connection.ops.quote_name(str(field.column)) for field in model._meta.concrete_fields]
    with connection.cursor() as cursor:
        where = " AND ".join(f"{name} = %s" for name in names)
        cursor.executemany(f"DELETE FROM {connection.ops.quote_name(model._meta.db_table)} WHERE {where}", rows)


# --- reading ------------------------------------------------------------------------------------------------------------


def file_hits(
    account: Account, terms: Sequence[Term], *, state: str = "", units: Sequence[int] | None = None
) -> QuerySet[FileWord]:
    """The word rows of the files that have all terms, as far as the account sees them: one row a file, by `pinyin`, `file`.

    `units` narrows to these keys. The rarest kind of term leads; the others are looked up beside it by the whole key.
    """
    rows = _hits(FileWord, account, terms, "file")
    if state:
        rows = rows.filter(state=state)
    return rows if units is None else rows.filter(unit__in=units)


def staff_hits(account: Account, terms: Sequence[Term]) -> QuerySet[StaffWord]:
    """The same for the roster."""
    return _hits(StaffWord, account, terms, "staff")


def keys_of_files(account: Account, text: str) -> Any:
    """The keys of the files that a text of words finds, for an IN of another table; nothing for a text without words."""
    terms = search_terms(text)
    return file_hits(account, terms).values("file") if terms else FileWord.objects.none().values("file")


def _hits(model: Any, account: Account, terms: Sequence[Term], own: str) -> Any:
    if not terms:
        return model.objects.none()
    lead, *others = sorted(terms, key=lambda term: (term.text[0].isascii() and not term.is_prefix, -len(term.text)))
    rows = model.objects.filter(_reach(account), _is(lead))
    for term in others:
        beside = model.objects.filter(_is(term), organisation_id=OuterRef("organisation_id"), pinyin=OuterRef("pinyin"))
        rows = rows.filter(Exists(beside.filter(**{own: OuterRef(own)})))
    if lead.is_prefix and not lead.is_number:  # two spellings of one name may begin alike
        rows = rows.values("pinyin", own).distinct()
    return rows


def _is(term: Term) -> Q:
    text = term.text[:LONGEST]
    return Q(word__gte=text, word__lt=text + _LAST) if term.is_prefix else Q(word=text)


def _reach(account: Account) -> Q:
    """The organisations, or the units, where the account is case staff; as plain keys, so that the index is read in order."""
    posts = [post for post in posts_of(account) if post.role in CASE_STAFF]
    whole = {post.unit.organisation_id for post in posts if post.unit.parent_id is None}
    parts = [post.unit for post in posts if post.unit.organisation_id not in whole]
    reach = [Q(organisation_id__in=sorted(whole))] if len(whole) > 1 else [Q(organisation_id=key) for key in whole]
    for unit in {unit.pk: unit for unit in parts}.values():
        reach.append(Q(organisation_id=unit.organisation_id, unit__in=list(_below(unit))))
    return reduce(or_, reach) if reach else Q(organisation_id__in=[])


def _below(unit: Unit) -> Iterable[int]:
    return Unit.objects.filter(path__startswith=unit.path).values_list("pk", flat=True)
