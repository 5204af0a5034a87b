"""For every address with an argument: an object of a town that it may name. An address without a sample fails the suite."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from bangfu.access.models import Holiday, Post
from bangfu.disclosure.models import Notice, Objection
from bangfu.governance.models import Membership
from bangfu.household.models import Discrepancy, Member, SavedView, Transfer
from bangfu.ledger.models import BatchLine, Disbursement, Voucher
from bangfu.policy.flow.drafts import with_value
from bangfu.policy.loading import load_pack
from bangfu.policy.models import Assessment, Draft, Version
from bangfu.policy.queries import pack_of
from bangfu.policy.reading import read_files, to_zip
from bangfu.reporting.models import Finding, Row, Scenario
from bangfu.reporting.simulation import flow as simulation
from tests.proofs.towns import NOW, Town

Arguments = dict[str, Any]


@dataclass(frozen=True)
class Sample:
    """`of` answers the arguments of an object of the town. `is_open`: the address itself is the right (a secret in it, or public
    text); `is_shared`: everybody of the organisation may have it, other organisations not; `is_own`: of the worker alone."""

    of: Callable[[Town], Arguments]
    is_open: bool = False
    is_shared: bool = False
    is_own: bool = False


def arguments() -> Iterator[tuple[str, dict[str, Any]]]:
    """(URL name, converters) of every address with an argument."""

    def walk(patterns: Any, inherited: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
        for pattern in patterns:
            found = {**inherited, **pattern.pattern.converters}
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, found)
            elif isinstance(pattern, URLPattern):
                yield pattern.name, found

    return walk(get_resolver().url_patterns, {})


def pk(thing: Any) -> Arguments:
    return {"pk": thing.pk}


def first(queryset: Any) -> Any:
    return queryset.order_by("pk").first()


def _case(key: str) -> Callable[[Town], Arguments]:
    return lambda town: {"number": town.cases[key].number}


def _file(**more: Any) -> Callable[[Town], Arguments]:
    return lambda town: {"number": town.files[0].number} | {name: value(town) for name, value in more.items()}


def _notice(town: Town) -> Notice:
    return first(Notice.objects.filter(unit__path__startswith=town.root.path, closed_at=None))


def _paid(town: Town) -> Disbursement:
    return town.office.rows([town.cases["to_sign"]])[0]


def _discrepancy(town: Town) -> int:
    return first(Discrepancy.objects.filter(household__organisation=town.root)).pk


def _transfer(town: Town) -> Transfer:
    """From the unit to the organisation itself: the neighbours of `elsewhere` are neither side of it."""
    file = town.files[0]
    made = {"from_unit": town.unit, "to_unit": town.root, "name": file.head_name, "why": "样例", "asked_at": NOW}
    return Transfer.objects.get_or_create(household=file, answer="", defaults=made)[0]


def _version(town: Town) -> Version:
    return first(Version.objects.filter(organisation=town.root))


def _draft(town: Town) -> Draft:
    """Of the whole organisation, as its version is."""
    version = _version(town)
    same = {name: getattr(version, name) for name in ("title", "content", "sha256", "unit", "organisation", "valid_from")}
    made = {"made_by": town.people["head"], "made_at": NOW}
    return Draft.objects.get_or_create(pack=version.pack, based_on=version, defaults=same | made)[0]


def _raised(town: Town) -> Draft:
    """Another draft, with a standard of its own."""
    version = _version(town)
    pack, files = pack_of(version), dict(read_files(bytes(version.content)).files)
    standard = next(one for one in pack.parameters.values() if one.shape == "value" and one.unit == "fen")
    files["parameters.yaml"] = with_value(pack, files, standard.name, "1234", date(2027, 3, 1), "", ())
    content = to_zip(files)
    same = {name: getattr(version, name) for name in ("title", "unit", "organisation")}
    made = {"made_by": town.people["head"], "made_at": NOW, "valid_from": date(2027, 3, 1), "content": content}
    return Draft.objects.create(pack=version.pack, based_on=version, sha256=load_pack(content).sha256, **same, **made)


def _scenario(town: Town) -> Scenario:
    """Of the unit, worked out."""
    found = Scenario.objects.filter(unit=town.unit).first()
    if found is None:
        sides = [_version(town), _raised(town)]
        found = simulation.order(town.unit, sides, title="样例", on=NOW.date(), by=town.people["head"], at=NOW)
        found = simulation.run(found, at=NOW)
        Row.objects.get_or_create(
            scenario=found, letter="B", household=town.files[0], defaults={"move": "more", "fen_before": 0, "fen_after": 1}
        )
    return found


def _finding(town: Town) -> Finding:
    made = {"organisation": town.root, "found_on": NOW.date(), "searched_at": NOW}
    return Finding.objects.get_or_create(kind="never", household=town.files[0], defaults=made)[0]


def _view(town: Town) -> SavedView:
    made = {"query": "state=filed", "made_at": NOW}
    return SavedView.objects.get_or_create(account=town.people["clerk"], name="样例", defaults=made)[0]


def _batch(town: Town) -> Arguments:
    return pk(town.things["batch"])


def _voucher(town: Town) -> Voucher:
    return first(Voucher.objects.filter(fund__unit=town.root, kind=Voucher.Kind.PAYMENT))


def _import(town: Town) -> Arguments:
    return pk(town.things["import"])


S = Sample
SAMPLES: dict[str, Sample] = {
    # access
    "post-password": S(lambda town: pk(first(Post.objects.filter(unit=town.unit)))),
    "post-ending": S(lambda town: pk(first(Post.objects.filter(unit=town.unit)))),
    "holiday-removal": S(lambda town: pk(first(Holiday.objects.filter(unit=town.root))), is_shared=True),
    # evidence
    "file": S(lambda town: {"pk": town.things["paper"].file_id}),  # type: ignore[attr-defined]
    # governance
    **{
        name: S(lambda town: pk(town.things["session"]))
        for name in (
            "session",
            "session-date",
            "session-attendance",
            "session-opening",
            "session-closure",
            "session-minutes",
            "session-signature",
        )
    },
    **{
        name: S(lambda town: pk(town.things["motion"]))
        for name in ("motion", "motion-amount", "motion-vote", "motion-recusal", "motion-resolution", "motion-removal")
    },
    "committee": S(lambda town: pk(town.office.world.committee)),
    "seat-ending": S(lambda town: pk(first(Membership.objects.filter(committee=town.office.world.committee)))),
    # policy
    **{
        name: S(lambda town: pk(_version(town)), is_shared=True)
        for name in ("policy", "policy-text", "policy-changes", "policy-zip", "policy-adjustment")
    },
    **{
        name: S(lambda town: pk(_draft(town)), is_shared=True)
        for name in (
            "policy-draft",
            "policy-draft-zip",
            "policy-draft-submission",
            "policy-draft-adoption",
            "policy-draft-agenda",
            "policy-draft-return",
            "policy-draft-withdrawal",
        )
    },
    **{
        name: S(lambda town: pk(first(Assessment.objects.filter(unit=town.unit))))
        for name in ("assessment", "assessment-today", "assessment-trace", "assessment-replay")
    },
    # reporting
    **{
        name: S(lambda town: pk(_scenario(town)))
        for name in ("simulation", "simulation-rows", "simulation-workbook", "simulation-cancellation", "simulation-repetition")
    },
    "simulation-row": S(lambda town: pk(_scenario(town)) | {"row": _scenario(town).rows.get().pk}),
    **{name: S(lambda town: pk(_finding(town))) for name in ("finding-setting-aside", "finding-taking-up")},
    "draft-simulation": S(lambda town: pk(_draft(town)), is_shared=True),
    "adjustment-preview": S(lambda town: pk(_version(town)), is_shared=True),
    # disclosure
    **{
        name: S(lambda town: pk(_notice(town)))
        for name in ("notice", "notice-cutting", "notice-objection", "notice-removal", "notice-proof")
    },
    "notice-print": S(lambda town: pk(_notice(town)) | {"channel": "board"}),
    **{name: S(lambda town: pk(town.things["objection"])) for name in ("objection", "objection-answer", "objection-objector")},
    **{name: S(lambda town: {"token": _notice(town).token}, is_open=True) for name in ("open-notice", "open-objection")},
    "open-answer": S(lambda town: {"token": Objection.objects.get(pk=town.things["objection"].pk).token}, is_open=True),  # type: ignore[attr-defined]
    # household
    **{
        name: S(_file())
        for name in ("household", "household-print", "household-reveal", "household-state", "household-cases", "household-case-new")
    },
    "household-section": S(_file(section=lambda _town: "members")),
    "household-member": S(_file(pk=lambda town: first(Member.objects.filter(household=town.files[0])).pk)),
    "household-discrepancy": S(lambda town: {"number": town.files[7].number, "pk": _discrepancy(town)}),
    "household-outside-void": S(_file(pk=lambda town: town.things["help"].pk)),  # type: ignore[attr-defined]
    "household-view-removal": S(lambda town: pk(_view(town))),
    **{name: S(lambda town: pk(_transfer(town))) for name in ("transfer-acceptance", "transfer-refusal", "transfer-taking-back")},
    **{name: S(lambda town: pk(town.files[0].staff)) for name in ("staff", "staff-edit", "staff-reveal")},
    # household, excel in
    **{
        name: S(_import)
        for name in (
            "import",
            "import-columns",
            "import-sheet",
            "import-continuation",
            "import-fixes",
            "import-writing",
            "import-undoing",
            "import-dropping",
            "import-bad-rows",
            "import-rows",
        )
    },
    "import-acceptance": S(lambda town: _import(town) | {"discrepancy": _discrepancy(town)}),
    "import-template": S(lambda _town: {"kind": "roster"}, is_open=True),
    # ledger
    **{name: S(lambda town: pk(town.office.world.relief)) for name in ("fund", "fund-income", "fund-restrictions")},
    **{name: S(lambda town: pk(_voucher(town))) for name in ("voucher", "voucher-reversal", "voucher-signature")},
    "voucher-list": S(lambda town: pk(_voucher(town)) | {"form": "xlsx"}),
    **{
        name: S(lambda town: pk(_paid(town)))
        for name in ("disbursement", "disbursement-account", "disbursement-release", "disbursement-hold", "disbursement-receipt")
    },
    "hold-lifting": S(lambda town: pk(town.things["hold"])),
    **{name: S(_batch) for name in ("batch", "batch-confirmation")},
    "batch-file": S(lambda town: _batch(town) | {"form": "xlsx"}),
    "batch-line-failure": S(lambda town: pk(first(BatchLine.objects.filter(batch=town.things["batch"])))),
    # process and relief: a case at the stage that the act needs
    **{name: S(_case("closed")) for name in ("case", "case-approval", "case-application", "case-answers")},
    "case-acceptance": S(_case("applied")),
    **{name: S(_case("applied")) for name in ("case-paper-request", "case-papers", "case-survey", "case-withdrawal")},
    "case-paper-removal": S(lambda town: _case("applied")(town) | pk(town.things["paper"])),
    **{name: S(_case("surveyed")) for name in ("case-countersignature", "case-visit-denial")},
    **{name: S(_case("surveyed")) for name in ("case-check", "case-upward", "case-upward-answer", "case-return", "case-refusal")},
    **{name: S(_case("list")) for name in ("case-list", "case-removal")},
    **{
        name: S(_case("noticed"))
        for name in ("case-notice", "case-notice-reuse", "case-notice-closure", "case-notice-removal", "case-objection")
    },
    **{
        name: S(_case("drafted"))
        for name in ("case-notice-draft", "case-notice-draft-return", "case-notice-draft-removal", "case-notice-confirmation")
    },
    **{name: S(_case("decide")) for name in ("case-review", "case-agenda", "case-decision")},
    **{name: S(_case("to_sign")) for name in ("case-reservation", "case-follow-up", "case-closing-report")},
    "case-second-request": S(_case("refused")),
    # portal: the worker's own
    **{
        name: S(_case("closed"), is_own=True)
        for name in ("my-progress", "my-application-sent", "my-papers", "my-withdrawal", "my-second-request", "my-receipt")
    },
    "my-application": S(lambda _town: {"step": "me"}, is_open=True),
    "my-application-typed": S(lambda _town: {"step": "needs"}, is_open=True),
    "my-application-member": S(lambda _town: {"place": 0}, is_open=True),
    "my-application-member-typed": S(lambda _town: {"place": 0}, is_open=True),
    "check": S(lambda town: {"code": _paid(town).check_code}, is_open=True),
    "open-policies": S(lambda town: {"org": town.root.code}, is_open=True),
}
