"""Addresses below admin/prices/."""

from django.urls import path

from shop.pricing.desk.views import contracts, entries, files, gates, lists

urlpatterns = [
    path("", lists.PriceLists.as_view(), name="price_lists"),
    path("new/", lists.PriceListAdd.as_view(), name="price_list_add"),
    path("contracts/", contracts.ContractPrices.as_view(), name="contract_prices"),
    path("contracts/new/", contracts.ContractAdd.as_view(), name="contract_price_add"),
    path("contracts/<int:pk>/", contracts.ContractEdit.as_view(), name="contract_price"),
    path("contracts/<int:pk>/remove/", contracts.ContractRemove.as_view(), name="contract_price_remove"),
    path("hidden/", gates.PriceGates.as_view(), name="price_gates"),
    path("hidden/new/", gates.PriceGateAdd.as_view(), name="price_gate_add"),
    path("hidden/<int:pk>/remove/", gates.PriceGateRemove.as_view(), name="price_gate_remove"),
    path("history/", contracts.PriceHistory.as_view(), name="price_history"),
    path("preview/", contracts.PricePreview.as_view(), name="price_preview"),
    path("files/<int:pk>/", files.PriceImportDetail.as_view(), name="price_import"),
    path("files/<int:pk>/accept/", files.PriceImportAccept.as_view(), name="price_import_accept"),
    path("files/<int:pk>/again/", files.PriceImportAgain.as_view(), name="price_import_again"),
    path("files/<int:pk>/mistakes.<slug:kind>", files.PriceImportMistakes.as_view(), name="price_import_mistakes"),
    path("<int:pk>/", entries.PriceListDetail.as_view(), name="price_list"),
    path("<int:pk>/edit/", lists.PriceListEdit.as_view(), name="price_list_edit"),
    path("<int:pk>/copy/", lists.PriceListCopy.as_view(), name="price_list_copy"),
    path("<int:pk>/archive/", lists.PriceListArchive.as_view(), name="price_list_archive"),
    path("<int:pk>/assign/", lists.PriceListAssign.as_view(), name="price_list_assign"),
    path("<int:pk>/withdraw/<int:assignment>/", lists.PriceListWithdraw.as_view(), name="price_list_withdraw"),
    path("<int:pk>/products/<int:product>/", entries.PriceListProduct.as_view(), name="price_list_product"),
    path("<int:pk>/files/", files.PriceImports.as_view(), name="price_imports"),
    path("<int:pk>/prices.<slug:kind>", files.PriceExport.as_view(), name="price_export"),
    path("<int:pk>/template.<slug:kind>", files.PriceFileTemplate.as_view(), name="price_template"),
]
