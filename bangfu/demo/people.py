"""Generated people: names, numbers and families from one seeded stream. Identity numbers carry 0000 where a county stands."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta

SURNAMES = "李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎普沐段尹白毕邵"
GIVEN_M = [
    "建国",
    "志强",
    "永昌",
    "应忠",
    "长河",
    "正荣",
    "春林",
    "德明",
    "绍华",
    "学文",
    "守礼",
    "云飞",
    "国栋",
    "文光",
    "树林",
    "明亮",
]
GIVEN_F = [
    "秀英",
    "桂珍",
    "丽娟",
    "雪梅",
    "秋菊",
    "海英",
    "若兰",
    "玉芬",
    "凤仙",
    "美玲",
    "晓燕",
    "琼芬",
    "翠兰",
    "红梅",
    "春燕",
    "惠仙",
]
WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]


def check_digit(body: str) -> str:
    """The eighteenth sign of an identity number. Source: GB 11643."""
    return "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11]


def luhn(body: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


@dataclass(frozen=True)
class Made:
    """One generated person."""

    name: str
    is_male: bool
    birth: date
    identity: str
    phone: str
    card: str


class Maker:
    """Makes people from one seed; the same seed makes the same people, and nobody twice."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self._seen: set[str] = set()
        self._count = 0

    def person(
        self, *, youngest: int, oldest: int, on: date, name: str = "", surname: str = "", is_male: bool | None = None
    ) -> Made:
        """A person aged `youngest`..`oldest` on a day."""
        rng = self.random
        male = rng.random() < 0.5 if is_male is None else is_male
        while not name or name in self._seen:
            name = (surname or rng.choice(SURNAMES)) + rng.choice(GIVEN_M if male else GIVEN_F)
            if name in self._seen and len(self._seen) > 400:
                name += rng.choice("军芳敏华")
        self._seen.add(name)
        self._count += 1
        days = rng.randint(youngest * 365, oldest * 365 + 300)
        birth = on - timedelta(days=days)
        order = rng.randrange(0, 500) * 2 + (1 if male else 0)
        body = f"530000{birth:%Y%m%d}{order:03d}"
        phone = f"1380000{1000 + self._count:04d}"
        card_body = f"622202{9000000000 + self._count * 7919:012d}"
        return Made(name, male, birth, body + check_digit(body), phone, card_body + luhn(card_body))

    def choice(self, options: list[str]) -> str:
        return self.random.choice(options)
