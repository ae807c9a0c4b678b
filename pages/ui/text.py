"""Words and numbers as the pages write them."""

import math
import re

from softmax_core.explain import Answer, Flip


def place(row: int, column: int) -> str:
    """A pixel as people count: the top row and the left column are the first."""
    return f"row {row + 1}, column {column + 1}"


MARKS = re.compile(r"[\\`*_{}\[\]#~|<>$&^]")  # what Markdown reads wherever it stands
LIST = re.compile(r"^(\d*)([-+.)])")  # and what only as a beginning
# After these Streamlit's Markdown makes links, icons, colours and arrows of what was escaped too.
JOINTS = re.compile(r"(?<=:)(?=\S)|(?<=@)|(?<=[-<])(?=[->])|(?i:(?<=www)(?=\.))")
WORD_JOINER = "\u2060"  # takes no room, and breaks no line
LONGEST = 300


def plain(text: str) -> str:
    """Text from people as Markdown that shows it as it is: no link, picture, formula or style.

    Whatever a visitor, a file or a link brings goes through here on its way to a label or a
    sentence, as it goes through `escape` on its way to HTML.
    """
    printable = "".join(c if c.isprintable() else " " for c in text[: LONGEST + 1])
    text = " ".join(printable.split())
    text = text if len(text) <= LONGEST else text[:LONGEST] + "…"
    return JOINTS.sub(WORD_JOINER, LIST.sub(r"\1\\\2", MARKS.sub(r"\\\g<0>", text)))


def percent(probability: float) -> str:
    """97.3 % with the digits that matter; never 100 % or 0 % for what is only nearly so."""
    if probability >= 0.9995:
        return "> 99.9 %" if probability < 1 else "100 %"
    if probability < 0.0005:
        return "< 0.1 %"
    return f"{100 * probability:.1f} %"


def amount(value: float) -> str:
    """A signed number with two decimals and a true minus; zero has no sign."""
    text = f"{value:+.2f}".replace("-", "−")
    return text if text.strip("+−0.") else "0.00"


def signed(count: int) -> str:
    """+3, −3 or ±0, with a true minus."""
    return f"{count:+d}".replace("-", "−") if count else "±0"


SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float, decimals: int = 3) -> str:
    """0.123 with a true minus, or 4.5·10⁻⁶ for what would be cut to zero; ∞ for infinity."""
    if not math.isfinite(value):
        return "∞" if value > 0 else "−∞"
    if value == int(value):
        text = f"{int(value)}"
    elif abs(value) >= 0.5 * 10**-decimals:
        text = f"{value:.{decimals}f}"
    else:
        mantissa, exponent = f"{value:.1e}".split("e")
        text = f"{mantissa}·10{str(int(exponent)).translate(SUPERSCRIPTS)}"
    return text.replace("-", "−")


def short(value: float) -> str:
    """0.002, 10⁻⁵ or 5·10⁻⁵: what was chosen, in as few signs as it takes."""
    mantissa, _, exponent = f"{value:g}".partition("e")
    if exponent:
        power = f"10{str(int(exponent)).translate(SUPERSCRIPTS)}"
        mantissa = power if mantissa == "1" else f"{mantissa}·{power}"
    return mantissa.replace("-", "−")


def fixed(value: float, decimals: int = 2) -> str:
    """So many decimals and a true minus, for narrow cells; zero has no sign."""
    text = f"{value:.{decimals}f}".replace("-", "−")
    return text if text.strip("−0.") else text.lstrip("−")


def remark(answer: Answer, of_picture: bool = False) -> str:
    """One sentence about the input, a drawing or a picture, to be read beside the class."""
    second, p = answer.classes[answer.second], answer.probabilities[answer.second]
    best, runner_up = answer.classes[answer.best], f"{second} with {percent(p)}"
    unlike = f"it is little like any {best} that this model has learned from"
    digit = "digit" if answer.is_of_digits else "drawing"
    begin = "Draw a digit" if answer.is_of_digits else "Draw one of the classes"
    said = {
        "blank": f"{begin}, large or small, anywhere on the canvas.",
        "faint": f"Too little ink for a {digit}. Draw a longer line.",
        "scribble": f"Too much ink for a {digit}: this looks like a scribble. Undo, or clear it.",
        "two": "Two digits beside each other. Draw one alone, or undo the other.",
        "not a digit": (
            f"No {digit} that this model knows: even those that come closest are far off."
        ),
        "ambiguous": f"Not sure: {f'there is also {runner_up}' if answer.has_rival else unlike}.",
        "clear": f"Next comes {runner_up}." if p >= 0.01 else "Nothing else comes close.",
    }
    if of_picture:
        said |= {
            "blank": f"No {digit} is found in it. Undo, or take another picture.",
            "faint": f"Too little ink for a {digit}. Drag over one, or take another picture.",
            "scribble": f"Too much ink for a {digit}. Drag over one {digit} to read it alone.",
            "two": "Two digits beside each other. Drag over one of them to read it alone.",
        }
    return said[answer.verdict]


def flip_sentence(flips: tuple[Flip, ...], classes: tuple[str, ...], label: str) -> str:
    """The answer to: which single pixel changes the answer?"""
    if not flips:
        return f"No single pixel does: whichever is switched, the answer stays {label}."
    first = flips[0]
    count = "One pixel does" if len(flips) == 1 else f"{len(flips)} pixels do, each by itself"
    return (
        f"{count}. Switch {'on' if first.turns_on else 'off'} the pixel in "
        f"{place(first.row, first.column)} (the dot), and the answer is "
        f"{classes[first.class_index]} with {percent(first.probability)}."
    )
