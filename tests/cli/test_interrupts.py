"""A Ctrl-C where Python cannot pass it on."""

import signal
import subprocess
import sys

from lininterp_cli.cli.interrupts import interrupts_kept

# The callback of the weak reference interrupts itself, as Ctrl-C does where it arrives in one.
SWALLOWED = """
import os, signal, sys, time, weakref
from contextlib import nullcontext
from lininterp_cli.cli.interrupts import interrupts_kept

class Thing: pass

with {context}:
    for _ in range({times}):
        thing = Thing()
        reference = weakref.ref(thing, lambda _: (os.kill(os.getpid(), signal.SIGINT), time.sleep(0.01)))
        del thing
    print("goes on", flush=True)
    time.sleep({seconds})
print("ended")
"""


def run(**values):
    program = SWALLOWED.format(**values)
    # A test runner may be deaf to Ctrl-C, as in the background of a script.
    heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    return subprocess.run([sys.executable, "-c", heard + program], capture_output=True, text=True, timeout=300)


def test_python_swallows_it_and_here_it_is_raised_again():
    alone = run(context="nullcontext()", times=1, seconds=0.3)
    assert (alone.returncode, alone.stdout.split("\n")[-2]) == (0, "ended")
    assert "Exception ignored" in alone.stderr
    kept = run(context="interrupts_kept()", times=1, seconds=60)
    assert (kept.returncode, kept.stdout) == (-signal.SIGINT, "goes on\n")
    assert "Exception ignored" not in kept.stderr


def test_several_of_them_are_as_good_as_one():
    assert run(context="interrupts_kept()", times=3, seconds=60).returncode == -signal.SIGINT


def test_other_exceptions_go_where_they_went(monkeypatch):
    seen = []
    monkeypatch.setattr(sys, "unraisablehook", seen.append)
    hook = sys.unraisablehook

    class Loud:
        def __del__(self):
            raise ValueError

    with interrupts_kept():
        Loud()
    assert [one.exc_type for one in seen] == [ValueError]
    assert sys.unraisablehook is hook
