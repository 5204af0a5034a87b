"""What was stored keeps its bytes: a pack of the first release, many households, one fingerprint of all their outcomes."""

import hashlib
import random
from datetime import date
from pathlib import Path

from bangfu.lib.errors import Refused
from bangfu.policy.evaluation import evaluate
from bangfu.policy.loading import load_pack
from bangfu.policy.outcome import from_json
from bangfu.policy.tests.makers import household

PACK = Path(__file__).parent / "golden" / "kaiyuan-2016.zip"
#: Of the first release. It may change only together with `outcome.SCHEMA` and a way to read what was stored before.
FINGERPRINT = "853e74f69d7b84f21471dbaf739b86877bdf2eb8db9d15f0eba051411c1a38b5"
ASKED = ["temporary_living", "illness", "schooling", "spring_gift", "long_term", "temporary_medical"]


def cases(count=150):
    lots = random.Random(20161)  # noqa: S311
    for _n in range(count):
        facts = household(
            annual_income_fen=lots.choice([0, 1_000_000, 2_520_000, 2_700_000, 5_000_000]),
            medical_self_paid_fen=lots.choice([0, 150_000, 900_000, 2_000_000]),
            main_cause=lots.choice(["illness", "accident", "low_income", "theft"]),
            grade=lots.choice(["especially", "long_term", "temporary", "none"]),
            asked_fen=lots.choice([50_000, 300_000, 900_000]),
            programme=lots.choice(ASKED),
            payments=[
                {
                    "paid_programme": lots.choice(ASKED),
                    "paid_fen": lots.choice([100_000, 500_000]),
                    "paid_year": lots.choice([2016, 2017]),
                    "paid_by": lots.choice(["own", "city"]),
                    "is_to_applicant": lots.random() < 0.8,
                }
                for _payment in range(lots.randrange(4))
            ],
        )
        known = {name: value for name, value in facts.items() if lots.random() >= 0.15}
        yield known, lots.choice([date(2016, 6, 1), date(2017, 6, 1), date(2018, 3, 1), date(2026, 3, 1)])


def test_outcomes_of_the_first_release_come_out_byte_for_byte():
    pack = load_pack(PACK.read_bytes())
    digest = hashlib.sha256()
    for facts, on in cases():
        try:
            found = evaluate(pack, facts, on)
            assert from_json(found.to_json()) == found
            digest.update(found.canonical().encode())
        except Refused as stopped:
            digest.update(str(stopped).encode())
    assert digest.hexdigest() == FINGERPRINT
