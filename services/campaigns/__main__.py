"""`python -m services.campaigns [all|api|worker]`."""

from chassis.service import run
from services.campaigns.main import CampaignsSettings, build

if __name__ == "__main__":
    run(build, CampaignsSettings)
