"""The controls of the Train page: what is chosen, pressed, looked back at, and taken away.

What is there only at times stands in a container that is always there: so the rest of the page
keeps its place. A widget that moved to another container would lose its tie to the link.
"""

from collections.abc import Callable
from functools import partial

import streamlit as st

from pages.ui import gate
from pages.ui.session import Session
from pages.ui.train.files import (
    figures_file,
    history_file,
    keepsake,
    model_of,
    read_run,
    recall,
    run_file,
    weights_file,
)
from pages.ui.train.lab import Lab
from pages.ui.train.lessons import LESSONS
from pages.ui.train.settings import (
    ALL,
    AS_FAST_AS_IT_GOES,
    BATCH_SIZES,
    DEFAULTS,
    EPOCHS,
    PENALTIES,
    SEEDS,
    SPEEDS,
    Settings,
    choices,
    run_names,
    safe_parameters,
)
from softmax_core import DATASETS
from softmax_core.errors import InputError
from softmax_core.features import FEATURE_MAPS
from softmax_core.optimizers import OPTIMIZERS, Parameter
from softmax_core.training import DIVERGED, EPOCHS_REACHED

KEPT = {"bind": "query-params", "persist_state": "session"}  # in the link, and in the session


def laboratory(state: Session) -> Lab:
    """The session's Lab, made at first use. A run stands still when its page has been left."""
    if "train" not in state.pages:
        state.pages["train"] = Lab()
    lab = state.pages["train"]
    if lab.running and "live" not in st.session_state:
        lab.pause()
    state.leaves["train"] = partial(keepsake, lab)
    if "train" in state.left:
        recall(lab, state.left.pop("train"))
    return lab


def moved(lab: Lab) -> tuple:
    """What the page is laid out for. A press that is sent together with a tick of the live view
    runs that view alone: it sees by this that the rest has to follow."""
    chosen = (*lab.settings.controls, "speed", "per_sample", "log_epochs")
    return lab.revision, *gate.held(*chosen)


def lessons(lab: Lab) -> None:
    """Five settings that show something, one click each."""
    with st.container(horizontal=True):
        for lesson in LESSONS:
            st.button(lesson.title, key=lesson.title, on_click=lab.teach, args=(lesson,))
    with st.container():
        if lab.course is not None:
            st.info(lab.course.lesson.watch, icon=":material/visibility:")


def settings(lab: Lab) -> Settings:
    """The settings as the controls have them; what a run has fixed is locked."""
    if lab.fresh:
        st.session_state.update(lab.settings.controls)
        lab.fresh = False
    locked = {"disabled": lab.locked} | KEPT
    st.subheader("Settings")
    with st.container():
        if lab.locked:
            st.caption("A run is open: what it began with is locked until Reset.")
    data = st.selectbox("Data set", DATASETS, key="data", on_change=_safe, **locked)
    phi = st.selectbox("Features φ", FEATURE_MAPS, key="features", on_change=_safe, **locked)
    name = st.selectbox("Optimiser", OPTIMIZERS, key="optimizer", on_change=_safe, **locked)
    rule = OPTIMIZERS[name]
    st.caption(rule.use)
    safe = safe_parameters(data, phi, name)
    with st.container():
        parameters = tuple((p.name, _parameter(p, safe[p.name])) for p in rule.parameters)
    batch = st.select_slider(
        "Batch size",
        BATCH_SIZES,
        key="batch",
        help=None if rule.minibatch else f"{rule.title} needs all samples at once.",
        **locked | {"disabled": lab.locked or not rule.minibatch},
    )
    l2 = st.select_slider("Penalty λ", PENALTIES, key="l2", format_func="{:g}".format, **locked)
    seed = st.number_input("Seed of the shuffles", SEEDS[0], SEEDS[-1], key="seed", **locked)
    epochs = st.number_input(
        "Last epoch", EPOCHS[0], EPOCHS[-1], DEFAULTS.epochs, key="epochs", **KEPT
    )
    batch = batch if rule.minibatch else ALL
    return Settings(data, phi, name, batch, l2, seed, epochs, parameters)


def buttons(lab: Lab) -> None:
    """Start or Pause, Step, Reset, and the speed. They stand outside every fragment."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if lab.running:
            st.button("Pause", on_click=lab.pause, type="primary", key="go")
        else:
            st.button(
                "Resume" if lab.shown else "Start",
                on_click=lab.start,
                type="primary",
                disabled=lab.ended,
                key="go",
            )
        st.button("Step", on_click=lab.step, disabled=lab.running or lab.ended, key="step")
        st.button("Reset", on_click=lab.reset, disabled=not lab.locked, key="reset")
        speed = st.select_slider(
            "Speed", SPEEDS, AS_FAST_AS_IT_GOES, key="speed", width=320, **KEPT
        )
    lab.speed = SPEEDS[speed]


def verdict(lab: Lab) -> None:
    """Why the run has ended, and what to do."""
    stop = lab.run.stop if lab.ended else None
    with st.container():
        if stop is None:
            return
        if stop.reason != DIVERGED:
            more = " Raise the last epoch to go on." if stop.reason == EPOCHS_REACHED else ""
            st.success(f"{stop.reason.capitalize()}: {stop.advice}.{more}", icon=":material/flag:")
            return
        st.error(f"Stopped. {stop.advice}", icon=":material/trending_down:")
        if "learning_rate" in lab.run.state.parameters:
            st.button("Start again with a rate that works", on_click=lab.start_safely, key="safely")


def axes() -> dict[str, bool]:
    """How the curves are drawn."""
    with st.container(horizontal=True):
        return {
            "per_sample": st.toggle("L/N, per sample", key="per_sample", **KEPT),
            "logarithmic": st.toggle("Logarithmic epochs", key="log_epochs", **KEPT),
        }


def rewind(lab: Lab) -> None:
    """A slider over all epochs."""
    last = lab.run.epochs if lab.running else max(1, lab.run.epoch)
    if gate.number("rewind", 0, lab.run.epoch) != lab.shown:
        st.session_state["rewind"] = min(lab.shown, last)

    def look() -> None:
        epoch = gate.number("rewind", 0, lab.run.epoch)
        if epoch is not None:
            lab.look(int(epoch))

    st.slider(
        "Look at epoch",
        0,
        last,
        key="rewind",
        disabled=lab.running or not lab.run.epoch,
        on_change=look,
        help="Its weights and its figures come back. Resume goes on from it.",
    )
    with st.container():
        if lab.run.stride > 1:
            st.caption(
                "The figures of every epoch are kept, and the weights of every "
                f"{lab.run.stride}th; those in between are trained again, the same to the last bit."
            )


def runs(lab: Lab) -> None:
    """The earlier runs, whose curves are in the figure; a press removes one."""
    names = run_names([lab.told, *(past.told for past in lab.past)])[1:]
    with st.container():
        if lab.past:
            st.caption("Earlier runs in the figure. Press one to remove it.")
    with st.container(horizontal=True):
        for order, (past, name) in enumerate(zip(lab.past, names, strict=True)):
            st.button(
                f"{name}, {past.epoch:,} epochs",
                key=f"past-{order}",
                icon=":material/close:",
                on_click=lab.remove,
                args=(past,),
                disabled=lab.running,
            )


def take_away(lab: Lab, state: Session, figures: Callable[[], list[dict]]) -> None:
    """The model on the Draw page, files to download, and a run to take up again."""
    st.subheader("Use it")
    resting = {"disabled": lab.running, "on_click": "ignore"}
    with st.container(horizontal=True):
        used = st.button("Use on the Draw page", disabled=lab.running, key="use")
        st.download_button(
            "Weights (NPZ)", lambda: weights_file(model_of(lab)), "weights.npz", **resting
        )
        st.download_button("History (CSV)", lambda: history_file(lab), "history.csv", **resting)
        st.download_button(
            "Figures (HTML)", lambda: figures_file(figures()), "figures.html", **resting
        )
        st.download_button("Run (NPZ)", lambda: run_file(lab), "run.npz", **resting)
    if used:
        state.model_name = state.keep(f"trained here, epoch {lab.shown:,}", model_of(lab))
        with st.container(horizontal=True):
            st.write(f"The Draw page now reads drawings with the model of epoch {lab.shown:,}.")
            st.page_link("pages/draw.py", label="Draw a digit", icon=":material/draw:")
    file = st.file_uploader(
        "Take up a run", "npz", key="run_file", disabled=lab.running, max_upload_size=20
    )
    if file is not None and file.file_id != lab.loaded:
        lab.loaded = file.file_id
        try:
            lab.take_up(*read_run(file))
        except InputError as error:
            st.error(str(error))
        else:
            st.rerun()


def _parameter(parameter: Parameter, default: float) -> float:
    """The control of one of the optimiser's parameters, which may be moved in a run."""
    if parameter.logarithmic:
        chosen = gate.number(parameter.name, parameter.low, parameter.high)
        return st.select_slider(
            parameter.title,
            sorted({*choices(parameter), default if chosen is None else chosen}),
            default,
            format_func="{:g}".format,
            key=parameter.name,
            **KEPT,
        )
    return st.slider(
        parameter.title,
        parameter.low,
        parameter.high,
        default,
        step=0.001,
        format="%.3f",
        key=parameter.name,
        **KEPT,
    )


def _safe() -> None:
    """Another optimiser or other data: its parameters go to what works there."""
    offers = {"data": DATASETS, "features": FEATURE_MAPS, "optimizer": OPTIMIZERS}
    chosen = [gate.offered(key, options) for key, options in offers.items()]
    if None not in chosen:
        st.session_state.update(safe_parameters(*chosen))
