"""Measures the store beside a plain Oscar of the same catalogue: `make bench`, or bench/run --quick."""
