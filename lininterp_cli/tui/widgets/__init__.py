"""The widgets of the screens; a widget draws the lines that it is given and reads no file."""
