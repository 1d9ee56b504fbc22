"""What the suite starts and uses: databases, Redis, workers, a browser, races."""
