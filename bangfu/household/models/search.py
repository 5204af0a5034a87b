"""The words under which files and workers are found, in tables that are read from the word.

Only what every list shows anyway stands here: parts of names, and numbers of files and workers. Sealed numbers are looked up
by their keyed digests (`BlindIndex`). State, unit and sort key are repeated beside each word, so that a page of hits and its
total come from one stretch of the index, in the list's order, without touching the wide rows. No foreign keys: rows are reached
from the word, never from the file; `household.words` writes them in the act's own transaction.
"""

from __future__ import annotations

from django.db import models


class FileWord(models.Model):
    """One file is found under one word."""

    pk = models.CompositePrimaryKey("organisation_id", "word", "pinyin", "file", "state", "unit")
    organisation_id = models.BigIntegerField()
    word = models.CharField(max_length=30)
    pinyin = models.CharField(max_length=200)  # the file's place in a list by name
    file = models.BigIntegerField()
    state = models.CharField(max_length=8)
    unit = models.BigIntegerField()

    objects = models.Manager()

    def __str__(self) -> str:
        return f"{self.word} {self.file}"


class StaffWord(models.Model):
    """One worker of the roster is found under one word."""

    pk = models.CompositePrimaryKey("organisation_id", "word", "pinyin", "staff", "unit")
    organisation_id = models.BigIntegerField()
    word = models.CharField(max_length=30)
    pinyin = models.CharField(max_length=200)
    staff = models.BigIntegerField()
    unit = models.BigIntegerField()

    objects = models.Manager()

    def __str__(self) -> str:
        return f"{self.word} {self.staff}"
