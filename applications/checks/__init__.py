"""What account managers look at first in an application: what is missing, contradictory or suspicious."""
