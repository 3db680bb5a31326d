"""Networks for implants in dental X-ray video."""
