"""Applications of companies for an account: what they said, what was found out, who decided."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from shop.companies.models import Company


class Application(models.Model):
    """A company's way to its account. `state` is changed by `services.steps.take` alone, which writes an event with it."""

    class State(models.TextChoices):
        UNCONFIRMED = "unconfirmed", _("E-mail not confirmed")
        WAITING = "waiting", _("Waiting for us")
        ASKED = "asked", _("Waiting for the applicant")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")
        JOINED = "joined", _("Joined another company")

    company = models.OneToOneField(Company, models.PROTECT, related_name="application")
    applicant = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="applications")
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.UNCONFIRMED, db_index=True)
    submitted_at = models.DateTimeField(_("submitted"))
    language = models.CharField(_("language"), max_length=10)  # the applicant's, for mails
    # Who they say introduced them. It becomes a touchpoint at the approval, unless staff leave it out.
    introducer_code = models.CharField(max_length=60, blank=True)
    introducer_name = models.CharField(_("introduced by"), max_length=200, blank=True)
    link_code = models.CharField(_("partner code"), max_length=40, blank=True)
    visitor_key = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ("submitted_at", "pk")
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")

    def __str__(self) -> str:
        return self.company.name

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.WAITING, self.State.ASKED)

    @property
    def applicant_name(self) -> str:
        return self.applicant.get_full_name() if self.applicant else ""


class ApplicationEvent(models.Model):
    """One step of an application. Append-only. `by` is the member of staff; without one the step explains itself."""

    is_append_only = True

    application = models.ForeignKey(Application, models.PROTECT, related_name="events")
    step = models.CharField(_("step"), max_length=12)  # services.steps.Step
    to_state = models.CharField(_("state"), max_length=12, choices=Application.State)
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    text = models.TextField(_("text"), blank=True)  # the applicant reads it
    data = models.JSONField(default=dict, blank=True)  # for staff: terms, the company joined

    class Meta:
        ordering = ("application", "pk")
        verbose_name = _("registration step")
        verbose_name_plural = _("registration steps")

    def __str__(self) -> str:
        return f"{self.application_id}: {self.step}"


class Certificate(models.Model):
    """A document that an applicant gave us, such as a resale certificate.

    Kept in the database and nowhere else: no address of the media folder leads to it, and it is backed up with the row.
    """

    application = models.ForeignKey(Application, models.CASCADE, related_name="certificates")
    content = models.BinaryField()
    media_type = models.CharField(_("type"), max_length=20)  # found in the content, whatever the browser said
    size = models.PositiveIntegerField(_("bytes"))
    sha256 = models.CharField(max_length=64)
    uploaded_at = models.DateTimeField(_("uploaded"))

    class Meta:
        ordering = ("application", "pk")
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")

    def __str__(self) -> str:
        return f"certificate {self.pk}"


class VatCheck(models.Model):
    """What a register of VAT ids says of one, asked at most once in a while. Never asked and unreachable look alike."""

    class Result(models.TextChoices):
        UNCHECKED = "unchecked", _("Not checked yet")
        VALID = "valid", _("Valid")
        INVALID = "invalid", _("Not valid")
        UNCOVERED = "uncovered", _("No register covers it")

    vat_id = models.CharField(_("VAT id"), max_length=32, unique=True)
    result = models.CharField(_("result"), max_length=10, choices=Result, default=Result.UNCHECKED)
    source = models.CharField(_("source"), max_length=40, blank=True)
    checked_at = models.DateTimeField(_("checked"), null=True)
    registered_name = models.CharField(_("registered name"), max_length=200, blank=True)
    next_try_at = models.DateTimeField(null=True, db_index=True)  # None: nothing to ask any more
    attempts = models.PositiveSmallIntegerField(default=0)  # since the last answer

    class Meta:
        ordering = ("vat_id",)
        verbose_name = _("VAT check")
        verbose_name_plural = _("VAT checks")

    def __str__(self) -> str:
        return f"{self.vat_id}: {self.get_result_display()}"


class JoinRequest(models.Model):
    """Somebody of a company that is our customer already registered it again: its administrators may let them in.

    The application stays in the staff's queue meanwhile, and after a refusal.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        OVERTAKEN = "overtaken", _("Decided by us")

    application = models.OneToOneField(Application, models.PROTECT, related_name="join_request")
    company = models.ForeignKey(Company, models.PROTECT, related_name="join_requests")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    asked_at = models.DateTimeField(_("asked"))
    told_at = models.DateTimeField(null=True)  # None: the administrators had enough mails that day
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ("asked_at", "pk")
        verbose_name = _("request to join")
        verbose_name_plural = _("requests to join")

    def __str__(self) -> str:
        return f"{self.application} to {self.company}"
