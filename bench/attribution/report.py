"""The figures as the tables of bench/attribution.md."""

from pathlib import Path
from typing import Any

START, END = "<!-- results -->", "<!-- end of results -->"


def markdown(run: dict[str, Any]) -> str:
    about = run["machine"]
    lines = [
        (
            f"Measured {run['at'][:10]} on {about['cores']} cores ({about['cpu']}), {about['memory_gib']} GiB, "
            f"Python {about['python']}; median of {run['rounds']} rounds."
        ),
        "",
        (
            f"Load average before the run {run['load_before']}, after it {run['load_after']}. "
            "The ratios are of processor seconds, both programs on one thread; on a machine that is busy with other work "
            "elapsed time says little."
        ),
    ]
    for size in run["sizes"]:
        lines += ["", f"### {size['journeys']:,} journeys over {size['channels']} channels", "", *_table(run, size)]
        lines += ["", *_notes(run, size)]
    return "\n".join(lines) + "\n"


def _table(run: dict[str, Any], size: dict[str, Any]) -> list[str]:
    rows = [
        "| models | CPU s | elapsed s | memory with journeys, MiB | of it in use by the models, MiB | peer CPU s | peer MiB | ratio |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for group, ours in size["accord"].items():
        theirs = size.get("peer", {}).get(group)
        beside = "| | | |"
        if theirs:
            beside = f"| {theirs['cpu']:.2f} | {theirs['peak_mib']:.0f} | **{size['ratios'][group]['cpu']:.2f}x** |"
        in_use = ours["peak_mib"] - ours["loaded_mib"]
        rows.append(
            f"| {group} | {ours['cpu']:.2f} | {ours['wall']:.2f} | {ours['peak_mib']:.0f} | {in_use:.0f} {beside}"
        )
    return rows


def _notes(run: dict[str, Any], size: dict[str, Any]) -> list[str]:
    if "off" in size:
        off = size["off"]
        return [
            (
                f"The peer is ChannelAttribution {run['peer']}. Its Markov credits are simulated: off the solved ones by "
                f"{off['median']:.2f} % in the median, {off['largest']:.1f} % at most; {off['lost']} channels lost."
            )
        ]
    seconds = ", ".join(f"{model} {value:.0f} s" for model, value in size["plain"].items())
    return [f"No peer was at hand. The plain models, journey by journey, would take (from a part): {seconds}."]


def write(text: str, page: Path) -> None:
    whole = page.read_text()
    head, tail = whole.split(START)[0], whole.split(END)[1]
    page.write_text(f"{head}{START}\n\n{text}\n{END}{tail}")
