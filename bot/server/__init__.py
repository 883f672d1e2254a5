"""What runs inside the Rasa server (Python 3.10); nothing else may import rasa."""
