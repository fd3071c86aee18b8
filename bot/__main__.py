"""`python -m bot`: the same as the command `stanch`."""

from bot.cli import main

if __name__ == "__main__":
    main()
