"""What may stand for an id in an address."""

from django.urls import register_converter


class IdConverter:
    """A row's id: digits, few enough for PostgreSQL's bigint. Anything else is a 404."""

    regex = "[0-9]{1,18}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(IdConverter, "id")
