"""From corpora to a registered model: reading, fine-tuning, calibration, export, tracking."""
