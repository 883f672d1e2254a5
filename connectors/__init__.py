"""The gateway: takes customers' messages from their channels, has them answered and delivers the replies."""
