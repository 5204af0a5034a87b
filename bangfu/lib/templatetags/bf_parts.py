"""Tags for the parts of a page: icon, status, panel, note, strip, steps, progress, timeline, dialog, masked field."""

import json
from functools import cache
from pathlib import Path
from zlib import crc32

from django import template
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

register = template.Library()

STATUS_ICONS = {
    "late": "alert-triangle",
    "due": "clock",
    "now": "circle-dot",
    "wait": "hourglass",
    "done": "check",
    "good": "circle-check",
}
NOTE_ICONS = {"late": "alert-circle", "due": "alert-triangle", "calm": "help-circle", "plain": "file-text"}
REVEAL_REASONS = (
    ("contact", gettext_lazy("联系本人或入户")),
    ("verify", gettext_lazy("核对证件与账户")),
    ("review", gettext_lazy("评审会质询")),
    ("audit", gettext_lazy("审计或检查")),
)


@cache
def icon_table() -> dict[str, list[str]]:
    return json.loads((Path(__file__).parents[1] / "icons.json").read_text(encoding="utf-8"))


@cache
def drawing(name: str) -> SafeString:
    """The inside of an icon. An unknown name is a mistake of the page and raises KeyError."""
    paths = icon_table()[name]
    if paths[0] == "filled":
        return mark_safe("".join(f'<path fill="currentColor" stroke="none" d="{d}"/>' for d in paths[1:]))
    return mark_safe("".join(f'<path d="{d}"/>' for d in paths))


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """{% icon "clock" %}, {% icon "clock" "lg" %}: sizes "" 16, "lg" 20, "xl" 28, "hero" 56 px. Always beside a word."""
    classes = f"i {size}" if size else "i"
    return format_html('<svg class="{}" viewBox="0 0 24 24" aria-hidden="true">{}</svg>', classes, drawing(name))


def maybe_icon(name: str, size: str = "") -> SafeString:
    return icon(name, size) if name else mark_safe("")


@register.simple_tag
def status(kind: str, text: str, icon: str = "") -> SafeString:
    """{% status "due" _("今天 24:00") %}: late, due, now, wait, done, good, none. icon="none" draws no icon."""
    name = icon or STATUS_ICONS.get(kind, "")
    drawn = mark_safe("") if name == "none" else maybe_icon(name)
    classes = "bf-st" if kind in ("done", "none", "") else f"bf-st {kind}"
    return format_html('<span class="{}">{}{}</span>', classes, drawn, text)


@register.simple_tag
def verdict(truth: str, matters: bool = True, text: str = "") -> SafeString:
    """{% verdict clause.truth clause.matters %}: "true" 满足, "false" 不满足, "unknown" 待查.

    Amber only when it changes the result or somebody must ask (`matters`); grey when it does not matter here.
    """
    truth = {True: "true", False: "false", None: "unknown"}.get(truth, truth)  # type: ignore[call-overload]
    if truth == "true":
        return status("done", text or _("满足"))
    kind = "due" if matters else "wait"
    if truth == "false":
        return status(kind, text or _("不满足"), "x")
    return status(kind, text or _("待查"), "help")


@register.simple_tag
def tag(text: str) -> SafeString:
    """{% tag household.grade_title %}: a fact that is not a status; at most three beside a title."""
    return format_html('<span class="bf-tag">{}</span>', text)


def name_of(text: object) -> str:
    """A short stable id for a heading, so that a panel can be named by it."""
    return f"h{crc32(str(text).encode()):08x}"


@register.simple_block_tag
def fragment(content: str) -> SafeString:
    """{% fragment as buttons %}…{% endfragment %}: markup to hand to another tag."""
    return mark_safe(content.strip())


@register.simple_block_tag
def panel(
    content: str, title: str, *, remark="", link="", link_text="", actions="", id="", body=False, extra="", fold=False
) -> SafeString:
    """{% panel _("家庭成员") remark=_("4 人") link=url link_text=_("收支明细") %}<table …>{% endpanel %}.

    body=True pads the content (text); tables and lists go in bare. `actions` is markup from {% fragment %}.
    fold=True: done with; on a phone only its head shows (the remark says the result), elsewhere it stands open.
    """
    right = actions
    if link:
        right = format_html('<a class="bf-s" href="{}">{}</a>', link, link_text)
    heading = f"{id}-title" if id else name_of(title)
    if fold:
        return format_html(
            '<details class="card bf-done{}"{} data-open-wide><summary class="bf-ph">{}<h2 id="{}">{}</h2>{}</summary>{}{}</details>',
            f" {extra}" if extra else "",
            format_html(' id="{}"', id) if id else "",
            icon("chevron-right"),
            heading,
            title,
            format_html('<span class="bf-3">{}</span>', remark) if remark else "",
            format_html('<div class="bf-acts">{}</div>', right) if right else "",
            format_html('<div class="card-body">{}</div>', mark_safe(content)) if body else mark_safe(content),
        )
    return format_html(
        '<section class="card{}"{} aria-labelledby="{}"><div class="bf-ph"><h2 id="{}">{}</h2>{}{}</div>{}</section>',
        f" {extra}" if extra else "",
        format_html(' id="{}"', id) if id else "",
        heading,
        heading,
        title,
        format_html('<span class="bf-3">{}</span>', remark) if remark else "",
        right,
        format_html('<div class="card-body">{}</div>', mark_safe(content)) if body else mark_safe(content),
    )


@register.inclusion_tag("components/_slot.html")
def slot(panels, key) -> dict:
    """{% slot panels household.number %}: panels of upper modules (lib.panels.of("household.file", roles)); links, drawn in place by HTMX."""
    return {"panels": [{"url": reverse(item.url_name, args=[key]), "title": item.title} for item in panels]}


@register.simple_tag
def empty(title: str, text: str = "", link: str = "", link_text: str = "", icon: str = "checks") -> SafeString:
    """{% empty _("今天没有要办的事") _("本季还有 13 户没走访。") url _("看名单") %}: why, what instead, one button."""
    return format_html(
        '<div class="bf-empty">{}<div class="bf-b">{}</div>{}{}</div>',
        maybe_icon(icon, "xl"),
        title,
        format_html('<div class="bf-s">{}</div>', text) if text else "",
        format_html('<a class="btn" href="{}">{}</a>', link, link_text) if link else "",
    )


@register.simple_block_tag
def note(content: str, kind: str = "plain", icon: str = "", extra: str = "") -> SafeString:
    """{% note "due" %}<b>…</b> …{% endnote %}: due (act), late (errors), calm, plain. One a page."""
    classes = "bf-note" + ("" if kind == "plain" else f" {kind}") + (f" {extra}" if extra else "")
    role = mark_safe(' role="alert"') if kind == "late" else ""
    drawn = maybe_icon(icon or NOTE_ICONS[kind])
    return format_html('<div class="{}"{}>{}<div>{}</div></div>', classes, role, drawn, mark_safe(content.strip()))


@register.simple_block_tag
def strip(content: str, label: str, extra: str = "mb-3") -> SafeString:
    """{% strip _("待办数量") %}{% figure … %}…{% endstrip %}: 3 to 6 key figures in one ruled box."""
    return format_html('<nav class="bf-strip {}" aria-label="{}">{}</nav>', extra, label, mark_safe(content))


@register.simple_tag
def figure(key, value, unit="", url="", *, kind="", icon="", after="", sect=False, wide=False, current=False) -> SafeString:
    """{% figure _("逾期") 2 _("件") "?due=late" kind="late" %}. sect: double rule before; wide: more room; after: a second text."""
    words = [kind, "sect" if sect else "", "w2" if wide else ""]
    drawn = maybe_icon(icon or ("alert-triangle" if kind == "late" else ""))
    inside = format_html(
        '<span class="k">{}{}</span><span class="v">{}{}{}</span>',
        drawn,
        key,
        value,
        format_html(" <small>{}</small>", unit) if unit else "",
        format_html(" {}", after) if after else "",
    )
    classes = " ".join(word for word in words if word)
    named = format_html(' class="{}"', classes) if classes else ""
    here = mark_safe(' aria-current="true"') if current else ""
    if not url:
        return format_html("<div{}>{}</div>", named, inside)
    return format_html('<a{} href="{}"{}>{}</a>', named, url, here, inside)


@register.simple_tag
def op(sign: str) -> SafeString:
    """{% op "−" %}, {% op "=" %}: between figures that make an equation."""
    return format_html('<span class="op" aria-hidden="true">{}</span>', sign)


@register.simple_tag
def steps(current: int, *titles: str, label: str = "") -> SafeString:
    """{% steps 3 _("选文件") _("对列") _("试算") _("写入") _("结果") label=_("导入步骤") %}: current counts from 1."""

    def row(number: int, title: str) -> SafeString:
        if number == current:
            return format_html('<li aria-current="step">{}</li>', title)
        return format_html('<li class="done">{}</li>' if number < current else "<li>{}</li>", title)

    rows = format_html_join("", "{}", ((row(number, title),) for number, title in enumerate(titles, 1)))
    return format_html('<ol class="bf-steps mb-3" aria-label="{}">{}</ol>', label or _("步骤"), rows)


@register.simple_tag
def dots(current: int, total: int) -> SafeString:
    """{% dots 1 8 %}: the dashes over a question on the phone; the words 第 1 页，共 8 页 stand beside them."""
    rows = "".join('<li class="on"></li>' if number <= current else "<li></li>" for number in range(1, total + 1))
    return mark_safe(f'<ol class="bf-dots" aria-hidden="true">{rows}</ol>')


@register.inclusion_tag("components/_progress.html")
def progress(rows, warm: bool = False) -> dict:
    """{% progress rows %}: rows of {title, detail, state: "done"|"now"|"todo", url, link}. warm: the worker's page."""
    return {"rows": rows, "warm": warm}


@register.inclusion_tag("components/_timeline.html")
def timeline(rows, more_url: str = "", more: str = "") -> dict:
    """{% timeline rows %}: newest first, a year as a heading. A row (dict or object) has

    at (date or instant), icon, text, url, detail, amount_fen, was, now (a change), quiet (money of others), aside.
    Missing ones stay blank; `text` may be markup.
    """
    return {"rows": rows, "more_url": more_url, "more": more}


@register.simple_block_tag
def actions(content: str, text: str = "") -> SafeString:
    """{% actions _("投票后不能改。") %}<button …>{% endactions %}: left what will happen, right the buttons, primary last."""
    return format_html('<div class="bf-actions"><div class="bf-2">{}</div>{}</div>', text, mark_safe(content))


@register.simple_tag
def tabs(rows, label: str = "") -> SafeString:
    """{% tabs views _("视图") %}: rows of {title, url, count, current}."""

    def row(item: dict) -> SafeString:
        return format_html(
            '<li><a href="{}"{}>{}{}</a></li>',
            item["url"],
            mark_safe(' aria-current="true"') if item.get("current") else "",
            item["title"],
            format_html(" <span>{}</span>", item["count"]) if item.get("count") is not None else "",
        )

    rows = format_html_join("", "{}", ((row(item),) for item in rows))
    return format_html('<ul class="bf-tabs" aria-label="{}">{}</ul>', label, rows)


@register.simple_tag(takes_context=True)
def masked(context, value: str, label: str, url: str, kind: str = "", reasons=REVEAL_REASONS) -> SafeString:
    """{% masked person.id_number|mask_id _("身份证号") reveal_url %}: the eye asks for a reason and posts it as `reason`.

    `url` answers the POST: with HTMX the {% revealed %} part, else a redirect to the page that shows it.
    `kind` is sent as `field` when one address reveals several fields.
    """
    return mark_safe(
        render_to_string(
            "components/_masked.html",
            {"value": value, "label": label, "url": url, "kind": kind, "reasons": reasons},
            request=context.get("request"),
        ).strip()
    )


@register.simple_tag
def revealed(value: str, masked: str, seconds: int = 60) -> SafeString:
    """{% revealed person.phone person.phone|mask_phone 42 %}: shown, counting down, then masked again by the script.

    Without a script the page should carry `Refresh: 60`, so that it masks itself too.
    """
    return format_html(
        '<span class="bf-mask" data-masked="{}"><span class="nb" data-value>{}</span> '
        '<span class="bf-st due">{}<span data-hide-after="{}">{}</span></span></span>',
        masked,
        value,
        icon("eye"),
        seconds,
        _("%(n)s 秒后隐去") % {"n": seconds},
    )


@register.simple_block_tag(takes_context=True)
def dialog(
    context, content: str, id: str, title: str, url: str, act: str, *, text="", cancel="", open=False, plain=False
) -> SafeString:
    """{% dialog "pay" _("确认发放 ¥36,000.00？") url _("确认发放 ¥36,000.00") text=… %}fields{% enddialog %}.

    Opened by {% opener "pay" _("发放…") %}. Without a script the address #pay shows it (CSS :target). `act` is the button;
    `plain` when the act is not dangerous. Only for paying, publishing, undoing.
    """
    context_of = {"id": id, "title": title, "url": url, "act": act, "text": text, "open": open, "plain": plain}
    context_of |= {"cancel": cancel or _("先不办"), "content": mark_safe(content)}
    return mark_safe(render_to_string("components/_dialog.html", context_of, request=context.get("request")).strip())


@register.simple_tag
def opener(id: str, text: str, extra: str = "btn-danger-line") -> SafeString:
    """{% opener "pay" _("发放…") %}: the link that opens a dialog, with and without a script."""
    return format_html('<a class="btn {}" href="#{}" data-dialog="{}">{}</a>', extra, id, id, text)


@register.simple_tag
def toast(text: str, url: str = "", undo: str = "") -> SafeString:
    """{% toast _("已给 3 户派走访") undo_url %}: what happened and a way back; never for errors."""
    link = format_html('<a href="{}">{}</a>', url, undo or _("撤销（10 秒）")) if url else ""
    return format_html('<div class="bf-toast" role="status"><span>{}</span>{}</div>', conditional_escape(text), link)


@register.simple_tag
def bar(value: int, top: int, label: str, full: bool = False) -> SafeString:
    """{% bar 47 60 _("本季走访 47 户，共 60 户") %}: how much of a whole; full=True draws it amber."""
    return format_html(
        '<progress class="bf-bar{}" value="{}" max="{}" aria-label="{}"></progress>', " full" if full else "", value, top, label
    )
