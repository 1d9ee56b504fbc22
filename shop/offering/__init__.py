"""How a product is sold: as which offering, in which quantities, for which commitment, and against which others."""
