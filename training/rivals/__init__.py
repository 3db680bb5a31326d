"""Networks that other methods of finding anomalies use, to judge healing by; they do not ship."""
