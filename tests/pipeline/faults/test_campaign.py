"""A short fault campaign; the long one is ``python tests/pipeline/faults/campaign.py``."""

from pathlib import Path

import pytest
from faults.campaign import ALL_KILLS, campaign


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_same_command_resumes_after_any_kill(tmp_path: Path) -> None:
    kills = len(ALL_KILLS)
    outcomes = campaign(kills, seed=kills, folder=tmp_path)
    for kind, out in outcomes.items():
        assert out.kills == 1, kind
        assert out.equal == out.kills, f"{kind}: {out.problems}"
        assert out.rendered_again == 0, kind
        assert out.left_files == 0, kind
        assert out.left_processes == 0, kind
