"""Tags for tables: caption, sorting head, pages, bulk bar."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from .bf_parts import icon

register = template.Library()
#: What says where in a list one is; another order or another size begins at its beginning.
PLACE = ("page", "after", "before", "from")
TURNS = ("first", "previous", "next", "last")


def with_query(request, **changes) -> str:
    """This page's address with some parameters changed; None takes one away."""
    query = request.GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = value
    return "?" + query.urlencode()


@register.simple_tag
def caption(text: str) -> SafeString:
    """{% caption _("需要您处理的 12 件事，按截止时间") %}: every table says what it is; read aloud, not shown."""
    return format_html('<caption class="visually-hidden">{}</caption>', text)


@register.simple_tag(takes_context=True)
def query(context, **changes) -> str:
    """<a href="{% query page=2 %}">: the filters in the address stay."""
    return with_query(context["request"], **changes)


@register.simple_tag(takes_context=True)
def sort_head(context, title: str, key: str, extra: str = "", default: str = "") -> SafeString:
    """{% sort_head _("姓名") "name" default="name" %}: a head that sorts by ?sort=name, ?sort=-name, with aria-sort."""
    request = context["request"]
    now = request.GET.get("sort", default)
    up, down = now == key, now == f"-{key}"
    sorted_by = mark_safe(f' aria-sort="{"ascending" if up else "descending"}"') if up or down else ""
    arrow = icon("chevron-up") if up else icon("chevron-down") if down else ""
    url = with_query(request, sort=f"-{key}" if up else key, **dict.fromkeys(PLACE))
    named = format_html(' class="{}"', extra) if extra else ""
    return format_html('<th scope="col"{}{}><a href="{}">{}{}</a></th>', named, sorted_by, url, title, arrow)


@register.inclusion_tag("components/_pages.html", takes_context=True)
def pages(context, page, unit: str, sizes: str = "20,50,100") -> dict:
    """{% pages page_obj _("户") %}: 第 1–20 户，共 23 户, the size of a page (?per=) and the way on (?page=).

    A page that knows its neighbours by key has `turns`: {"first", "previous", "next", "last"} -> parameters of the address, or None.
    """
    request = context["request"]
    turns = getattr(page, "turns", None)
    if turns is None:
        turns = {
            "previous": {"page": page.previous_page_number()} if page.has_previous() else None,
            "next": {"page": page.next_page_number()} if page.has_next() else None,
        }
    choices = [int(size) for size in sizes.split(",")]
    size = page.paginator.per_page
    return {
        "page": page,
        "unit": unit,
        "sizes": sorted({*choices, size}),
        "size": size,
        "kept": [(name, value) for name, values in request.GET.lists() for value in values if name not in (*PLACE, "per")],
        **{name: with_query(request, **dict.fromkeys(PLACE) | turns[name]) if turns.get(name) else "" for name in TURNS},
    }


@register.inclusion_tag("components/_pick.html")
def pick_all(count: int, unit: str) -> dict:
    """{% pick_all 20 _("户") %}: the head cell that selects this page (script; without one it is not shown)."""
    return {"count": count, "unit": unit}


@register.simple_block_tag(takes_context=True)
def bulk(context, content: str, unit: str, total: int) -> SafeString:
    """{% bulk _("户") 23 %}<button …>{% endbulk %}: inside the form round the table; rows are checkboxes name="pick".

    The box name="all" value="1" means every row that meets the filters, not only this page.
    """
    from django.template.loader import render_to_string

    inside = {"content": mark_safe(content), "unit": unit, "total": total}
    return mark_safe(render_to_string("components/_bulk.html", inside, request=context.get("request")).strip())
