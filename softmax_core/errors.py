"""The named errors of this package.

Every one is an `InputError`: something was given that can't be used, and the message says
what was given and what is accepted. A page shows the message; a program may catch the name.
"""


class InputError(ValueError):
    """Something that was given can't be used; the message says what is accepted."""


class GridError(InputError):
    """Not an 8×8 grid of zeros and ones, or not the code of one."""


class DrawingError(InputError):
    """Strokes or a picture that can't be turned into a grid."""


class FeatureError(InputError):
    """Something other than the features that the model reads."""


class LabelError(InputError):
    """Labels that do not fit the samples or the classes."""


class WeightError(InputError):
    """Weights of another shape, or with values that are not finite."""


class ParameterError(InputError):
    """A number or a name (λ, learning rate, optimiser, data set, …) that is not accepted."""


class FileError(InputError):
    """A file that is not what it should be."""


class StoppedError(InputError):
    """Work was stopped before it was done, because whoever asked for it wants it no more."""


class DivergenceError(ParameterError):
    """Training left the range of numbers; the message names a learning rate to try."""


class RoomError(InputError):
    """What was asked of a workshop room can't be done; the message is for who asked."""


class UnavailableError(InputError):
    """The database of the rooms is away, busy, full or read-only; nothing was stored."""


class ClusterError(InputError):
    """A cluster that is not there, is lost, or does not run this version of the package."""
