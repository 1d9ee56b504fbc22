"""The findings as tables, and README.md with them in it."""

from pathlib import Path
from statistics import median
from typing import Any

START, END = "<!-- results -->", "<!-- end of results -->"
PLACERS = {
    "plain": "plain Oscar",
    "worker": "Accord, with a worker (production)",
    "embedded": "Accord, embedded (the buyer waits for the attribution too)",
}
QUERIES = {"plain": "oscar locmem", "worker": "accord locmem", "embedded": "accord embedded"}

Rows = list[dict[str, float]]


def middle(rows: Rows, name: str) -> float:
    return median(row[name] for row in rows)


def ratio(ours: Rows, theirs: Rows) -> float:
    """Return the middle of the rounds' ratios: each round measured both shops one after the other."""
    return median(mine["per_second"] / other["per_second"] for mine, other in zip(ours, theirs, strict=True))


def figures(rows: Rows, queries: int | str) -> str:
    rate, p50, p95 = (middle(rows, name) for name in ("per_second", "p50_ms", "p95_ms"))
    return f"{rate:.0f} | {p50:.1f} | {p95:.1f} | {queries}"


def markdown(run: dict[str, Any]) -> str:
    about = run["machine"]
    parts = [
        (
            f"Measured {run['at'][:10]} on {about['cores']} cores ({about['cpu']}), {about['memory_gib']} GiB, "
            f"Python {about['python']}, PostgreSQL {about['postgresql']}; "
            f"{run['rounds']} rounds of {run['seconds']} s per cell."
        ),
        f"Load average before the run {run['load_before']}, after it {run['load_after']}."
        + (
            ""
            if run["calm"]
            else " **The machine was busy with other work: read the ratios, not the absolute figures.**"
        ),
    ]
    for size in run["sizes"]:
        parts += [f"### {size['products']:,} products", *page_tables(size), order_table(size), checks(size)]
    return "\n\n".join(parts) + "\n"


def page_tables(size: dict[str, Any]) -> list[str]:
    bare = size["pages"]["bare view | bare"]
    limit = middle(bare, "per_second")
    tables = [
        (
            f"A bare Django view with one query, behind the same server: **{limit:.0f} requests/s**, "
            f"p50 {middle(bare, 'p50_ms'):.1f} ms, p95 {middle(bare, 'p95_ms'):.1f} ms."
        )
    ]
    for cache, title in (("locmem", "Warm caches"), ("none", "No caches")):
        tables.append(page_table(size, cache=cache, title=title))
    shared = [
        f"{page} {middle(rows, 'per_second'):.0f}"
        for name, rows in size["pages"].items()
        for page, _, variant in [name.partition(" | ")]
        if variant == "accord redis"
    ]
    tables.append(f"Accord with its cache in Redis, as in production, requests/s: {', '.join(shared)}.")
    return tables


def page_table(size: dict[str, Any], *, cache: str, title: str) -> str:
    lines = [
        f"**{title}**",
        "",
        "| page | Oscar req/s | p50 ms | p95 ms | queries | Accord req/s | p50 ms | p95 ms | queries | ratio |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for page in size["queries"][f"oscar {cache}"]:
        if page == "place order":
            continue
        theirs, ours = (size["pages"][f"{page} | {shop} {cache}"] for shop in ("oscar", "accord"))
        cells = [
            figures(rows, size["queries"][f"{shop} {cache}"][page])
            for shop, rows in (("oscar", theirs), ("accord", ours))
        ]
        lines.append(f"| {page} | {cells[0]} | {cells[1]} | **{ratio(ours, theirs):.1f}x** |")
    return "\n".join(lines)


def order_table(size: dict[str, Any]) -> str:
    lines = [
        "**Placing an order** (five lines; the last click alone)",
        "",
        "| buyers | shop | orders/s | p50 ms | p95 ms | queries | ratio |",
        "|---:|---|---:|---:|---:|---:|---:|",
    ]
    for name, rows in size["orders"].items():
        buyers, _, placer = name.partition(" | ")
        queries = size["queries"][QUERIES[placer]]["place order"]
        against = ratio(rows, size["orders"][f"{buyers} | plain"])
        rate, p50, p95 = (middle(rows, column) for column in ("per_second", "p50_ms", "p95_ms"))
        shown = f"{rate:.1f} | {p50:.1f} | {p95:.1f} | {queries}"
        lines.append(
            f"| {buyers} | {PLACERS[placer]} | {shown} | {'' if placer == 'plain' else f'**{against:.2f}x**'} |"
        )
    return "\n".join([*lines, "", behind(size)])


def behind(size: dict[str, Any]) -> str:
    """Say what the worker, which yields to the buyers, still had to do when they had their confirmations."""
    waits = [f"{middle(size['orders'][f'{n} | worker'], 'attributed_after_s'):.1f} s" for n in (1, 8)]
    return (
        "The worker yields to the buyers (docker-compose.yml gives it a quarter of their processor shares, the benchmark "
        f"a niceness of 10). After the last confirmation it had credited everything within {waits[0]} (1 buyer) and "
        f"{waits[1]} (8 buyers)."
    )


def checks(size: dict[str, Any]) -> str:
    oscar, accord = size["checks"]["oscar"], size["checks"]["accord"]
    return (
        f"Afterwards Accord held {accord['orders']} orders for {accord['attempts placed']} placed attempts; "
        f"without a frozen record: {accord['orders not recorded']}, without an attribution: "
        f"{accord['orders not attributed']}, credited to partners: {accord['orders credited']}; stock records whose "
        f"allocation is not what was ordered: {accord['stock records wrong']}. Of 50 pieces wanted by 100 buyers at once "
        f"Accord sold {accord['scarce sold']} (oversold: {accord['oversold']}), plain Oscar {oscar['scarce sold']} "
        f"(oversold: {oscar['oversold']}). Requests that failed: {len(size['failures'])}."
    )


def write(text: str, readme: Path) -> None:
    before, _, rest = readme.read_text().partition(START)
    _, _, after = rest.partition(END)
    readme.write_text(f"{before}{START}\n\n{text}\n{END}{after}")
