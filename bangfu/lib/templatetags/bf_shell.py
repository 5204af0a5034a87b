"""Tags of the shells (base/*.html): the mark, the title's error word."""

from django import template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

register = template.Library()

MARK = mark_safe(
    '<svg viewBox="0 0 26 26" aria-hidden="true"><rect width="26" height="26" rx="5" fill="#b3261e"/>'
    '<path d="M8 7.5h10M13 7.5v8.2M5.5 14.5c1.2 3.6 4 5.2 7.5 5.2s6.3-1.6 7.5-5.2" fill="none" stroke="#fff" '
    'stroke-width="2.2" stroke-linecap="round"/></svg>'
)


@register.simple_tag
def mark() -> SafeString:
    """The seal."""
    return MARK


@register.simple_tag(takes_context=True)
def error_word(context) -> str:
    """错误： before the page's title when its `form` (or one of its `forms`) came back with errors."""
    forms = [context.get("form"), *(context.get("forms") or [])]
    return _("错误：") if any(getattr(form, "is_bound", False) and form.errors for form in forms) else ""


@register.filter
def note_kind(level: str) -> str:
    """A message's level as a kind of note."""
    return {"error": "late", "warning": "due"}.get(level, "calm")
