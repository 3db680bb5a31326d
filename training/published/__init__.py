"""The published protocol for interactive vertebrae networks, and what was corrected of it."""
