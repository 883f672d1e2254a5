"""Customers in WeChat, through the bank's WeCom customer service (微信客服)."""
