"""`python -m services.portal [all|api]`."""

from chassis.service import run
from services.portal.main import build
from services.portal.settings import PortalSettings

if __name__ == "__main__":
    run(build, PortalSettings)
