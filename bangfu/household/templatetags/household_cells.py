"""`{% load household_cells %}`: a form field inside a table cell, its label read aloud, not shown."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from bangfu.lib.templatetags.bf_forms import dressed

register = template.Library()


@register.simple_tag
def cell(bound, classes: str = "") -> SafeString:
    """{% cell form.field "num" %}: the control alone with its hidden label; errors above it."""
    errors = mark_safe("").join(format_html('<div class="bf-err">{}</div>', error) for error in bound.errors)
    where = format_html('<div id="{}-error">{}</div>', bound.auto_id, errors) if bound.errors else ""
    return format_html(
        '{}<label class="visually-hidden" for="{}">{}</label>{}',
        where, bound.id_for_label, bound.label, dressed(bound, f"form-control-sm {classes}".strip(), autocomplete="off"),
    )  # fmt: skip
