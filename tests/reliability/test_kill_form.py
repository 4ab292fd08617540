"""A few kills and hang-ups of the real app in a real pty; `kill_form.py` is the whole campaign."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.skipif(
        sys.platform == "win32", reason="Windows has no pty; the console's close event is another road"
    ),
    pytest.mark.journey,
]


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    from reliability.kill_form import campaign_in

    with campaign_in(tmp_path_factory.mktemp("kills"), 2026) as made:
        yield made


def test_an_answer_called_saved_survives_kill_9(campaign) -> None:
    for _ in range(12):
        campaign.kill_once()
    assert campaign.failures == []
    assert campaign.promises > 12, "the screen never called anything saved: nothing was tested"


def test_closing_the_window_in_mid_word_keeps_the_words(campaign) -> None:
    for _ in range(2):
        campaign.hang_up_once()
    assert campaign.failures == []


def test_an_answer_that_is_not_there_is_noticed(campaign, tmp_path: Path) -> None:
    """The campaign can fail: one promised answer taken out of the file, one made older, one event too few."""
    import sqlcipher3.dbapi2 as engine
    from reliability.kill_form import Given, Session

    shutil.copytree(campaign.folder / "w", tmp_path / "w")
    campaign = replace(campaign, folder=tmp_path, given={}, failures=[])
    db = engine.connect(str(tmp_path / "w" / "qa-audit.db"))
    audit = db.execute("select audit_id from audit where ref = ?", (campaign.ref,)).fetchone()[0]
    db.execute("delete from answer where audit_id = ?", (audit,))
    db.execute("delete from event where action = 'answer.saved'")
    db.execute("insert into answer values (?, 'TH1', 'answer', 'no', 1, '2026-11-02', 'x')", (audit,))
    db.commit()
    db.close()
    campaign.given["TH1", "answer"] = Given(["no", "yes"], promised=1)
    campaign.given["TH2", "answer"] = Given(["no"], promised=0)
    campaign._check(Session(None, campaign.stream, campaign.given), "kill 3")
    found = " ".join(campaign.failures)
    assert "TH1.answer was replaced by an older answer" in found
    assert "TH2.answer was called saved and is not stored" in found
    assert "TH1.answer version 1, 0 events" in found
