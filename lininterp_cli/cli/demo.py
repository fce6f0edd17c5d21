"""`demo`: every step once, on data that needs no download."""

from lininterp_cli.cli import options


def demo(
    device: options.Device = "auto",
    runs: options.Runs = options.RUNS,
    quiet: options.Quiet = False,
) -> None:
    """Train a small network on the embedded digits and walk its line, in full and by block.

    For example:

        lininterp demo
    """
    from lininterp_cli.cli.interpolate import measure, walked
    from lininterp_cli.cli.output import say, show
    from lininterp_cli.cli.recipe import configuration
    from lininterp_cli.cli.train import perform_training
    from lininterp_cli.landscape.question import Question

    place = options.Place(runs, options.DATA, device)
    labels = options.Labels(None, ("demo",), ())
    config = configuration("digits", None, {}, [])
    run = perform_training(config=config, resume=None, place=place, labels=labels, force=False, quiet=quiet)
    curve = measure(run, Question(by="block"), place, quiet, force=False)
    show(walked(curve, run, None, "loss"))
    lines = [(place.command(*words.split()), why) for words, why in _NEXT]
    width = max(len(line) for line, _ in lines)
    say("\n".join(["", "next:", *(f"  {line:{width}}  {why}" for line, why in lines)]), quiet)


_NEXT = (
    ("tui", "browse it"),
    ("interpolate --layer-wise --bn all", "does BatchNorm decide the shape?"),
    ("reset-block --block layer2", "put a block back, train again"),
    ("train --opt sgd --weight-decay 0", "another run"),
    ("compare", "put them side by side"),
)
