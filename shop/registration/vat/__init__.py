"""VAT ids: how they are written, and the registers that know them."""
