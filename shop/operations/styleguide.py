"""The developers' page that shows each component in its states; only where settings.DEVELOPER_PAGES is on."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.views.generic import TemplateView

from shop.pricing.engine.ladders import Step
from shop.pricing.reasons import Component

QR_SAMPLE = (
    '<svg viewBox="0 0 7 7" shape-rendering="crispEdges"><path fill="currentColor" '
    'd="M0 0h3v3h-3zM4 0h3v3h-3zM0 4h3v3h-3zM4 4h1v1h-1zM6 5h1v2h-1zM4 6h1v1h-1z"/></svg>'
)


class SampleForm(forms.Form):
    """One field of each kind that the shop uses."""

    company = forms.CharField(label="Company name", help_text="As registered; it is printed on the invoice.")
    email = forms.EmailField(label="E-mail")
    country = forms.ChoiceField(choices=[("NO", "Norway"), ("SE", "Sweden"), ("DE", "Germany")], required=False)
    note = forms.CharField(label="Note to us", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    buy_through = forms.ChoiceField(
        label="How do you want to buy?",
        choices=[("direct", "Directly"), ("reseller", "Through a reseller")],
        widget=forms.RadioSelect,
    )
    terms = forms.BooleanField(label="I have read the terms of sale")


def _bars() -> list[dict[str, Any]]:
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    paid = [310, 420, 380, 520, 610, 480, 300, 560, 640, 720, 690, 0]
    held = [0, 0, 40, 60, 0, 90, 120, 80, 140, 160, 310, 540]
    return [
        {
            "label": month,
            "display": f"€{low + high:,}.00",
            "segments": [
                {"value": low, "offset": 0, "tone": "primary", "label": "Paid", "display": f"€{low:,}.00"},
                {"value": high, "offset": low, "tone": "accent", "label": "Held", "display": f"€{high:,}.00"},
            ],
        }
        for month, low, high in zip(months, paid, held, strict=True)
    ]


def _timeline() -> list[dict[str, Any]]:
    return [
        {
            "when": datetime(2025, 2, 3, 9, 12, tzinfo=UTC),
            "title": "Arrived through Fjordtek's partner link",
            "text": "Campaign “Quieter pumps”, page Vibration monitoring.",
            "icon": "link",
            "tone": "accent",
            "tag": "sourcer",
            "tag_tone": "accent",
        },
        {
            "when": datetime(2025, 2, 11, 13, 0, tzinfo=UTC),
            "title": "Site visit by Fjordtek",
            "text": "Entered at the channel desk; evidence: visit report.",
            "icon": "building",
        },
        {
            "when": datetime(2025, 2, 20, 10, 41, tzinfo=UTC),
            "title": "Order 100234 placed through Fjordtek",
            "text": "The buyer picked this reseller at checkout.",
            "icon": "check",
            "tone": "success",
            "href": "#timeline",
        },
    ]


def _journey() -> dict[str, Any]:
    """Placed by hand: the guide stands without channels."""
    days = [datetime(2025, 2, day, tzinfo=UTC) for day in (3, 11, 20)]
    label = ("Partner link", "Site visit", "Order placed")
    events = [
        {"at": at, "label": text, "tone": tone}
        for at, text, tone in zip(days, label, ("partner", "partner", "order"), strict=True)
    ]
    return {
        "width": 760, "height": 104, "left": 170, "right": 746, "foot": 78,
        "lanes": [("Fjordtek", 27), ("The order", 61)],
        "marks": [
            {"x": x, "y": y, "event": event, "diamond": f"{x},{y - 8} {x + 8},{y} {x},{y + 8} {x - 8},{y}"}
            for x, y, event in zip((184, 445, 732), (27, 27, 61), events, strict=True)
        ],
        "ticks": [
            {"x": x, "at": at, "anchor": anchor}
            for x, at, anchor in zip((184, 445, 732), days, ("start", "middle", "end"), strict=True)
        ],
    }  # fmt: skip


def _rows() -> list[dict[str, Any]]:
    states = [
        ("100234", "3 Mar 2025", "Paid", "success", "€1,240.00"),
        ("100231", "1 Mar 2025", "Held", "warning", "€86.50"),
    ]
    return [
        {
            "cells": [
                {"text": number, "href": "#table", "label": "Order"},
                {"text": date, "label": "Date"},
                {"text": state, "badge": True, "tone": tone, "label": "State"},
                {"text": amount, "numeric": True, "label": "Amount"},
            ]
        }
        for number, date, state, tone, amount in states
    ]


class StyleGuideView(TemplateView):
    """Show every component with samples; it reads no database."""

    template_name = "styleguide/index.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "blank_form": SampleForm(auto_id="id_blank_%s"),
            "faulty_form": SampleForm(
                {"email": "not an address", "note": "Deliver to gate 4."}, auto_id="id_faulty_%s"
            ),
            "page_one": Paginator(range(1, 400), 24).page(4),
            "bars": _bars(),
            "series": [{"label": "Paid", "tone": "primary"}, {"label": "Held", "tone": "accent"}],
            "timeline": _timeline(),
            "journey": _journey(),
            "headers": [
                {"label": "Order"},
                {"label": "Date"},
                {"label": "State"},
                {"label": "Amount", "numeric": True},
            ],
            "rows": _rows(),
            "crumbs": [{"title": "Products", "url": "#"}, {"title": "Sensors", "url": "#"}, {"title": "Vibration"}],
            "steps": [
                {"label": "Addresses", "state": "done", "url": "#steps"},
                {"label": "How to buy", "state": "current"},
                {"label": "Payment", "state": "todo"},
                {"label": "Review", "state": "todo"},
            ],
            "options": [
                {"value": "ip67", "label": "IP67", "count": 24, "selected": True},
                {"value": "ip68", "label": "IP68", "count": 7},
                {"value": "ip69k", "label": "IP69K", "count": 0, "disabled": True},
            ],
            "sorts": [("relevance", "Relevance"), ("price", "Price, low to high"), ("newest", "Newest")],
            "tabs": [{"label": "Data", "href": "#tab-data"}, {"label": "Documents", "href": "#tab-docs", "count": 3}],
            "facts": ["IP67", "4–20 mA", "−40…85 °C"],
            "specialities": ["Food and beverage", "Vibration", "Calibration"],
            "terms": [
                {"term": "Article number", "value": "NI-VS-200", "mono": True},
                {"term": "Measuring range", "value": "0–50 mm/s RMS"},
                {"term": "Datasheet", "value": "NI-VS-200.pdf", "href": "#terms"},
            ],
            "amount": Decimal("489.00"),
            "was": Decimal("540.00"),
            "price_steps": [Step(1, Decimal("412.50")), Step(10, Decimal("390.00")), Step(50, Decimal("366.00"))],
            "price_components": [Component("List price", "€540.00"), Component("Your price", "€390.00")],
            "qr": QR_SAMPLE,
            "colours": ["primary", "accent", "neutral", "info", "success", "warning", "error"],
            "icons": ICONS,
        }


ICONS = (
    "arrow-down arrow-left arrow-right arrow-up basket bell box building calendar card chart check check-circle chevron-down "
    "chevron-left chevron-right chevron-up clock close copy download edit error external file filter gateway gauge globe grid "
    "heart help home info layers link list lock logout mail menu minus monitor moon more partner percent phone pin play plus "
    "printer qr refresh search sensor shield software sort star sun tag trash truck upload user users warning wrench"
).split()
