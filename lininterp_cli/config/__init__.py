"""What a run is: frozen dataclasses, TOML in, canonical JSON and a run id out; never torch."""
