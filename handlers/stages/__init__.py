"""Stages: move leads along the pipeline, close them, and set them aside."""
