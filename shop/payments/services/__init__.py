"""What changes payments; each verb on its noun's module."""
