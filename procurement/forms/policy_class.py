"""The form in which a lead confirms what its project counts as under the policy (F03)."""

from wtforms import TextAreaField

from catalog.policy_forms import LENGTH, ClassForm


class ProjectClassForm(ClassForm):
    """As for an entry, and why the lead goes on where the state's support does not reach."""

    policy_reason = TextAreaField(
        "国の方針を確認したうえで進める理由",
        [LENGTH],
        description="「一般」「未判定」以外の区分のときに書きます。参加団体に表示されます。",
    )
