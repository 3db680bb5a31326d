"""Networks for vertebrae."""
