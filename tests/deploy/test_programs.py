"""A test whose program is missing skips, and says what is to be installed."""

import pytest

from tests import programs

pytestmark = pytest.mark.deploy


def test_a_program_beside_our_python_is_found_though_not_in_the_path() -> None:
    assert programs.find("hadolint")


def test_a_test_without_its_program_skips_and_names_the_package(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(programs, "FOLDERS", ("/nonexistent",))
    with pytest.raises(pytest.skip.Exception, match="redis-server is missing: `apt-get install"):
        programs.require("redis-server")
    with pytest.raises(pytest.skip.Exception, match="hadolint is missing: `make install`"):
        programs.require("hadolint")


def test_nothing_is_installed_by_anyone_but_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setattr("subprocess.run", lambda *_, **__: pytest.fail("apt-get was run"))
    programs.apt_install(["redis-server"])
