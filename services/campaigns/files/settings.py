"""Where this service is told to keep files."""

from pydantic import SecretStr, model_validator

from chassis.settings import ServiceSettings


class FileSettings(ServiceSettings):
    """A folder, or a bucket with what opens it."""

    files: str = "var/files"
    """A folder, or `s3://bucket/and/prefix`."""
    files_endpoint: str = ""
    """`https://…` of a bucket that is not Amazon's. Over plain http, whoever listens reads the files."""
    files_region: str = ""
    files_virtual_hosted: bool = False
    """Whether the bucket is a part of the host's name (`bucket.host`) instead of the path's."""
    files_access_key: SecretStr = SecretStr("")
    files_secret_key: SecretStr = SecretStr("")

    @model_validator(mode="after")
    def _has_keys_for_a_bucket(self) -> "FileSettings":
        keys = self.files_access_key.get_secret_value(), self.files_secret_key.get_secret_value()
        if self.files.startswith("s3://") and not all(keys):
            raise ValueError("s3://… needs COCOCITY_FILES_ACCESS_KEY and COCOCITY_FILES_SECRET_KEY, too")
        return self
