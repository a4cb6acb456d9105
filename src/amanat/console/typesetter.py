"""The program that typesets one document: the page at its input, the PDF at its output.

Law: run by `typesetting.py` alone. It reaches no network, reads the template and the fonts and nothing else, and takes
so much memory and time and no more.
"""

import resource
import sys

import typst

MEMORY = 3 * 1024 * 1024 * 1024
"""Bytes of addresses; a thousand long records take a third of it."""
SECONDS = 60


def main() -> int:
    """Typeset what stands at the input, by a template, a folder of fonts and the moment it is of."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    template, fonts, made = sys.argv[1:]
    page = sys.stdin.buffer.read().decode()
    given = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[fonts])
    try:
        pdf = typst.compile(template, font_paths=given, sys_inputs={"page": page}, timestamp=int(made), format="pdf")
    except typst.TypstError as error:
        sys.stderr.write(f"{error.message}")
        return 1
    sys.stdout.buffer.write(pdf)
    return 0


if __name__ == "__main__":
    sys.exit(main())
