"""How many paid orders a second are rated and posted, as the nightly run does it, beside reading and writing their rows."""
