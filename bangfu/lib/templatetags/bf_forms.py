"""Tags for forms: one field with its label, hint and error; the list of errors; choices as rows."""

from django import forms, template
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

register = template.Library()

PLAIN_BOXES = (forms.CheckboxInput,)
DASHES = "-" * 9
CHOICES = (forms.RadioSelect, forms.CheckboxSelectMultiple)


def dressed(field, classes: str, **attributes) -> SafeString:
    """The field's own control with our classes and the ids of its hint and error."""
    widget = field.field.widget
    base = "form-select" if isinstance(widget, forms.Select) and not isinstance(widget, CHOICES) else "form-control"
    if isinstance(widget, PLAIN_BOXES):
        base = "form-check-input"
    if isinstance(widget, forms.NumberInput):  # type=number throws away what was typed wrong
        widget.input_type = "text"
        attributes.setdefault("inputmode", "decimal")
    if getattr(field.field, "empty_label", None) == DASHES:  # Django's own, a row of dashes, says nothing
        field.field.empty_label = _("请选一项")
    words = [base, widget.attrs.get("class", ""), classes, "is-invalid" if field.errors else ""]
    attributes["class"] = " ".join(word for word in words if word)
    if field.errors:
        attributes["aria-invalid"] = "true"
    described = described_by(field)
    if described:
        attributes["aria-describedby"] = described
    return field.as_widget(attrs=attributes)


def described_by(field) -> str:
    ids = [f"{field.auto_id}-hint"] if field.help_text else []
    return " ".join(ids + ([f"{field.auto_id}-error"] if field.errors else []))


@register.simple_tag
def field(bound, width: str = "", label: str = "", hint: str = "", extra: str = "mb-3", **attributes) -> SafeString:
    """{% field form.id_number %}, {% field form.income "w-50" %}: label above, hint, error above the control, red edge.

    width: "", "w-50", "w-25", "bf-amt" (a sum), "bf-date", "bf-id". Optional fields say 可以不填. Other keywords become
    attributes of the control (data_photo=True -> data-photo). Choice widgets become rows (see {% choices %}).
    """
    if isinstance(bound.field.widget, CHOICES):
        return choices(bound, label=label, hint=hint, extra=extra)
    if bound.is_hidden:
        return bound.as_hidden()
    if hint:
        bound.help_text = hint
    attributes = {name.replace("_", "-"): value for name, value in attributes.items()}
    control = dressed(bound, width, **attributes)
    single = isinstance(bound.field.widget, PLAIN_BOXES)
    return rendered("_field.html", field=bound, control=control, label=label or bound.label, single=single, extra=extra)


@register.simple_tag
def money(bound, label: str = "", hint: str = "", extra: str = "mb-3") -> SafeString:
    """{% money form.amount %}: a sum in yuan, figures to the right, the number pad on phones."""
    return field(bound, "num bf-amt", label, hint, extra, inputmode="decimal", autocomplete="off")


@register.simple_tag
def choices(
    bound, label: str = "", hint: str = "", *, icons=None, hints=None, two=False, rows=True, heading=False, extra="mb-3"
) -> SafeString:
    """{% choices form.need icons=icons hints=hints %}: whole rows to tap. two: side by side; rows=False: plain lines.

    icons and hints map a choice's value to an icon name or to a grey second line. heading: the legend is the page's h1.
    """
    if hint:
        bound.help_text = hint
    options = [
        {
            "label": option.choice_label,
            "id": option.id_for_label,
            "on": option.data["selected"],
            "control": option.data,
            "icon": (icons or {}).get(str(option.data["value"]), ""),
            "hint": (hints or {}).get(str(option.data["value"]), ""),
        }
        for option in bound.subwidgets
    ]
    return rendered(
        "_choices.html",
        field=bound,
        options=options,
        label=label or bound.label,
        two=two,
        rows=rows,
        heading=heading,
        described=described_by(bound),
        extra=extra,
        icons=bool(icons),
    )


def rendered(name: str, **context) -> SafeString:
    return mark_safe(render_to_string(f"components/{name}", context).strip())


@register.simple_tag
def errors(*forms_of_page) -> SafeString:
    """{% errors form %}: 有 2 处要改, with links to the fields; gets the focus. Put it first in the content."""
    rows = []
    for form in forms_of_page:
        if not getattr(form, "is_bound", False):
            continue
        rows += [("", "", text) for text in form.non_field_errors()]
        rows += [
            (bound.id_for_label or bound.auto_id, str(bound.label).rstrip("？"), text) for bound in form for text in bound.errors
        ]
    if not rows:
        return mark_safe("")
    return rendered("_errors.html", rows=rows, count=len(rows))


@register.simple_tag
def version(value) -> SafeString:
    """{% version case.version %}: the token that a transition compares, so that two people do not overwrite each other."""
    return format_html('<input type="hidden" name="version" value="{}">', value)


@register.simple_tag
def busy(text: str) -> SafeString:
    """<button class="btn btn-primary" {% busy _("正在写入…") %}>: the word while it runs; the button is then disabled."""
    return format_html('data-busy="{}"', text or _("正在办…"))
