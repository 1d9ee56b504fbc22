"""Suppliers' users. Oscar links a user to a supplier by GET as well; here only a POST may."""

from django.http import HttpResponseNotAllowed
from oscar.apps.dashboard.partners import views
from oscar.apps.dashboard.partners.views import *


class PartnerUserLinkView(views.PartnerUserLinkView):
    def get(self, request, user_pk, partner_pk):
        return HttpResponseNotAllowed(["POST"])
