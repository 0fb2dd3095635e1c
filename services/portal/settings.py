"""What the portal is told by its environment."""

from chassis.settings import ServiceSettings


class PortalSettings(ServiceSettings):
    """Where the services behind it answer, and the windows into a demo that it links."""

    service_name: str = "portal"
    directory_url: str = "http://127.0.0.1:8101"
    campaigns_url: str = "http://127.0.0.1:8102"
    notifications_url: str = "http://127.0.0.1:8103"
    assessment_url: str = "http://127.0.0.1:8104"
    mails_path: str = "/mails/"
    """The page of the mail catcher behind the gateway. Empty: not linked."""
    traces_path: str = "/traces/"
    """The trace viewer. Empty: not linked."""

    def services(self) -> dict[str, str]:
        """The services behind the portal by name, in the order people are shown them."""
        return {
            "directory": self.directory_url,
            "campaigns": self.campaigns_url,
            "notifications": self.notifications_url,
            "assessment": self.assessment_url,
        }

    def windows(self) -> dict[str, str]:
        """What is open to everybody in a demo: mails and traces hold what belongs to persons."""
        if self.is_production:
            return {}
        windows = {"mails": self.mails_path, "traces": self.traces_path}
        return {name: path for name, path in windows.items() if path}
