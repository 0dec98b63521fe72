"""What a month on Google Cloud costs: measured quantities times a dated price list."""
