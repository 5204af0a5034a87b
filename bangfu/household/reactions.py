"""What upper modules hang on to; wiring appends. Called inside the transaction; an exception aborts it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bangfu.access.models import Account
from bangfu.household.models import Household

#: Before an answer about consent is written: what shows the name (cases on notice) is locked before the file is.
before_consent: list[Callable[[Household], None]] = []
#: A consent was given, refused or withdrawn: (household, kind, is it given now, by, at). Notices follow in the same request.
on_consent_changed: list[Callable[[Household, str, bool, Account | None, datetime], None]] = []
#: Before a file is handed to another unit, asked and confirmed: raises Refused while something of it runs where it is.
before_transfer: list[Callable[[Household], None]] = []
#: A file left (lifted or struck off): (household, new state, by, at).
on_left: list[Callable[[Household, str, Account | None, datetime], None]] = []
