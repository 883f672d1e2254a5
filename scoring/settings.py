"""What the scoring process is set by."""

from pydantic import Field

from kit.settings import Settings


class ScoringSettings(Settings):
    """The settings that all have, and the shadow policy."""

    shadow_policy_folder: str = Field(
        "",
        description="Folder of credit policies that are tried beside those in force on every decision, and change none "
        "(docs/howto/try-a-policy-in-the-shadow.md). Empty: none.",
    )
