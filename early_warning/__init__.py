"""Early warning: dated rules over open applications and loans, once a day; staff see why, and decide."""
