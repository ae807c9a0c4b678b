"""Rules that take weights uphill, and the table that names them.

A rule is two pure functions. `init(objective, weights)` makes its memory, a dictionary of
arrays; `update(objective, weights, memory, parameters)` gives the next weights and the next
memory and changes neither argument. A rule knows no model, no data and no loop: of the
objective F it asks F and its gradient, and some ask for the Hessian or for ΦᵀΦ. F is concave,
and all of them climb to its maximum.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from softmax_core.errors import FileError, ParameterError
from softmax_core.inputs import LARGEST_WEIGHT, as_choice, as_number, as_reals, shortened

SETTLED = 15  # steps of L-BFGS after which the mean curvature is taken once more
STEPS = 10  # that L-BFGS remembers
UPDATE = 10**6  # multiplications that take as long as what surrounds an update

Array = NDArray[np.floating]
Memory = dict[str, NDArray]
Parameters = Mapping[str, float]
Next = tuple[Array, Memory]  # the weights and the memory that follow


class Objective(Protocol):
    """What a rule may ask of F; `softmax_core.objective.Objective` is one."""

    @property
    def l2(self) -> float: ...
    @property
    def gram(self) -> Array: ...
    @property
    def safe_rate(self) -> float: ...
    def __len__(self) -> int: ...
    def value_and_gradient(self, weights: Array) -> tuple[float, Array]: ...
    def hessian(self, weights: Array) -> Array: ...
    def mean_curvature(self, weights: Array) -> Array: ...


@dataclass(frozen=True)
class Parameter:
    """A number that the user chooses, between `low` and `high`, both included.

    `default` gives it for an objective, because a good learning rate depends on the data.
    `logarithmic` says that a slider for it should be.
    """

    name: str
    title: str
    low: float
    high: float
    default: Callable[[Objective], float]
    logarithmic: bool = False


@dataclass(frozen=True)
class Optimizer:
    """A rule: its names, when to use it, its parameters, and whether mini-batches suit it.

    `remembers` names the arrays of its memory and their axes: K classes, D features, m steps.
    `multiplications` of an update are about `passes` (through N samples) times 2NKD, for a rule
    that asks for the Hessian N(KD)² more.
    """

    name: str
    title: str
    use: str
    parameters: tuple[Parameter, ...]
    minibatch: bool
    init: Callable[[Objective, Array], Memory]
    update: Callable[[Objective, Array, Memory, Parameters], Next]
    remembers: Mapping[str, str] = field(default_factory=dict)
    passes: int = 1
    curvature: bool = False

    def multiplications(self, samples: int, classes: int, dimension: int, updates: int = 1) -> int:
        """The work of an epoch of so many updates, in multiplications, about."""
        weights = classes * dimension
        return (
            updates * UPDATE
            + self.passes * 2 * samples * weights
            + (samples + weights) * weights**2 * self.curvature
        )

    def complete(
        self, objective: Objective, parameters: Parameters | None = None
    ) -> dict[str, float]:
        """The given parameters, and the defaults for the others.

        Raises `ParameterError` for an unknown name or a value out of range.
        """
        if not isinstance(parameters, Mapping | None):
            raise ParameterError(f"parameters are values by name, got {shortened(parameters)}")
        given = dict(parameters or {})
        known = [p.name for p in self.parameters]
        if unknown := [name for name in given if name not in known]:
            raise ParameterError(
                f"{self.name} has the parameters {', '.join(known) or 'none'}; "
                f"got {shortened(unknown[0])}"
            )
        complete = {}
        for p in self.parameters:
            value = given.get(p.name)
            if value is None:
                complete[p.name] = float(p.default(objective))
            else:
                complete[p.name] = as_number(value, p.title, p.low, p.high)
        return complete

    def check_parameters(self, parameters: object) -> None:
        """Raises `ParameterError` for other parameters than this rule's, each in its range."""
        names = {p.name for p in self.parameters}
        if not isinstance(parameters, Mapping) or set(parameters) != names:
            raise ParameterError(f"the parameters of {self.name} are {', '.join(names) or 'none'}")
        for p in self.parameters:
            as_number(parameters[p.name], p.title, p.low, p.high)

    def check_memory(self, memory: Mapping[str, object], classes: int, dimension: int) -> None:
        """Raises `FileError` where a memory that comes from a file is none of this rule."""
        if set(memory) != set(self.remembers):
            raise FileError(f"the memory of {self.name} has other parts than it should")
        sides: dict[str, int] = {"K": classes, "D": dimension}
        for name, axes in self.remembers.items():
            array = as_reals(memory[name], f"the memory of {self.name}", FileError)
            for axis, side in zip(axes, array.shape, strict=False):
                sides.setdefault(axis, side)
            shape = tuple(sides.get(axis, -1) for axis in axes)
            if array.shape != shape or sides.get("m", 0) > STEPS or not np.isfinite(array).all():
                raise FileError(f"{name} in the memory of {self.name} does not fit its weights")
            if not axes and not (0 <= float(array) <= 1e15 and float(array).is_integer()):
                raise FileError(f"{name} in the memory of {self.name} counts updates")


def ascend(objective: Objective, weights: Array, memory: Memory, parameters: Parameters) -> Next:
    """$W ← W + η ∂F/∂W$, with the rate η."""
    _, gradient = objective.value_and_gradient(weights)
    return weights + parameters["learning_rate"] * gradient, memory


def momentum(objective: Objective, weights: Array, memory: Memory, parameters: Parameters) -> Next:
    """$V ← β V + η ∂F/∂W$; $W ← W + V$.

    Source: B. T. Polyak, USSR Comp. Math. and Math. Phys. 4(5), 1964.
    """
    _, gradient = objective.value_and_gradient(weights)
    velocity = parameters["momentum"] * memory["velocity"] + parameters["learning_rate"] * gradient
    return weights + velocity, {"velocity": velocity}


def nesterov(objective: Objective, weights: Array, memory: Memory, parameters: Parameters) -> Next:
    """$X' = W + η ∂F/∂W$; $W ← X' + β_t (X' − X)$, $β_t = min(β, t / (t + 3))$, t = 0, 1, …

    The weights are the point looked ahead to, where the gradient is taken.
    Source: Y. Nesterov, Soviet Math. Dokl. 27(2), 1983.
    """
    _, gradient = objective.value_and_gradient(weights)
    reached = weights + parameters["learning_rate"] * gradient
    beta = min(parameters["momentum"], memory["t"] / (memory["t"] + 3))
    ahead = reached + beta * (reached - memory["reached"])
    return ahead.astype(weights.dtype), {"reached": reached, "t": memory["t"] + 1}


def adam(objective: Objective, weights: Array, memory: Memory, parameters: Parameters) -> Next:
    """$M ← β_1 M + (1 − β_1) G$; $V ← β_2 V + (1 − β_2) G²$; $W ← W + η M̂ / (√V̂ + ε)$.

    $G = ∂F/∂W / N$, and $M̂ = M / (1 − β_1ᵗ)$, $V̂ = V / (1 − β_2ᵗ)$ undo the start at zero;
    $β_1 = 0.9$, $β_2 = 0.999$, ε = 1e-8. Source: D. P. Kingma and J. Ba, arXiv:1412.6980, 2014.
    """
    _, gradient = objective.value_and_gradient(weights)
    gradient = gradient / len(objective)
    t = memory["t"] + 1
    m = 0.9 * memory["m"] + 0.1 * gradient
    v = 0.999 * memory["v"] + 0.001 * gradient**2
    mean, spread = m / (1 - 0.9**t), np.sqrt(v / (1 - 0.999**t))
    ascended = weights + parameters["learning_rate"] * mean / (spread + 1e-8)
    return ascended.astype(weights.dtype), {"m": m, "v": v, "t": t}


def bound(objective: Objective, weights: Array, memory: Memory, parameters: Parameters) -> Next:
    """$W ← W + ∂F/∂W (½ΦᵀΦ + λ)⁻¹$: the top of a parabola that lies below F everywhere.

    No learning rate, and F never falls. Böhning's curvature $½(I − 11ᵀ/K) ⊗ ΦᵀΦ$ is the
    same as $½I ⊗ ΦᵀΦ$ on gradients, whose sum over the classes is zero.
    Source: D. Böhning, Ann. Inst. Statist. Math. 44(1), 1992.
    """
    _, gradient = objective.value_and_gradient(weights)
    ahead = weights + gradient @ memory["inverse"]
    return ahead.astype(weights.dtype), memory


def lbfgs(objective: Objective, weights: Array, memory: Memory, parameters: Parameters) -> Next:
    """$W ← W + s H ∂F/∂W$, with H from the last 10 steps by the two-loop recursion.

    H starts from the inverse of the mean curvature, which knows how the pixels hang together; it
    is taken at the start, where it is exact for zero weights, and once more when the weights
    have found their place. The step s is halved until F rises enough.
    Source: D. C. Liu and J. Nocedal, Math. Programming 45, 1989.
    """
    value, gradient = objective.value_and_gradient(weights)
    steps, changes, inverse = memory["steps"], memory["changes"], memory["inverse"]
    if memory["age"] == SETTLED:
        inverse = _inverse(objective.mean_curvature(weights))
    direction, applied = gradient.astype(np.float64), []
    for s, y in zip(steps, changes, strict=True):
        alpha = np.vdot(s, direction) / np.vdot(s, y)
        direction = direction - alpha * y
        applied.append(alpha)
    direction = direction @ inverse
    if len(steps):
        s, y = steps[0], changes[0]
        direction *= np.vdot(s, y) / np.vdot(y, y @ inverse)
    for s, y, alpha in reversed(list(zip(steps, changes, applied, strict=True))):
        direction += (alpha - np.vdot(y, direction) / np.vdot(s, y)) * s
    ahead = climb(objective, weights, value, gradient, direction)
    _, there = objective.value_and_gradient(ahead)
    step, change = (ahead - weights).astype(np.float64), (gradient - there).astype(np.float64)
    if np.vdot(step, change) > 0:
        steps = np.concatenate([step[None], steps[: STEPS - 1]])
        changes = np.concatenate([change[None], changes[: STEPS - 1]])
    age = memory["age"] + 1
    return ahead, {"steps": steps, "changes": changes, "inverse": inverse, "age": age}


def newton(objective: Objective, weights: Array, memory: Memory, parameters: Parameters) -> Next:
    """$W ← W + s (−∂²F/∂W²)⁻¹ ∂F/∂W$, the step s halved until F rises enough.

    A vector added to every class's weights changes no probability: along it, and along
    features that never occur, the Hessian is zero, and a small multiple of I takes its place.
    Source: J. Nocedal and S. Wright, Numerical Optimization, 2006, section 3.4.
    """
    value, gradient = objective.value_and_gradient(weights)
    curvature = -objective.hessian(weights).astype(np.float64)
    diagonal = np.diag_indices_from(curvature)
    curvature[diagonal] += 1e-10 * curvature[diagonal].max() + np.finfo(float).tiny
    direction = np.linalg.solve(curvature, gradient.ravel()).reshape(gradient.shape)
    return climb(objective, weights, value, gradient, direction), memory


def climb(
    objective: Objective, weights: Array, value: float, gradient: Array, direction: Array
) -> Array:
    """$W + s D$, s the first of 1, ½, ¼, … with $F(W + s D) ≥ F(W) + 10^{-4} s ⟨∂F/∂W, D⟩$.

    F is compared to within the rounding error of its N logarithms, so that the last steps, which
    no sum of floats can tell apart, are taken whole. W itself where no step rises.
    Source: L. Armijo, Pacific J. Math. 16(1), 1966.
    """
    slope = float(np.vdot(gradient, direction))
    floor = value - 8 * np.finfo(weights.dtype).eps * (abs(value) + len(objective))
    for halvings in range(40):
        s = 0.5**halvings
        ahead = (weights + s * direction).astype(weights.dtype)
        if (
            np.abs(ahead).max() <= LARGEST_WEIGHT
            and objective.value_and_gradient(ahead)[0] >= floor + 1e-4 * s * slope
        ):
            return ahead
    return weights


def _inverse(curvature: Array) -> Array:
    return np.linalg.pinv(curvature.astype(np.float64), rcond=1e-12, hermitian=True)


def _bound_memory(objective: Objective, weights: Array) -> Memory:
    curvature = objective.gram / 2
    penalised = np.arange(1, len(curvature))
    curvature[penalised, penalised] += objective.l2
    return {"inverse": _inverse(curvature)}


def _lbfgs_memory(objective: Objective, weights: Array) -> Memory:
    none = np.empty((0, *weights.shape))
    inverse = _inverse(objective.mean_curvature(weights))
    return {"steps": none, "changes": none, "inverse": inverse, "age": np.zeros((), int)}


def _rate(default: Callable[[Objective], float]) -> Parameter:
    return Parameter("learning_rate", "Learning rate η", 1e-9, 1e3, default, logarithmic=True)


def _momentum(default: float) -> Parameter:
    return Parameter("momentum", "Momentum β", 0.0, 0.999, lambda objective: default)


def _safe(objective: Objective) -> float:
    return objective.safe_rate


OPTIMIZERS = {
    optimizer.name: optimizer
    for optimizer in (
        Optimizer(
            "gradient-ascent",
            "Gradient ascent",
            "To see the gradient at work: with the default rate L rises in every epoch.",
            (_rate(_safe),),
            True,
            lambda objective, weights: {},
            ascend,
        ),
        Optimizer(
            "momentum",
            "Momentum",
            "When gradient ascent zigzags: steps in the same direction add up.",
            (_rate(_safe), _momentum(0.9)),
            True,
            lambda objective, weights: {"velocity": np.zeros_like(weights)},
            momentum,
            {"velocity": "KD"},
        ),
        Optimizer(
            "nesterov",
            "Nesterov",
            "The fastest rule that needs only full-batch gradients and no memory of curvature.",
            (_rate(_safe), _momentum(0.99)),
            True,
            lambda objective, weights: {"reached": weights, "t": np.zeros(())},
            nesterov,
            {"reached": "KD", "t": ""},
        ),
        Optimizer(
            "adam",
            "Adam",
            "For mini-batches: every weight has its own step, whatever the scale of the data.",
            (_rate(lambda objective: 0.01),),
            True,
            lambda objective, weights: {
                "m": np.zeros_like(weights),
                "v": np.zeros_like(weights),
                "t": np.zeros(()),
            },
            adam,
            {"m": "KD", "v": "KD", "t": ""},
        ),
        Optimizer(
            "bound",
            "Bound",
            "When nothing may go wrong: no learning rate, and L never falls.",
            (),
            False,
            _bound_memory,
            bound,
            {"inverse": "DD"},
        ),
        Optimizer(
            "lbfgs",
            "L-BFGS",
            "For the optimum in the shortest time.",
            (),
            False,
            _lbfgs_memory,
            lbfgs,
            {"steps": "mKD", "changes": "mKD", "inverse": "DD", "age": ""},
            passes=2,
        ),
        Optimizer(
            "newton",
            "Newton",
            "For the optimum in the fewest steps, each of them costly.",
            (),
            False,
            lambda objective, weights: {},
            newton,
            curvature=True,
        ),
    )
}


def optimizer(name: str) -> Optimizer:
    """The rule of that name. Raises `ParameterError` for another name."""
    return as_choice(name, OPTIMIZERS, "optimiser")
