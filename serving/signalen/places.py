"""Where a Signalen installation looks for its classifier."""

ROOT = "/signals_mltool"
PREDICT = f"{ROOT}/predict"
