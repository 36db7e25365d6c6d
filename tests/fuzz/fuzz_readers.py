"""A fuzzer on the readers: `make fuzz`, or

    uv run --group fuzz python tests/fuzz/fuzz_readers.py -max_total_time=600 tests/imports/examples

Any exception but a refusal stops it, and the bytes that caused it are kept.
"""

import os
import sys

import atheris

os.environ.setdefault("DEBUG", "1")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "budget.settings")

with atheris.instrument_imports(include=["budget.imports"]):
    import django

    django.setup()
    from budget.imports.reading import NotReadable
    from budget.imports.recognition import read


def one(content: bytes) -> None:
    """Reads some bytes, or sees them refused."""
    try:
        read(content)
    except NotReadable:
        return


if __name__ == "__main__":
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
