"""Returns as customers ask for them: which units, why, what came of them, and every step on the way."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from shop.companies.models import Company
from shop.forks.order.models import Line, Order
from shop.returns.models.take_backs import TakeBack


class ReturnRequest(models.Model):
    """A customer's wish to send goods of one order back. `services.steps` alone moves it, with an event each time."""

    class State(models.TextChoices):
        REQUESTED = "requested", _("Requested")
        APPROVED = "approved", _("Approved")
        RECEIVED = "received", _("Received")
        INSPECTED = "inspected", _("Inspected")
        GRANTED = "granted", _("Refund granted")
        REFUNDED = "refunded", _("Refunded")
        REPLACED = "replaced", _("Replaced")
        REJECTED = "rejected", _("Rejected")
        CANCELLED = "cancelled", _("Cancelled")

    OPEN = (State.REQUESTED, State.APPROVED, State.RECEIVED, State.INSPECTED, State.GRANTED)

    key = models.UUIDField(unique=True)  # the form's: a button pressed twice asks once
    reference = models.CharField(_("return number"), max_length=20, unique=True)  # random; the only key in buyers' URLs
    order = models.ForeignKey(Order, models.PROTECT, related_name="returns")
    company = models.ForeignKey(Company, models.PROTECT, related_name="returns")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.REQUESTED, db_index=True)
    requested_at = models.DateTimeField(_("requested"))
    changed_at = models.DateTimeField(_("changed"))
    take_back = models.OneToOneField(
        TakeBack, models.PROTECT, null=True, blank=True, related_name="return_request"
    )  # the refund, once it is granted
    replaced_at = models.DateTimeField(_("replaced"), null=True, blank=True)

    class Meta:
        ordering = ("-requested_at", "-pk")
        indexes = (models.Index(fields=["state", "changed_at"], name="return_state_changed"),)
        permissions = (
            ("handle_returnrequest", _("Can approve, receive and inspect returns")),
            ("grant_returnrequest", _("Can grant refunds and replacements of returns")),
        )
        verbose_name = _("return")
        verbose_name_plural = _("returns")

    def __str__(self) -> str:
        return self.reference

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN


class ReturnLine(models.Model):
    """Units of one line of the order. What was received and decided stays empty until then."""

    class Reason(models.TextChoices):
        DAMAGED = "damaged", _("Arrived damaged")
        DEFECTIVE = "defective", _("Does not work")
        WRONG_ITEM = "wrong_item", _("Not what was ordered")
        NOT_AS_DESCRIBED = "not_as_described", _("Not as described")
        ORDERED_WRONGLY = "ordered_wrongly", _("Ordered by mistake")
        TOO_MANY = "too_many", _("Too many")
        OTHER = "other", _("Another reason")

    class Outcome(models.TextChoices):
        REFUND = "refund", _("Refund")
        REPLACE = "replace", _("Replacement")
        REJECT = "reject", _("Rejected")

    class Condition(models.TextChoices):
        UNOPENED = "unopened", _("Unopened")
        AS_NEW = "as_new", _("As new")
        USED = "used", _("Used")
        FAULTY = "faulty", _("Faulty")

    WISHES = (Outcome.REFUND, Outcome.REPLACE)

    request = models.ForeignKey(ReturnRequest, models.PROTECT, related_name="lines")
    line = models.ForeignKey(Line, models.PROTECT, related_name="return_lines")
    quantity = models.PositiveIntegerField(_("quantity"))
    reason = models.CharField(_("reason"), max_length=20, choices=Reason)
    text = models.CharField(_("description"), max_length=1000, blank=True)
    wish = models.CharField(_("wish"), max_length=10, choices=[(wish.value, wish.label) for wish in WISHES])
    received = models.PositiveIntegerField(_("received"), null=True, blank=True)
    condition = models.CharField(_("condition"), max_length=10, choices=Condition, blank=True)
    accepted = models.PositiveIntegerField(_("accepted"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, blank=True)
    restocked = models.PositiveIntegerField(_("back in stock"), default=0)  # the other received units are scrapped

    class Meta:
        ordering = ("request", "line")
        constraints = (
            models.UniqueConstraint(fields=["request", "line"], name="return_line_once"),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="return_quantity_positive"),
            models.CheckConstraint(
                condition=Q(received=None) | Q(received__lte=F("quantity")), name="return_received_within_quantity"
            ),
            models.CheckConstraint(
                condition=Q(accepted=None) | Q(accepted__lte=F("received")), name="return_accepted_within_received"
            ),
        )

    def __str__(self) -> str:
        return f"{self.quantity} × {self.line.title}"


class ReturnDocument(models.Model):
    """A photo or a paper about a line, kept in the database like a registration's certificates. Append-only."""

    is_append_only = True

    line = models.ForeignKey(ReturnLine, models.PROTECT, related_name="documents")
    content = models.BinaryField()
    media_type = models.CharField(_("type"), max_length=20)  # found in the content, whatever the browser said
    size = models.PositiveIntegerField(_("bytes"))
    uploaded_at = models.DateTimeField(_("uploaded"))

    class Meta:
        ordering = ("line", "pk")
        verbose_name = _("document of a return")
        verbose_name_plural = _("documents of returns")

    def __str__(self) -> str:
        return f"document {self.pk}"


class ReturnEvent(models.Model):
    """One step of a return. Append-only. `text` is for the customer too; `data` holds quantities by line pk."""

    is_append_only = True

    request = models.ForeignKey(ReturnRequest, models.PROTECT, related_name="events")
    step = models.CharField(_("step"), max_length=20)  # services.steps.Step
    to_state = models.CharField(_("state"), max_length=10, choices=ReturnRequest.State)
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    text = models.TextField(_("text"), blank=True)
    data = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ("request", "pk")
        verbose_name = _("step of a return")
        verbose_name_plural = _("steps of returns")

    def __str__(self) -> str:
        return f"{self.request_id}: {self.step}"
