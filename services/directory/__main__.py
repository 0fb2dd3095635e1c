"""python -m services.directory [all|api|worker|openapi]"""

from chassis.service import run
from services.directory.main import build
from services.directory.settings import DirectorySettings

if __name__ == "__main__":
    run(build, DirectorySettings)
