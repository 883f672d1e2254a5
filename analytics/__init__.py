"""How well the knowledge answers: counted day by day, without anything about customers."""
