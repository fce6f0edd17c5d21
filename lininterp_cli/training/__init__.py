"""From a configuration to a finished run: initial states, optimizers, schedules, the loop, checkpoints."""
