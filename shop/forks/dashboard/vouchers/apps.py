from oscar.apps.dashboard.vouchers import apps


class VouchersDashboardConfig(apps.VouchersDashboardConfig):
    name = "shop.forks.dashboard.vouchers"
