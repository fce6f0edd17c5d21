"""The first thing a job's command does; whole jobs are with `jobs`."""

import os
import signal

import pytest

from lininterp_cli.runs.job_start import heed_stop


@pytest.fixture
def _deaf():
    """As the keeper starts a command."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_deaf")
def test_a_command_that_is_no_job_is_left_as_it_is(monkeypatch):
    monkeypatch.delenv("LININTERP_JOB", raising=False)
    heed_stop()
    assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN


@pytest.mark.usefixtures("_deaf")
@pytest.mark.parametrize("is_stopped", [False, True])
def test_a_job_hears_and_finds_what_was_asked_before(monkeypatch, tmp_path, is_stopped):
    monkeypatch.setenv("LININTERP_JOB", str(tmp_path))
    if is_stopped:
        (tmp_path / "stop").touch()
        with pytest.raises(KeyboardInterrupt):
            heed_stop()
    else:
        heed_stop()
    assert signal.getsignal(signal.SIGINT) == signal.default_int_handler
    assert "LININTERP_JOB" not in os.environ  # what it starts is not the job
