"""`bangfu a b …` runs the Django command `a_b` from whichever app owns it.

Exit 0 good, 1 found something wrong, 2 could not run; the last line says it in one sentence.
"""

import os
import sys


def main(argv: list[str] | None = None) -> None:
    """Join the leading words of the command line into one Django command name and run it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bangfu.config.settings")
    import django
    from django.core.management import execute_from_command_line, get_commands

    django.setup()  # get_commands lists the apps' commands only once the apps are loaded

    words = list(sys.argv[1:] if argv is None else argv)
    if len(words) >= 2 and f"{words[0]}_{words[1]}" in get_commands():
        words[:2] = [f"{words[0]}_{words[1]}"]
    execute_from_command_line(["bangfu", *words])


if __name__ == "__main__":
    main()
