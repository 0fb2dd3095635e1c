"""`python -m services.assessment [all|api|worker]`."""

from chassis.service import run
from services.assessment.main import AssessmentSettings, build

if __name__ == "__main__":
    run(build, AssessmentSettings)
