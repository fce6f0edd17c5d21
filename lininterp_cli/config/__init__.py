"""The configuration of a run: frozen dataclasses, TOML in, canonical JSON and a run id out; never imports torch."""
