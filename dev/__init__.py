"""Tools around the product: set-up, training, running all processes on one machine."""
