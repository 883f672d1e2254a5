"""`python -m bot.server.rasa_command …` is Rasa's command line (`train`, `data validate`) without its telemetry."""

from rasa.__main__ import main

if __name__ == "__main__":
    main()
