"""The program that typesets one document: the page at its input, the PDF at its output.

Law: run by `typesetting.py` alone. It takes so much memory and time and no more, writes no file, and is what the system
ends first where memory runs out. That it opens no file but the template and the fonts, and asks no network, is what the
template says, which is ours and evaluates nothing of the page; nothing else keeps it from that.
"""

import os
import resource
import sys
from contextlib import suppress
from pathlib import Path

import typst

MEMORY = 3 * 1024 * 1024 * 1024 // 2
"""Bytes of addresses; a thousand records of the demo in Urdu take two thirds of it."""
SECONDS = 60
FIRST_TO_GO = "1000"


def main() -> int:
    """Typeset what stands at the input, by a template, a folder of fonts and the moment it is of.

    The exit code of a page that the template does not set is given too; any other but 0 is of a typesetter that broke.
    """
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    _stand_back()
    template, fonts, made, wrong_page = sys.argv[1:]
    page = sys.stdin.buffer.read().decode()
    given = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[fonts])
    try:
        pdf = typst.compile(template, font_paths=given, sys_inputs={"page": page}, timestamp=int(made), format="pdf")
    except typst.TypstError as error:
        sys.stderr.write(f"{error.message}")
        return int(wrong_page)
    sys.stdout.buffer.write(pdf)
    return 0


def _stand_back() -> None:
    """Let the node go first, where the system lets one say so: the unit's filter denies `nice`."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(FIRST_TO_GO, "ascii")
    with suppress(OSError):
        os.nice(10)


if __name__ == "__main__":
    sys.exit(main())
