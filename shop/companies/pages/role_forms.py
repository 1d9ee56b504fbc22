"""The form of a company's own role: each capability with how far it reaches."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from shop.companies.access import level_of, roles_of
from shop.companies.capabilities import Capability, Level
from shop.companies.models import Membership, Role


class RoleForm(forms.ModelForm):
    """Offers no right that the person who makes the role does not have, and none that reaches further than theirs."""

    class Meta:
        model = Role
        fields = ("name",)

    def __init__(self, *args: Any, manager: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.manager = manager
        for word in Capability:
            reach = level_of(manager, word)
            if reach is None:
                continue
            levels = [level for level in Level if level.reach <= reach.reach]
            self.fields[word.value] = forms.ChoiceField(
                label=word.label,
                required=False,
                choices=[("", _("no")), *((level.value, level.label) for level in levels)],
                initial=self.instance.grants.get(word, ""),
            )

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        others = roles_of(self.manager.company).exclude(pk=self.instance.pk)
        if name.casefold() in {text.casefold() for role in others for text in (role.name, str(role))}:
            raise forms.ValidationError(_("There is a role of this name already."))
        return name

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.instance.grants = {word.value: data[word.value] for word in Capability if data.get(word.value)}
        if not self.instance.grants and not self.errors:
            raise forms.ValidationError(_("Give the role at least one right."))
        return data
