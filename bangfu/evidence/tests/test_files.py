import io

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from PIL import Image

from bangfu.access.roles import Role
from bangfu.access.tests.makers import AT, account, organisation
from bangfu.audit.models import Event
from bangfu.evidence import flow
from bangfu.evidence.models import File, SignOff
from bangfu.lib.errors import Refused

pytestmark = pytest.mark.django_db


def photo(*, gps: bool = False) -> bytes:
    out = io.BytesIO()
    exif = Image.Exif()
    if gps:
        exif[0x010E] = "CANARY-GPS-23.7N"
    Image.new("RGB", (40, 30), "gray").save(out, "JPEG", exif=exif)
    return out.getvalue()


@pytest.fixture
def kaiyuan():
    return organisation()


@pytest.fixture
def li(kaiyuan):
    return account("li", Role.UNIT_CLERK, kaiyuan)


def test_a_photo_loses_its_exif_and_is_sealed_on_disk(kaiyuan, li, settings):
    content = photo(gps=True)
    assert b"CANARY-GPS" in content
    file = flow.store(content, name="诊断书.jpg", by=li, at=AT, unit=kaiyuan)
    on_disk = [path.read_bytes() for path in settings.FILES.rglob("*") if path.is_file()]
    assert len(on_disk) == 1 and not on_disk[0].startswith(b"\xff\xd8")
    plain = flow.content_of(file)
    assert plain.startswith(b"\xff\xd8") and b"CANARY-GPS" not in plain


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "空文件"),
        (b"MZ\x90\x00 program", "程序文件，不能上传"),
        (b"<html><script>x</script>", "网页文件，不能上传"),
        (b"%PDF-1.4 " + b"0" * (21 * 1024 * 1024), "20 MB"),
    ],
)
def test_what_cannot_be_stored_is_refused_in_a_sentence(kaiyuan, li, content, says):
    with pytest.raises(Refused, match=says):
        flow.store(content, name="x.jpg", by=li, at=AT, unit=kaiyuan)
    assert not File.objects.exists()


def test_the_door_opens_for_the_uploader_and_answers_404_to_others(client, kaiyuan, li):
    file = flow.store(photo(), name="a.jpg", by=li, at=AT, unit=kaiyuan)
    other = account("other", Role.UNIT_CLERK, organisation(code="xian", prefix="XA", name="西安"))
    client.force_login(other)
    assert client.get(reverse("file", args=[file.pk])).status_code == 404
    client.force_login(li)
    response = client.get(reverse("file", args=[file.pk]))
    assert response.status_code == 200 and response["X-Content-Type-Options"] == "nosniff"
    assert Event.objects.filter(kind="evidence.file_read").count() == 1


def test_a_file_altered_on_disk_is_not_opened(kaiyuan, li, settings):
    file = flow.store(photo(), name="a.jpg", by=li, at=AT, unit=kaiyuan)
    path = next(path for path in settings.FILES.rglob("*") if path.is_file())
    blob = bytearray(path.read_bytes())
    blob[-1] ^= 1
    path.write_bytes(blob)
    with pytest.raises(Exception, match=".*"):
        flow.content_of(file)


def test_a_signature_needs_its_picture_and_counts_once(kaiyuan, li):
    common = {"subject": "x:1", "signer_name": "张三", "role": "payee", "by": li, "at": AT, "unit": kaiyuan}
    with pytest.raises(Refused, match="还没有签字的图"):
        flow.sign_off(b"document", how="drawn", **common)
    image = flow.store(photo(), name="sign.png", by=li, at=AT, unit=kaiyuan)
    flow.sign_off(b"document", how="drawn", image=image, **common)
    with pytest.raises(Refused, match="已经签过字"):
        flow.sign_off(b"document", how="drawn", image=image, **common)
    assert SignOff.objects.count() == 1 and Event.objects.filter(kind="evidence.document_signed").count() == 1


@pytest.mark.both
def test_a_signature_is_never_changed(kaiyuan, li):
    image = flow.store(photo(), name="s.png", by=li, at=AT, unit=kaiyuan)
    flow.sign_off(b"d", subject="x:1", signer_name="张三", role="payee", how="drawn", image=image, by=li, at=AT, unit=kaiyuan)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        SignOff.objects.update(signer_name="李四")
