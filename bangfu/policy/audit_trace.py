"""An assessment for the auditor: everything it rests on and every comparison made, as JSON of a versioned schema."""

from __future__ import annotations

import json
from typing import Any

from bangfu.policy.models import Assessment

SCHEMA = "trace/1"  # schema/trace.json


def trace_of(assessment: Assessment) -> dict[str, Any]:
    """The version by its fingerprint, the frozen facts, the stored outcome with its trace. No name of a household in it."""
    version = assessment.version
    return {
        "schema": SCHEMA,
        "assessment": assessment.pk,
        "subject": assessment.subject,
        "unit": assessment.unit.code,
        "at": assessment.at.isoformat(),
        "by": assessment.by.username if assessment.by else None,
        "version": {
            "id": version.pk,
            "pack": version.pack,
            "title": version.title,
            "document_no": version.document_no,
            "valid_from": version.valid_from.isoformat(),
            "sha256": version.sha256,
        },
        "on": assessment.on_date.isoformat(),
        "facts": assessment.facts_object,
        "outcome": json.loads(assessment.result),
    }


def text_of(assessment: Assessment) -> str:
    """The file as it is downloaded."""
    return json.dumps(trace_of(assessment), ensure_ascii=False, indent=1, allow_nan=False) + "\n"
