"""What every diffusion shares: noise tables, conversions and samplers."""
