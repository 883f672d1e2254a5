"""What lending is made of besides the credit decision: repayment schedules."""
