"""The controls of the Train page: what is chosen, pressed, looked back at, and taken away.

What is there only at times stands in a container that is always there: so the rest of the page
keeps its place. A widget that moved to another container would lose its tie to the link.
"""

from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitAPIException

from pages.ui import budget, gate
from pages.ui.link import named, not_there
from pages.ui.session import Session
from pages.ui.text import plain
from pages.ui.train.figures import View
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
from pages.ui.train.lessons import LESSONS, lesson_named
from pages.ui.train.settings import (
    ALL,
    BATCH_SIZES,
    DEFAULTS,
    EPOCHS,
    OFFERED,
    PACE,
    PENALTIES,
    SEEDS,
    SPEEDS,
    TITLES,
    Settings,
    checked,
    choices,
    offers,
    run_names,
    safe_parameters,
)
from softmax_core.errors import InputError
from softmax_core.optimizers import OPTIMIZERS, Parameter
from softmax_core.training import CONVERGED, DIVERGED, EPOCHS_REACHED

NAMES = {  # of settings, as a sentence has them
    "data": "data set",
    "features": "features",
    "optimizer": "optimiser",
    "batch": "batch size",
    "l2": "λ",
    "seed": "seed",
    "epochs": "last epoch",
}
KEPT: Mapping[str, Any] = {"bind": "query-params", "persist_state": "session"}  # link and session


def laboratory(state: Session) -> Lab:
    """The session's Lab, made at first use. A run stands still when its page has been left."""
    if "train" not in state.pages:
        state.pages["train"] = Lab()
    lab = state.pages["train"]
    if lab.going and "live" not in st.session_state:
        lab.pause()
    state.leaves["train"] = partial(keepsake, lab)
    if "train" in state.left:
        recall(lab, state.left.pop("train"))
    _follow_link(lab, state)
    if lab.fresh:
        st.session_state.update({**lab.settings.controls, "speed": lab.pace})
        lab.fresh = False
    return lab


def moved(lab: Lab) -> tuple:
    """What the page is laid out for. A press that is sent together with a tick of the live view
    runs that view alone: it sees by this that the rest has to follow."""
    chosen = (*lab.settings.controls, "speed", "per_sample", "log_epochs")
    rests = lab.ended, lab.going, lab.notice
    return lab.revision, *rests, *gate.held(*chosen)


def buttons(lab: Lab) -> None:
    """Start or Pause, Step, Reset, and the pace. They stand outside every fragment."""
    with st.container(horizontal=True, key="press", width="content"):
        if lab.going:
            word = "Pause" if lab.running else "Stop"
            st.button(word, on_click=lab.pause, type="primary", key="go")
        else:
            st.button(
                "Resume" if lab.run.epoch else "Start",
                on_click=lab.start,
                type="primary",
                disabled=lab.ended,
                key="go",
            )
        st.button("Step", on_click=lab.step, disabled=lab.going or lab.ended, key="step")
        st.button("Reset", on_click=lab.reset, disabled=not lab.locked, key="reset")
    st.segmented_control(
        "Epochs",
        list(SPEEDS),
        default=PACE,
        required=True,
        key="speed",
        label_visibility="collapsed",
        **KEPT,
    )
    lab.pace = gate.offered("speed", SPEEDS) or PACE


def status(lab: Lab, missing: str) -> None:
    """One sentence: what to do, what goes on, or why it has ended and what comes next.

    `missing` is what the link named in vain, until a run has begun.
    """
    rule = OPTIMIZERS[lab.settings.optimizer]
    stop = lab.run.stop if lab.ended else None
    if stop is not None and stop.reason == DIVERGED:
        st.markdown(f":material/trending_down: **Stopped.** {plain(stop.advice)}", width="content")
        if "learning_rate" in lab.run.state.parameters:
            st.button("Start again with a rate that works", on_click=lab.start_safely, key="safely")
    elif lab.notice:
        st.markdown(f":material/info: {plain(lab.notice)}")
    elif missing and not lab.run.epoch:
        st.markdown(f":material/info: {plain(missing)} Press **Start** and watch.")
    elif lab.course is not None:
        st.markdown(f":material/school: {lab.course.lesson.watch}")
    elif lab.sought is not None:
        st.markdown(f"Training again up to epoch {lab.sought:,} …")
    elif stop is not None and stop.reason == CONVERGED:
        st.markdown(f":material/flag: **Converged:** {plain(stop.advice)}. This is the top of F.")
    elif stop is not None and stop.reason == EPOCHS_REACHED:
        st.markdown(
            f":material/flag: **Epochs reached:** {plain(stop.advice)}. "
            "Raise the last epoch to go on."
        )
    elif not lab.run.here:
        st.markdown(
            ":material/folder_open: **From elsewhere.** The digits of this run are not here: look "
            "back with the slider, take its weights, or Reset."
        )
    elif lab.running:
        st.markdown(f"**{rule.title}.** {rule.use}")
    elif lab.run.epoch:
        st.markdown("At rest. Drag the slider to look back; Resume goes on from what is shown.")
    else:
        value = lab.run.figures_at(0).log_likelihood
        st.markdown(
            f"All weights are zero, every class is equally likely: L = −N ln {len(lab.classes)} = "
            f"{value:,.0f}".replace("-", "−")
            + ". Press **Start** and watch them become digits."
        )


def lessons(lab: Lab) -> None:
    """Runs that show something, one click each; the link of the one that is given."""
    with st.container(horizontal=True, vertical_alignment="center", key="lessons"):
        st.markdown("**Lessons**", width="content")
        for lesson in LESSONS:
            st.button(lesson.title, key=lesson.name, on_click=lab.teach, args=(lesson,))
    with st.container():
        if lab.course is not None:
            lesson = lab.course.lesson
            st.page_link(
                "pages/train.py",
                label="Link to this lesson",
                icon=":material/link:",
                query_params={"lesson": lesson.name},
            )


def settings(lab: Lab) -> Settings:
    """The settings as the controls have them; what a run has fixed is locked.

    Raises `ParameterError` for what the controls do not offer.
    """
    locked = {"disabled": lab.locked} | KEPT
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.subheader("Settings", width="content")
        if not lab.run.here:
            st.caption("Another run can be set up after Reset.", width="content")
            st.text(_from_elsewhere(lab))
            return lab.settings
        if lab.locked:
            st.caption("What the run began with is locked until Reset.", width="content")
    taught = {"disabled": lab.course is not None and lab.going}
    first, second, third = st.columns(3)
    with first:
        name = _choice("Optimiser", "optimizer", **locked)
        rule = OPTIMIZERS[name]
        with st.container():
            st.caption(rule.use)
    with third:
        data = _choice("Data set", "data", **locked)
        phi = _choice("Features φ", "features", **locked)
        seed = st.number_input("Seed of the shuffles", SEEDS[0], SEEDS[-1], key="seed", **locked)
    safe = safe_parameters(data, phi, name)
    with second:
        with st.container():
            parameters = [
                [p.name, float(_parameter(p, safe[p.name], taught))] for p in rule.parameters
            ]
        batch = st.select_slider(
            "Batch size",
            BATCH_SIZES,
            key="batch",
            help=None if rule.minibatch else f"{rule.title} needs all samples at once.",
            **locked | {"disabled": lab.locked or not rule.minibatch},
        )
        l2 = st.select_slider("Penalty λ", PENALTIES, key="l2", format_func="{:g}".format, **locked)
    with first:
        epochs = st.number_input(
            "Last epoch",
            EPOCHS[0],
            EPOCHS[-1],
            DEFAULTS.epochs,
            key="epochs",
            help="A run goes on until Pause or the top, but no further than this.",
            **KEPT,
            **taught,
        )
    return checked(
        {
            "data": data,
            "features": phi,
            "optimizer": name,
            "batch": batch if rule.minibatch else ALL,
            "l2": l2,
            "seed": seed,
            "epochs": epochs,
            "parameters": parameters,
        }
    )


def axes(lab: Lab) -> View:
    """How the curves are drawn; a lesson has a view of its own."""
    fixed = lab.course is not None
    with st.container(horizontal=True):
        chosen = View(
            per_sample=st.toggle("L/N, per sample", key="per_sample", disabled=fixed, **KEPT),
            logarithmic=st.toggle("Logarithmic epochs", key="log_epochs", disabled=fixed, **KEPT),
        )
    return lab.course.lesson.view if fixed else chosen


def runs(lab: Lab) -> None:
    """The earlier runs, whose curves are in the figure; a press removes one."""
    names = run_names([lab.told, *(past.told for past in lab.past)])[1:]
    with st.container():
        if lab.past:
            st.caption("Earlier runs in the figure. Press one to remove it.")
    with st.container(horizontal=True):
        for order, (past, name) in enumerate(zip(lab.past, names, strict=True)):
            st.button(
                f"{name}, {past.figures.epoch:,} epochs",
                key=f"past-{order}",
                icon=":material/close:",
                on_click=lab.remove,
                args=(past,),
                disabled=lab.going or lab.course is not None,
            )


def take_away(lab: Lab, state: Session, figures: Callable[[], list[dict]]) -> None:
    """The model on the Draw page, files to download, and a run to take up again."""

    def use() -> None:  # before the page runs, which gives the browser the models to be kept
        state.model_name = state.keep(f"trained here, epoch {lab.shown:,}", model_of(lab))

    st.subheader("Use it")
    resting = {"disabled": lab.going, "on_click": "ignore"}
    with st.container(horizontal=True):
        used = st.button("Use on the Draw page", disabled=lab.going, key="use", on_click=use)
        st.download_button(
            "Weights (NPZ)", lambda: weights_file(model_of(lab)), "weights.npz", **resting
        )
        st.download_button("History (CSV)", lambda: history_file(lab), "history.csv", **resting)
        st.download_button(
            "Figures (HTML)", lambda: figures_file(figures()), "figures.html", **resting
        )
        st.download_button("Run (NPZ)", lambda: run_file(lab), "run.npz", **resting)
    if used:
        with st.container(horizontal=True):
            st.write(f"The Draw page now reads drawings with the model of epoch {lab.shown:,}.")
            st.page_link("pages/draw.py", label="Draw a digit", icon=":material/draw:")
    file = st.file_uploader(
        "Take up a run", "npz", key="run_file", disabled=lab.going, max_upload_size=20
    )
    if file is not None and file.file_id != lab.loaded:
        lab.loaded = file.file_id
        try:
            sent = gate.upload("run_file", budget.RUN_FILE)
            lab.take_up(*read_run(sent.file))
        except InputError as error:
            st.error(plain(str(error)))
        else:
            st.rerun()


def _from_elsewhere(lab: Lab) -> str:
    """What a run was trained with whose digits are not here, in words."""
    about, settings = lab.run.objective.about, lab.settings
    rule = OPTIMIZERS[settings.optimizer]
    return (
        f"{rule.title}, {TITLES['features'][settings.features].lower()}, batch {settings.batch}, "
        f"λ = {settings.l2:g}, on {about['samples']:,} digits from packed files "
        f"({about['source']}); held out: {about['held_out']:,}."
    )


def _choice(label: str, key: str, **options) -> str:
    """One of what is offered, by its title; what else a browser may send is not taken."""
    offered: Collection[str] = OFFERED[key]
    st.selectbox(
        label,
        list(offered),
        format_func=lambda name: TITLES[key].get(name, name),
        key=key,
        on_change=_safe,
        **options,
    )
    return gate.offered(key, offered) or next(iter(offered))


def _parameter(parameter: Parameter, default: float, more: Mapping[str, bool]) -> float:
    """The control of one of the optimiser's parameters, which may be moved in a run."""
    if parameter.logarithmic:
        offered = choices(parameter)
        given = gate.number(parameter.name, parameter.low, parameter.high)
        return st.select_slider(
            parameter.title,
            sorted({*offered, default if given is None else given}),
            default,
            format_func="{:g}".format,
            key=parameter.name,
            **KEPT,
            **more,
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
        **more,
    )


def _safe() -> None:
    """Another optimiser or other data: its parameters go to what works there."""
    chosen = [gate.offered(key, OFFERED[key]) for key in ("data", "features", "optimizer")]
    if None not in chosen:
        st.session_state.update(safe_parameters(*chosen))


def _follow_link(lab: Lab, state: Session) -> None:
    """Takes the lesson that a link names, once; mends a link whose settings no control can take,
    and says so.

    Streamlit reads a link before the page does, so the page begins again with the mended one.
    """
    link = gate.link("lesson", *OFFERED)
    name, missing, mended = link.pop("lesson", ""), [], False
    if name != lab.link:
        lab.link = name
        if lesson := lesson_named(name):
            lab.teach(lesson, waiting=True)
            st.query_params.from_dict(gate.link("lesson", "view"))
            st.rerun()
        elif name:
            missing.append(named("lesson", name))
    for key, text in link.items():
        with suppress(StreamlitAPIException):  # a control that is there already minds its own
            if text in TITLES.get(key, ()):
                st.query_params[key] = TITLES[key][text]
                mended = True
            elif not offers(key, text):
                del st.query_params[key]
                missing.append(named(NAMES[key], text))
                mended = True
    if missing:
        state.notice = not_there(missing)
    if mended:
        st.rerun()
