"""Pages for everybody: is this receipt real, and which rules are in force. Kept out of search engines; no name in full."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _

from bangfu.access.models import Unit
from bangfu.audit.models import Head
from bangfu.ledger.queries import receipt_of
from bangfu.ledger.receipt import clean_check_code
from bangfu.lib.days import now, today
from bangfu.policy.outline import rule_links
from bangfu.policy.queries import published
from bangfu.portal.offers import offer_of


def check_form(request: HttpRequest) -> HttpResponse:
    """Type the code that is printed on a receipt."""
    typed = request.GET.get("code")
    if typed is None:
        return render(request, "portal/receipt_form.html", {"typed": ""})
    code = clean_check_code(typed)
    if not code or slugify(code).upper() != code:
        problem = (
            _("没有填验证码。请照回执右下角的 12 位字母和数字填写。")
            if not typed.strip()
            else _("“%(typed)s”不是验证码。验证码只有字母和数字，例如 7K3M-9QPA-2XTB，请照回执重填。") % {"typed": typed[:30]}
        )
        return render(request, "portal/receipt_form.html", {"typed": typed, "problem": problem}, status=422)
    return redirect("check", code)


def check(request: HttpRequest, code: str) -> HttpResponse:
    """Yes or no first; then what to compare with the paper. Source: LOOK.md 7."""
    receipt = receipt_of(code)
    if receipt is None:
        context = {"typed": code, "shown": clean_check_code(code) or code}
        return render(request, "portal/receipt_unknown.html", context, status=404)
    context = {
        "receipt": receipt,
        "is_real": receipt.is_unaltered and not receipt.is_reversed,
        "mark": " ".join(receipt.digest[at : at + 4] for at in range(0, 32, 4)),
        "head": Head.objects.first(),
        "at": now(),
        "organisation": receipt.organisation,
        "telephone": receipt.organisation.phone,
        "demo_data": receipt.organisation.is_demo,
    }
    return render(request, "portal/receipt.html", context)


def rules(request: HttpRequest, org: str) -> HttpResponse:
    """The rules and sums in force of one organisation, for everybody to read; demo values say so. Source: S2-6."""
    organisation = get_object_or_404(Unit, code=org.lower(), parent=None)
    on = today(now())
    sets = []
    for number, found in enumerate(published(organisation, on), 1):
        sets.append(
            {
                "version": found.version,
                "pack": found.pack,
                "programmes": [offer_of(found.pack, programme, on) for programme in found.pack.programmes],
                "parameters": [row for row in found.parameters if row.state != "past"],
                "procedures": found.pack.procedures,
                "text": found.pack.regulation.html(
                    prefix=f"t{number}-", beside=rule_links(found.pack, prefix=f"r{number}-", parts=("programmes", "parameters"))
                ),
            }
        )
    context = {
        "organisation": organisation,
        "telephone": organisation.phone,
        "demo_data": organisation.is_demo,
        "sets": sets,
        "on": on,
    }
    return render(request, "portal/rules.html", context)
