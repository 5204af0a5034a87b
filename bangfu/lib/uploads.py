"""What a request may send with its files: refused by its announced length, before a byte is written to the disk."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import TemporaryFileUploadHandler

MAX_REQUEST = 100 * 1024 * 1024  # several photos of 20 MB; Django itself limits everything but files


class CappedUploads(TemporaryFileUploadHandler):
    """Files go to the disk, a larger request is a 400: a stranger cannot fill the disk through an open form."""

    def handle_raw_input(
        self, input_data: Any, META: dict[str, Any], content_length: int, boundary: Any, encoding: str | None = None
    ) -> None:
        if content_length > MAX_REQUEST:
            raise RequestDataTooBig(f"a request of {content_length} bytes")
