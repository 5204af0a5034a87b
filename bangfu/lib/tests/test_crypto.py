import json

import pytest
from django.core import serializers
from django.core.exceptions import FieldError
from django.db import connection, models
from django.test.utils import isolate_apps
from hypothesis import given
from hypothesis import strategies as st

from bangfu.lib.crypto import (
    EncryptedJSONField,
    EncryptedTextField,
    Unreadable,
    blind_index,
    key_id_of,
    keyed_digest,
    open_sealed,
    seal,
)


@pytest.fixture(autouse=True)
def _two_keys(settings):
    settings.DATA_KEYS = {"k1": b"1" * 32, "k2": b"2" * 32}
    settings.DATA_KEY_ID = "k1"
    settings.INDEX_KEY = b"i" * 32


@given(st.binary(max_size=200), st.binary(max_size=40))
def test_what_is_sealed_opens_again_and_never_twice_to_the_same_bytes(plain, aad):
    first, second = seal(plain, aad=aad), seal(plain, aad=aad)
    assert open_sealed(first, aad=aad) == plain
    assert first != second
    assert len(plain) < 4 or plain not in first


def test_the_blob_begins_with_version_and_key_id():
    blob = seal(b"x", aad=b"t.c")
    assert blob[:4] == b"\x01\x02k1"
    assert len(blob) == 4 + 12 + 1 + 16
    assert key_id_of(blob) == "k1"


def test_every_changed_byte_is_noticed():
    blob = seal(b"530000198304186490", aad=b"t.c")
    for at in range(len(blob)):
        changed = blob[:at] + bytes([blob[at] ^ 1]) + blob[at + 1 :]
        with pytest.raises(Unreadable):
            open_sealed(changed, aad=b"t.c")


@pytest.mark.parametrize(
    "blob", [b"", b"\x01", b"\x02\x02k1" + b"0" * 40, b"\x01\xff" + b"0" * 40, b"\x01\x02\xff\xff" + b"0" * 40]
)
def test_bytes_that_were_never_sealed_are_refused(blob):
    with pytest.raises(Unreadable):
        open_sealed(blob, aad=b"")


def test_a_value_does_not_open_in_another_column():
    with pytest.raises(Unreadable, match="不属于这个字段"):
        open_sealed(seal(b"x", aad=b"person.card"), aad=b"person.identity")


def test_an_old_key_is_read_and_a_lost_one_is_named(settings):
    blob = seal(b"x", aad=b"")
    settings.DATA_KEY_ID = "k2"
    assert open_sealed(blob, aad=b"") == b"x"
    settings.DATA_KEYS = {"k2": b"2" * 32}
    with pytest.raises(Unreadable, match="k1"):
        open_sealed(blob, aad=b"")


def test_the_blind_index_differs_by_purpose_and_by_key(settings):
    index = blind_index("13800019646", "phone")
    assert len(index) == 64 and index == blind_index("13800019646", "phone")
    assert index != blind_index("13800019646", "card")
    settings.INDEX_KEY = b"j" * 32
    assert index != blind_index("13800019646", "phone")


def test_a_purpose_and_a_value_cannot_be_cut_elsewhere():
    assert blind_index("1x", "a") != blind_index("x", "a1")
    assert keyed_digest(b"k", "a") != keyed_digest(b"l", "a")


@pytest.fixture
def secret(db):
    """A table of this test's own with two sealed columns."""
    with isolate_apps("bangfu.lib"):

        class Secret(models.Model):  # noqa: DJ008
            text = EncryptedTextField(null=True, blank=True)
            facts = EncryptedJSONField(default=dict)

            class Meta:
                app_label = "lib"

        kind = "bytea" if connection.vendor == "postgresql" else "blob"
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TABLE lib_secret (id integer PRIMARY KEY, text {kind} NULL, facts {kind} NOT NULL)")
        yield Secret


def stored(column: str = "text") -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM lib_secret ORDER BY id")
        value = cursor.fetchone()[0]
    return None if value is None else bytes(value)


@pytest.mark.both
def test_a_field_is_plain_in_python_and_sealed_in_the_database(secret):
    secret.objects.create(pk=1, text="肺癌 530000198304186490", facts={"b": [1, "二"], "a": None})
    row = secret.objects.get(pk=1)
    assert row.text == "肺癌 530000198304186490" and row.facts == {"a": None, "b": [1, "二"]}
    assert b"530000198304186490" not in stored() and "肺癌".encode() not in stored()
    assert open_sealed(stored(), aad=b"lib_secret.text").decode() == row.text
    assert list(secret.objects.values_list("text", flat=True)) == [row.text]


@pytest.mark.both
def test_none_stays_none_and_blank_stays_blank(secret):
    secret.objects.create(pk=1, text=None)
    assert stored() is None and secret.objects.get(pk=1).text is None
    secret.objects.create(pk=2, text="")
    assert secret.objects.get(pk=2).text == ""
    assert list(secret.objects.filter(text=None).values_list("pk", flat=True)) == [1]
    assert list(secret.objects.filter(text__isnull=False).values_list("pk", flat=True)) == [2]


@pytest.mark.both
def test_bulk_writes_seal_too(secret):
    secret.objects.bulk_create([secret(pk=1, text="一"), secret(pk=2, text="二")])
    rows = list(secret.objects.order_by("pk"))
    for row in rows:
        row.text, row.facts = row.text * 2, [row.pk]
    secret.objects.bulk_update(rows, ["text", "facts"])
    assert [(row.text, row.facts) for row in secret.objects.order_by("pk")] == [("一一", [1]), ("二二", [2])]
    secret.objects.update(text="三")
    assert open_sealed(stored(), aad=b"lib_secret.text") == "三".encode()


def test_saving_again_rotates_to_the_current_key(secret, settings):
    secret.objects.create(pk=1, text="旧")
    settings.DATA_KEY_ID = "k2"
    row = secret.objects.get(pk=1)
    assert key_id_of(stored()) == "k1"
    row.save()
    assert key_id_of(stored()) == "k2" and secret.objects.get(pk=1).text == "旧"


@pytest.mark.parametrize(
    "lookup", [{"text": "x"}, {"text__contains": "x"}, {"text__in": ["x"]}, {"text__gt": "x"}, {"facts__key": 1}, {"facts": {}}]
)
def test_searching_a_sealed_column_is_refused(secret, lookup):
    with pytest.raises(FieldError, match="blind index"):
        list(secret.objects.filter(**lookup))


def test_a_dump_stays_sealed_and_loads_again(secret):
    secret.objects.create(pk=1, text="530000198304186490")
    dump = serializers.serialize("python", secret.objects.all())
    assert "530000198304186490" not in json.dumps(dump)
    assert secret._meta.get_field("text").to_python(dump[0]["fields"]["text"]) == "530000198304186490"


def test_something_that_is_not_text_is_a_slip_of_the_code(secret):
    with pytest.raises(TypeError, match="str"):
        secret(pk=1, text=5).save()


def test_an_index_on_a_sealed_column_fails_the_checks():
    with isolate_apps("bangfu.lib"):

        class Indexed(models.Model):  # noqa: DJ008
            text = EncryptedTextField(db_index=True)

            class Meta:
                app_label = "lib"

        assert [error.id for error in Indexed._meta.get_field("text").check()] == ["lib.E001"]
