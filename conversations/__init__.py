"""The shared record: who wrote what, who answers now, which handoffs wait, what was consented to."""
