"""Filters and tags as pages use them; the kit page draws them all."""

from datetime import UTC, date, datetime

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory

from bangfu.lib.templatetags.bf_parts import icon_table

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai
END = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)  # 00:00 of the 25th


def drawn(text, **context):
    request = RequestFactory().get("/list/", context.pop("query", {}))
    return Template("{% load bf %}" + text).render(Context({"request": request, **context})).strip()


@pytest.mark.parametrize(
    ("text", "value", "wanted"),
    [
        ("{{ x|yuan }}", 123400, "1,234.00"),
        ("{{ x|yuan }}", None, ""),
        ("{{ x|yuan_sign }}", 123400, '<span class="nb">¥1,234.00</span>'),
        ("{{ x|yuan_sign }}", -100, '<span class="nb">-¥1.00</span>'),
        ("{{ x|words }}", 140950, "人民币壹仟肆佰零玖元伍角"),
        ("{{ x|permille }}", 610, "61.0%"),
        ("{{ x|day }}", END, "2026-11-25"),
        ("{{ x|short_day }}", date(2026, 1, 5), "01-05"),
        ("{{ x|long_day }}", date(2026, 1, 5), '<span class="nb">2026年1月5日</span>'),
        ("{{ x|weekday }}", NOON, "星期五"),
        ("{{ x|clock }}", NOON, "12:00"),
        ("{{ x|day_end }}", END, '<span class="nb">11月24日 24:00</span>'),
        ("{{ x|day_end }}", NOON, '<span class="nb">11月20日 12:00</span>'),
        ("{{ x|mask_phone }}", "13800006021", "138****6021"),
        ("{{ x|mask_name }}", None, ""),
    ],
)
def test_a_filter_writes(text, value, wanted):
    assert drawn(text, x=value) == wanted


@pytest.mark.parametrize(
    ("at", "wanted"),
    [
        (NOON, "还剩 4 天（11月24日 24:00 截止）"),
        (datetime(2026, 11, 24, 15, 59, tzinfo=UTC), "今天截止（11月24日 24:00 截止）"),
        (END, "逾期 1 天（11月24日 24:00 截止）"),
        (datetime(2026, 11, 26, 4, 0, tzinfo=UTC), "逾期 2 天（11月24日 24:00 截止）"),
    ],
)
def test_the_days_left_are_whole_days_of_shanghai(at, wanted):
    assert drawn("{{ end|remaining:at }}", end=END, at=at) == wanted


def test_text_from_people_is_escaped_in_every_part():
    evil = "<b>x</b>"
    text = (
        '{% status "due" x %}{% tag x %}{% panel x remark=x %}{{ x }}{% endpanel %}{% note %}{{ x }}{% endnote %}{% empty x x "#" x %}'
        '{% figure x x x %}{% masked x x "/r/" %}{% revealed x x %}{% timeline rows %}{% progress rows %}{% tabs views %}{% toast x %}'
        '{% actions x %}{% endactions %}{% dialog "d" x "#" x text=x %}{{ x }}{% enddialog %}{% steps 1 x %}{% caption x %}'
    )
    rows = [{"at": NOON, "text": evil, "detail": evil, "title": evil, "state": "now", "was": evil, "now": evil, "aside": evil}]
    assert evil not in drawn(text, x=evil, rows=rows, views=[{"title": evil, "url": "#", "count": evil}])


def test_a_status_that_is_done_is_black_and_has_a_word_and_an_icon():
    html = drawn('{% status "done" x %}', x="已核")
    assert html.startswith('<span class="bf-st"><svg') and html.endswith("已核</span>")


def test_an_unknown_icon_is_a_mistake_of_the_page():
    with pytest.raises(KeyError):
        drawn('{% icon "no-such-icon" %}')


class Form(forms.Form):
    number = forms.CharField(label="身份证号", help_text="18 位", max_length=18)
    income = forms.DecimalField(label="月收入（元）")
    note = forms.CharField(label="备注", required=False)


def test_a_field_keeps_what_was_typed_and_says_what_is_wrong_above_it():
    html = drawn("{% field form.income %}", form=Form({"income": "三千二"}))
    assert 'value="三千二"' in html and 'type="text"' in html and 'aria-invalid="true"' in html
    assert html.index("要填数字") < html.index("<input")
    assert 'aria-describedby="id_income-error"' in html and 'id="id_income-error"' in html


def test_a_field_says_when_it_may_stay_empty_and_never_stars():
    assert "可以不填" in drawn("{% field form.note %}", form=Form())
    html = drawn("{% field form.number %}", form=Form())
    assert "可以不填" not in html and "*" not in html and html.count('aria-describedby="id_number-hint"') == 1


def test_the_list_of_errors_links_to_the_fields():
    html = drawn("{% errors form %}", form=Form({}))
    assert "有 2 处要改" in html and 'href="#id_number"' in html and "身份证号：这一项不能空着" in html and 'role="alert"' in html
    assert drawn("{% errors form %}", form=Form()) == ""


def test_the_title_of_a_page_with_errors_says_so():
    assert drawn("{% error_word %}", form=Form({})) == "错误："
    assert drawn("{% error_word %}", form=Form()) == ""


def test_sorting_keeps_the_filters_and_turns_round():
    html = drawn('{% sort_head "姓名" "name" %}', query={"q": "张", "sort": "name", "page": "2"})
    assert 'aria-sort="ascending"' in html and "sort=-name" in html and "page=2" not in html and "q=" in html


def test_the_timeline_puts_each_year_under_its_own_heading():
    rows = [
        {"at": NOON, "text": "a"},
        {"at": date(2026, 1, 2), "text": "b"},
        {"at": date(2025, 1, 2), "text": "c", "amount_fen": 0},
    ]
    html = drawn("{% timeline rows %}", rows=rows)
    assert html.count("2026 年") == 1 and html.count("2025 年") == 1 and html.count("<ol") == html.count("</ol>") == 2
    assert "0.00" in html


def test_every_icon_that_templates_name_exists():
    import re
    from pathlib import Path

    root = Path(__file__).resolve().parents[3]
    named = set()
    for path in [*root.glob("templates/**/*.html"), *root.glob("bangfu/*/templates/**/*.html")]:
        named |= set(re.findall(r"\{% icon ['\"]([\w-]+)['\"]|\bicon=['\"]([\w-]+)['\"]", path.read_text(encoding="utf-8")))
    assert {a or b for a, b in named} - {"none"} - set(icon_table()) == set()


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/kit/", "/kit/phone/", "/kit/phone/?elder=1"])
def test_the_kit_opens_for_anyone(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    assert ('class="bf-pub elder"' in answer.content.decode()) == ("elder" in path)


@pytest.mark.django_db
def test_a_reveal_answers_htmx_with_the_part_and_others_with_the_page(client):
    part = client.post("/kit/", {"reason": "contact", "field": "phone"}, headers={"HX-Request": "true"}).content.decode()
    assert part.strip().startswith('<span class="bf-mask" data-masked="138****6021">') and "13800006021" in part
    assert "<html" in client.post("/kit/", {"reason": "contact"}).content.decode()


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500])
def test_an_error_page_stands_without_any_context(status):
    from django.template.loader import render_to_string

    html = render_to_string(f"{status}.html", {"reference": "7F3A91C4"})
    assert "7F3A91C4" in html and "<h1>" in html and "None" not in html
