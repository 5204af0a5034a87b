"""What somebody types into a search box, as a condition: a number goes to its keyed digest, words go to the word tables."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_

from django.db.models import Q

from bangfu.access.models import Account, Unit
from bangfu.access.scope import posts_of
from bangfu.household.search import file_hits, staff_hits
from bangfu.lib import identity as papers
from bangfu.lib import phone as phones
from bangfu.lib.crypto import blind_index
from bangfu.lib.names import Term, search_terms


def files_by(text: str, account: Account) -> Q:
    """A number typed alone is looked up by its digest; anything else word by word, units' names too."""
    number = _number(text, "head")
    if number is not None:
        return number
    terms = search_terms(text)
    if not terms:
        return Q(pk__in=[])
    units = units_named(account, terms)
    found = Q(pk__in=file_hits(account, terms).values("file"))
    return found | Q(unit_id__in=units) if units else found


def staff_by(text: str, account: Account) -> Q:
    """The same for the roster."""
    number = _number(text, "identity")
    if number is not None:
        return number
    terms = search_terms(text)
    if not terms:
        return Q(pk__in=[])
    units = units_named(account, terms)
    found = Q(pk__in=staff_hits(account, terms).values("staff"))
    return found | Q(unit_id__in=units) if units else found


def is_number(text: str) -> bool:
    return _number(text, "head") is not None


def _number(text: str, identity: str) -> Q | None:
    """The tail of a phone or an identity number, or a whole one; None when the text is not such a number."""
    plain = papers.normalise(text)
    if len(plain) == 4 and plain[:3].isdigit() and (plain[3].isdigit() or plain[3] == "X"):
        return Q(phone_tail=blind_index(plain, "phone4")) | Q(**{f"{identity}_tail": blind_index(plain, "id4")})
    if len(plain) in (15, 18) and plain[:15].isdigit():
        return Q(**{f"{identity}_index": blind_index(papers.check(plain).value, "id")})
    if len(plain) == 11 and plain.isdigit():
        return Q(phone_tail=blind_index(phones.normalise(plain)[-4:], "phone4"))
    return None


def units_named(account: Account, terms: Sequence[Term]) -> list[int]:
    """Units of the account's organisations whose name has all terms; found first, by key, so that files are not joined."""
    reached = {post.unit.organisation_id for post in posts_of(account)}
    in_tree = reduce(or_, (Q(path__startswith=f"/{key}/") for key in reached), Q(pk__in=[]))
    named = Q()
    for term in terms:
        named &= Q(name__icontains=term.text)
    return list(Unit.objects.filter(named, in_tree, parent__isnull=False).values_list("pk", flat=True))
