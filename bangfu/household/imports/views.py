"""The wizard's pages. Small files are tried out and written within the request; larger ones wait for the worker."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from bangfu.access.edge import attempt, attempt_form
from bangfu.access.models import Account
from bangfu.access.scope import posts_of
from bangfu.household.imports import flow, outcome, queries, workbook
from bangfu.household.imports.columns import columns_of
from bangfu.household.imports.forms import ColumnsForm, LookUpForm, ReasonForm, SheetForm, UndoForm, UploadForm
from bangfu.household.imports.lookup import look_up
from bangfu.household.imports.models import ImportBatch
from bangfu.household.imports.told import digest_holds
from bangfu.lib.days import now, today
from bangfu.lib.spreadsheet.checking import MAX_BYTES

S = ImportBatch.State
CHECKED_UNASKED = 5_000  # rows whose digest is recomputed on every look at the result
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: ?show= of the dry run's page
VIEWS = ("errors", "changes", "remarks", "twins", "held")


def page_of(request: HttpRequest, rows: Any, size: int = 20) -> Any:
    """The page that ?page= and ?per= ask for."""
    wanted = request.GET.get("per", "")
    return Paginator(rows, int(wanted) if wanted in ("20", "50", "100") else size).get_page(request.GET.get("page"))


def found(request: HttpRequest, pk: int) -> ImportBatch:
    visible = ImportBatch.objects.visible_to(request.user)  # type: ignore[arg-type]
    return get_object_or_404(visible.select_related("unit", "uploaded_by", "organisation", "file", "undone_by"), pk=pk)


def imports(request: HttpRequest) -> HttpResponse:
    """The batches, and the place to put a new file."""
    account: Account = request.user  # type: ignore[assignment]
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        batch, refusal = attempt_form(request, form, _take, form.cleaned_data, by=account)
        if refusal is None:
            return redirect("import", batch.pk)
    may_upload = outcome.uploads_for(account) is not None
    page = page_of(request, queries.batches(account))
    context = {"form": form, "page": page, "may_upload": may_upload, "kinds": ImportBatch.Kind.choices, "at": now()}
    return render(request, "household/imports/list.html", context, status=422 if form.errors else 200)


def _take(data: dict[str, Any], *, by: Account) -> ImportBatch:
    file = data["file"]
    if file is None:
        return flow.upload_text(data["text"], by=by, at=now())
    return flow.upload(file.read(MAX_BYTES + 1), name=file.name, by=by, at=now())


def import_batch(request: HttpRequest, pk: int) -> HttpResponse:
    """Where the batch stands: match, dry run, result."""
    batch = found(request, pk)
    account: Account = request.user  # type: ignore[assignment]
    if batch.state == S.MATCHING and batch.uploaded_by_id == account.pk:
        return redirect("import-columns", pk)
    if batch.state == S.TRIED:
        return _dry_run(request, batch)
    context = {"batch": batch, "rights": queries.rights(batch, account, now()), "minutes": 1 + batch.rows_total // 60_000}
    if batch.state == S.ASKED:
        context["before"] = flow.same_file(batch)
        return render(request, "household/imports/asked.html", context)
    if batch.is_waiting:
        return render(request, "household/imports/waiting.html", context)
    context |= {"undo": UndoForm(), "columns": queries.columns(batch), "vouched": None}
    if batch.writes <= CHECKED_UNASKED or "check" in request.GET:
        context["vouched"] = digest_holds(batch)
    return render(request, "household/imports/result.html", context)


def _dry_run(request: HttpRequest, batch: ImportBatch) -> HttpResponse:
    account: Account = request.user  # type: ignore[assignment]
    held = queries.held(batch)
    problems = queries.problems(batch, account)
    waiting = sum(one["accepted_by"] is None for one in held)
    show = request.GET.get("show", "")
    if show not in VIEWS:
        show = "errors" if problems else "held" if held else "changes" if batch.rows_changed else "remarks"
    lists: dict[str, list[Any]] = {
        "errors": problems,
        "changes": batch.preview.get("changes", []),
        "remarks": batch.preview.get("remarks", []),
        "twins": batch.preview.get("twins", []),
        "held": held,
    }
    rights = queries.rights(batch, account, now())
    if not rights["is_own"]:  # a remark may quote a number
        lists["remarks"] = [row | {"texts": [queries.hidden_reason()]} for row in lists["remarks"]]
    blocking = any(problem.is_blocking for problem in problems)
    context = {
        "batch": batch,
        "show": show,
        "page": page_of(request, lists[show]),
        "held": held,
        "waiting": waiting,
        "blocking": blocking,
        "rights": rights,
        "columns": queries.columns(batch),
        "counts": {name: len(rows) for name, rows in lists.items()},
        "may_write": rights["is_own"] and batch.writes > 0 and not waiting and not blocking,
        "listed": flow.LISTED,
    }
    return render(request, "household/imports/tried.html", context)


def import_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """对列: which column is which; then the dry run begins."""
    batch = found(request, pk)
    account: Account = request.user  # type: ignore[assignment]
    if batch.state not in (S.MATCHING, S.TRIED) or batch.uploaded_by_id != account.pk:
        return redirect("import", pk)
    form = ColumnsForm(request.POST or None, batch=batch)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        ordered, refusal = attempt_form(
            request, form, flow.choose, batch, form.matches, kind=data["kind"], opened_on=data["opened_on"], by=account, at=now()
        )
        if refusal is None:
            return _go_on(request, ordered)
    hints = queries.hints(batch)
    samples = batch.preview.get("samples", {})
    context = {
        "batch": batch,
        "form": form,
        "rows": [
            {"column": column, "field": form[f"column_{column['at']}"], "hint": hints.get(column["at"], ""),
             "sample": samples.get(str(column["at"]), "")}
            for column in batch.columns
        ],
        "required": [str(column.title) for column in columns_of(batch.kind) if column.required],
        "rights": queries.rights(batch, account, now()),
    }  # fmt: skip
    return render(request, "household/imports/columns.html", context, status=422 if form.errors else 200)


def import_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """Read another sheet, or take another row as the header."""
    batch, form = found(request, pk), SheetForm(request.POST)
    if form.is_valid():
        row = form.cleaned_data["header_row"]
        attempt(
            request,
            flow.look_again,
            batch,
            sheet=form.cleaned_data["sheet"],
            header_row=None if row is None else row - 1,
            by=request.user,
        )
    else:
        messages.error(request, "".join(str(text) for texts in form.errors.values() for text in texts))
    return redirect("import-columns", pk)


def import_continuation(request: HttpRequest, pk: int) -> HttpResponse:
    attempt(request, flow.go_on, found(request, pk), by=request.user, at=now())
    return redirect("import", pk)


def import_fixes(request: HttpRequest, pk: int) -> HttpResponse:
    """Cells mended on the page; the dry run is done again."""
    fixes = {
        ":".join(name.split("-")[1:]): value
        for name, value in request.POST.items()
        if name.startswith("fix-") and name.count("-") == 2 and name.replace("fix-", "").replace("-", "").isdecimal()
    }
    ordered, refusal = attempt(request, flow.mend, found(request, pk), fixes, by=request.user, at=now())
    return redirect("import", pk) if refusal else _go_on(request, ordered)


def import_acceptance(request: HttpRequest, pk: int, discrepancy: int) -> HttpResponse:
    """A second person writes why a stated figure may stand."""
    batch, form = found(request, pk), ReasonForm(request.POST)
    one = get_object_or_404(flow.discrepancies(batch), pk=discrepancy)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    attempt(request, flow.accept, batch, one, reason, by=request.user, at=now())
    return redirect(f"/imports/{pk}/?show=held")


def import_writing(request: HttpRequest, pk: int) -> HttpResponse:
    skipping = request.POST.get("errors") == "skip"
    ordered, refusal = attempt(request, flow.order_writing, found(request, pk), is_skipping=skipping, by=request.user, at=now())
    return redirect("import", pk) if refusal else _go_on(request, ordered)


def import_undoing(request: HttpRequest, pk: int) -> HttpResponse:
    batch, form = found(request, pk), UndoForm(request.POST)
    if not form.is_valid() or form.cleaned_data["count"] != batch.writes:
        messages.error(request, _("没有撤销：行数填得不对。这个批次写入了 %(n)d 行，请核对后再填。") % {"n": batch.writes})
        return redirect("import", pk)
    attempt(request, flow.undo, batch, by=request.user, at=now())
    return redirect("import", pk)


def import_dropping(request: HttpRequest, pk: int) -> HttpResponse:
    attempt(request, flow.drop, found(request, pk), by=request.user, at=now())
    return redirect("imports")


def _go_on(request: HttpRequest, batch: ImportBatch) -> HttpResponse:
    """Do the ordered step now when the file is small; else the worker does it and the page waits."""
    if not flow.is_job(batch):
        attempt(request, flow.advance, batch, at=now())
    return redirect("import", batch.pk)


def import_bad_rows(request: HttpRequest, pk: int) -> HttpResponse:
    """The bad rows as a workbook; for the uploader, as it holds numbers of papers."""
    batch = found(request, pk)
    if batch.uploaded_by_id != request.user.pk:
        raise Http404
    content, refusal = attempt(request, workbook.bad_rows, batch, by=request.user, at=now())
    if refusal:
        return redirect("import", pk)
    return _download(content, _("错误行_批次%(n)d.xlsx") % {"n": batch.number})


def import_rows(request: HttpRequest, pk: int) -> HttpResponse:
    """Just the rows that this batch wrote."""
    batch = found(request, pk)
    page = page_of(request, queries.written(batch), 50)
    return render(request, "household/imports/rows.html", {"batch": batch, "page": page})


def import_template(request: HttpRequest, kind: str) -> HttpResponse:
    if kind not in ImportBatch.Kind.values:
        raise Http404
    account: Account = request.user  # type: ignore[assignment]
    unit = outcome.uploads_for(account) or posts_of(account)[0].unit
    name = _("%(kind)s模板.xlsx") % {"kind": ImportBatch.Kind(kind).label}
    return _download(workbook.template(kind, unit.organisation if unit.parent_id is None else unit, on=today(now())), name)


def _download(content: bytes, name: str) -> HttpResponse:
    headers = {
        "Content-Disposition": content_disposition_header(True, name) or "attachment",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store, private",
    }
    return HttpResponse(content, content_type=XLSX, headers=headers)


def import_look_up(request: HttpRequest) -> HttpResponse:
    """这 300 人里谁已建档: a list of numbers, answered."""
    form = LookUpForm(request.POST or None)
    rows = None
    if request.method == "POST" and form.is_valid():
        rows, _refusal = attempt_form(request, form, look_up, form.cleaned_data["text"], by=request.user, at=now(), field="text")
    context = {
        "form": form, "rows": rows, "filed": sum(row.household is not None for row in rows or []),
        "known": sum(row.staff is not None for row in rows or []),
    }  # fmt: skip
    return render(request, "household/imports/look_up.html", context, status=422 if form.errors else 200)
