"""What WeChat and WeCom customer service have in common: signed calls, encryption, pictures, choices to tap."""
