"""English plural forms: the compiled file is the source's, and the forms are English."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.support.packaging_parts import part


def test_the_compiled_file_is_up_to_date(tmp_path: Path) -> None:
    tool = part("translations")
    fresh = tmp_path / "fresh.qm"
    tool.compile_(tool.SOURCE, fresh)
    assert fresh.read_bytes() == tool.COMPILED.read_bytes(), "run packaging/translations.py"


def test_every_text_with_a_number_has_its_two_forms() -> None:
    tool = part("translations")
    missing = set(tool.texts()) - tool.sources(tool.SOURCE)
    assert missing == set(), "run packaging/translations.py"
    for message in ET.parse(tool.SOURCE).iter("message"):
        one, many = (form.text for form in message.iter("numerusform"))
        assert many == message.findtext("source")
        assert one is not None and "%n" in one


def test_the_singular() -> None:
    singular = part("translations").singular
    assert singular("%n reviews done") == "%n review done"
    assert singular("Star taken from %n reviews") == "Star taken from %n review"
    assert singular("%n new reviews") == "%n new review"
    assert singular("about %n min") == "about %n min"
    assert singular("%n accounts load") == "%n account loads"
    with pytest.raises(part("translations").UnknownNoun):
        singular("%n octopuses")
