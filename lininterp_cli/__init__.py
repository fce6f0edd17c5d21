"""lininterp: what the loss does on the straight line from initial to final weights, layer by layer.

Importing the package costs nothing: no module is loaded from here, least of all torch.
"""

__version__ = "0.1.0"
