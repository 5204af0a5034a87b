"""`{% load bf %}`: every filter and tag of the pages. The parts are shown on /kit/ and listed in docs/kit.md."""

from django import template

from . import bf_forms, bf_parts, bf_shell, bf_tables, bf_text

register = template.Library()
for module in (bf_text, bf_parts, bf_tables, bf_forms, bf_shell):
    register.filters.update(module.register.filters)
    register.tags.update(module.register.tags)
