"""What a message says, and what is to be done about it: two pure steps, `read_message` and `choose_act`."""
