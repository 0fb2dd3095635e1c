"""python -m services.notifications [all|api|worker|openapi]"""

from chassis.service import run
from services.notifications.main import build
from services.notifications.settings import NotificationsSettings

if __name__ == "__main__":
    run(build, NotificationsSettings)
