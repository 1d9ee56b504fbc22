from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path


def one_query(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT title FROM catalogue_product ORDER BY id LIMIT 1")
        title = cursor.fetchone()[0]
    return HttpResponse(f"<!DOCTYPE html><title>{title}</title>")


urlpatterns = [path("", one_query)]
