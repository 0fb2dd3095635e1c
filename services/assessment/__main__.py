"""`python -m services.assessment [all|api|worker]`."""

from chassis.service import run
from services.assessment.main import build
from services.assessment.settings import AssessmentSettings

if __name__ == "__main__":
    run(build, AssessmentSettings)
