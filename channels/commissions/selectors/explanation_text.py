"""The story of an order as text for a terminal; English, as the explanations it prints."""

from collections.abc import Iterator
from typing import Any

from channels.core.money import written

Story = dict[str, Any]


def render(story: Story) -> str:
    """Return what `explain_order` found, from touch to payout, a paragraph per step."""
    parts = (_order, _touches, _credits, _decisions, _ratings, _accruals, _entries, _payment)
    return "\n".join(line for part in parts for line in (*part(story), "")).rstrip()


def _order(story: Story) -> Iterator[str]:
    details = story["details"]
    renewal = f", renewal {details['cycle']}" if details["cycle"] else ""
    through = f" through {details['chosen_partner']}" if details["chosen_partner"] else ""
    yield f"Order {story['order']} of {details['company']} ({details['country']}), {_day(details['placed_at'])}{renewal}"
    yield f"  bought {details['channel']}{through}, {details['medium']}, {written(details['net_minor'], details['currency'])} net"
    for line in details["lines"]:
        yield f"  {line['key']}: {line['quantity']} x {line['title']}, {written(line['net_minor'], details['currency'])}"
    for event in story["events"]:
        what = ", ".join(f"{line['quantity']} of {line['line_key']}" for line in event["lines"])
        yield f"  {event['kind']} {_day(event['at'])}{f': {what}' if what else ''}"


def _touches(story: Story) -> Iterator[str]:
    yield "Touchpoints" if story["touchpoints"] else "No touchpoints."
    left_out = [touch for touch in story["touchpoints"] if not touch["counted"]]
    if left_out:
        yield f"  {len(left_out)} not counted, {_day(left_out[0]['at'])} to {_day(left_out[-1]['at'])}"
    for touch in story["touchpoints"]:
        if touch["counted"]:
            campaign = f", campaign {touch['campaign']}" if touch["campaign"] else ""
            who = touch["partner"] or "own staff or campaign"
            yield f"  {_day(touch['at'])}  {who}: {touch['kind']} by {touch['medium']}{campaign}"


def _credits(story: Story) -> Iterator[str]:
    attribution = story["attribution"]
    if not attribution:
        yield "Not attributed: there is no attribution run."
        return
    yield f"Attribution {attribution['sequence']} ({attribution['state']}), policy v{attribution['policy'] or '-'}"
    if attribution["error"]:
        yield f"  {attribution['error']}"
    for line in attribution["lines"]:
        yield f"  {line['line']}: step {line['step']}. {line['why']['text']}"
        for credit in story["credits"]:
            if credit["line"] == line["line"]:
                review = ", held for review" if credit["held_for_review"] else ""
                yield f"    {credit['pool']:<9} {credit['partner']} as {credit['role']}: {credit['share_bp']} bp{review}"
        for skip in line["skips"]:
            yield f"    not credited: {skip['text']}"


def _decisions(story: Story) -> Iterator[str]:
    """What people decided: overrides, rejections and disputes."""
    for row in story["overrides"]:
        yield f"Override ({row['state']}), {_day(row['proposed_at'])}: {row['reason']}"
    for row in story["rejections"]:
        yield f"Rejected: {row['partner']} on {row['line']}: {row['reason']}"
    for row in story["disputes"]:
        answer = f": {row['answer']}" if row["answer"] else ""
        yield f"Dispute {row['number']} of {row['partner']}, {row['kind']} ({row['state']}){answer}"


def _ratings(story: Story) -> Iterator[str]:
    for run in story["ratings"]:
        yield f"Rated after {run['cause']} ({run['state']}), programme {run['programme'] or '-'}"
        for note in (run["note"], run["error"]):
            if note:
                yield f"  {note}"
        for target in run["targets"]:
            yield f"  {target['line']} {target['partner']} {target['type']}: {target['text']}"
        paid = {(target["line"], target["partner"], target["type"]) for target in run["targets"]}
        # Rules tried before the one that paid are in the JSON; here they would hide what was not paid at all.
        for skip in (row for row in run["skips"] if (row["line"], row["partner"], row["type"]) not in paid):
            yield f"  {skip['line']} {skip['partner']} {skip['type']}: nothing. {skip['text']}"


def _accruals(story: Story) -> Iterator[str]:
    yield "Accruals" if story["accruals"] else "Nothing accrued."
    for row in story["accruals"]:
        amount = written(row["amount_minor"], row["currency"])
        yield f"  {_day(row['accrued_at'])}  {row['partner']} {row['type']} on {row['line']}: {amount} ({row['state']})"


def _entries(story: Story) -> Iterator[str]:
    posting = None
    for row in story["entries"]:
        if row["posting"] != posting:
            posting = row["posting"]
            yield f"Posting #{row['sequence']} {row['kind']}, {_day(row['booked_at'])}, {row['hash'][:12]}"
        side = "Dr" if row["amount_minor"] > 0 else "Cr"
        amount = written(abs(row["amount_minor"]), row["currency"])
        yield f"  {side} {row['account']:<32} {amount:>16}  {row['partner']}"


def _payment(story: Story) -> Iterator[str]:
    for row in story["statements"]:
        asks = written(row["payable_minor"], row["currency"])
        yield f"Statement {row['number']} ({row['state']}) asks for {asks}"
    for row in story["payouts"]:
        yield f"Payout of {row['statement']}: {written(row['amount_minor'], row['currency'])} ({row['state']})"
        for attempt in row["attempts"]:
            yield f"  {_day(attempt['at'])}  {attempt['reference']} {attempt['state']}"


def _day(moment: str) -> str:
    return moment[:10]
