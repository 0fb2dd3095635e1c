"""What the assessment is told by its environment, beyond what every service knows."""

from chassis.as_service import AskingSettings


class AssessmentSettings(AskingSettings):
    """Settings of this service."""

    service_name: str = "assessment"
