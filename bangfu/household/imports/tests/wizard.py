"""The wizard as a clerk walks it, through the client."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from bangfu.access.models import Account
from bangfu.household.imports.models import ImportBatch

HEAD = ["工号", "姓名", "身份证号", "部门", "手机号码", "银行卡号"]
FILES = [*HEAD, "家庭人口", "本人月平均收入(元)", "家庭年度总收入(元)", "主要致困原因", "困难类别"]


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def table(head: list[str], *rows: list[Any]) -> bytes:
    """A CSV in UTF-8."""
    out = io.StringIO()
    csv.writer(out).writerows([head, *rows])
    return out.getvalue().encode()


class Wizard:
    """One account and its last batch."""

    def __init__(self, account: Account) -> None:
        self.client, self.account = Client(), account
        self.client.force_login(account)

    @property
    def batch(self) -> ImportBatch:
        return ImportBatch.objects.order_by("-pk")[0]

    def address(self, *parts: str) -> str:
        return "/".join(["/imports", str(self.batch.pk), *parts, ""])

    def upload(self, content: bytes, name: str = "花名册.csv") -> Any:
        return self.client.post("/imports/", {"file": SimpleUploadedFile(name, content)}, follow=True)

    def paste(self, text: str) -> Any:
        return self.client.post("/imports/", {"text": text}, follow=True)

    def columns(self, **changes: str) -> Any:
        """Send the matching form as it stands, but for the named titles."""
        batch = self.batch
        sent = {f"column_{column['at']}": changes.pop(column["title"], column["key"]) for column in batch.columns}
        return self.client.post(self.address("columns"), {"kind": batch.kind, "opened_on": "", **sent, **changes}, follow=True)

    def page(self, **query: str) -> str:
        return text_of(self.client.get(self.address(), query))

    def write(self, skip: bool = False) -> Any:
        return self.client.post(self.address("writing"), {"errors": "skip" if skip else "refuse"}, follow=True)

    def fix(self, **cells: str) -> Any:
        """fix(r2c3="…"): row 2 as Excel counts, column 3 from 0."""
        sent = {"fix-" + "-".join(re.findall(r"\d+", place)): text for place, text in cells.items()}
        return self.client.post(self.address("fixes"), sent, follow=True)

    def undo(self, count: int | None = None) -> Any:
        return self.client.post(self.address("undoing"), {"count": self.batch.writes if count is None else count}, follow=True)

    def take(self, content: bytes, **changes: str) -> str:
        """Upload and try out; the dry run's page."""
        self.upload(content)
        return text_of(self.columns(**changes))

    def problems(self) -> list[tuple[int, str, str]]:
        return [(one.row, one.title, one.reason + one.remedy) for one in self.batch.problems.order_by("row", "column")]
