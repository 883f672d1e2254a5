"""The repayment calculator as a page and as a spreadsheet."""
