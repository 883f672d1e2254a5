"""An entry as one row of a table that staff download, change and import."""

from datetime import date
from typing import Annotated, Any

from pydantic import Field

from imports.cells import DATE, LINES, TEXT, choose
from imports.columns import Column, KeyedRow
from knowledge.entry_fields import CATEGORY_NAMES, read_moment, write_moment

READERS = {False: "客户和员工", True: "只给员工"}
STATES = {False: "在用", True: "下架"}


class EntryRow(KeyedRow):
    """The columns; what a valid entry is, says `knowledge.entry_fields`."""

    id: Annotated[str, Column("编号", TEXT, "harvester-subsidy", "新知识自己起一个，以后不能改")]
    category: Annotated[str, Column("主题", choose(CATEGORY_NAMES), "乡村服务", aliases=("分类", "类别"))]
    question: Annotated[
        str, Column("问题", TEXT, "收割机补贴怎么领？", aliases=("标准问题", "标准问", "问句"), is_unique=True)
    ]
    similar_questions: Annotated[
        list[str],
        Column("相似问法", LINES, "收割机补贴\n收割机补贴到哪儿领", "一行一条", ("相似问题", "相似问", "扩展问")),
    ] = Field(default_factory=list)
    answer: Annotated[
        str, Column("答案", TEXT, "带作业合同到网点登记。", "数字用变量，例如 {rate:农户贷}", ("回答", "标准答案"))
    ]
    answer_web: Annotated[str | None, Column("网页里的答案", TEXT, "", "不填就用答案")] = None
    answer_wechat: Annotated[str | None, Column("微信里的答案", TEXT, "点下方菜单“找网点”登记。", "不填就用答案")] = (
        None
    )
    answer_telegram: Annotated[str | None, Column("Telegram里的答案", TEXT, "", "不填就用答案")] = None
    answer_wecom_service: Annotated[str | None, Column("微信客服里的答案", TEXT, "", "不填就用答案")] = None
    question_english: Annotated[str | None, Column("英文问题", TEXT, "")] = None
    answer_english: Annotated[str | None, Column("英文答案", TEXT, "")] = None
    follow_ups: Annotated[
        list[str], Column("接着可以问", LINES, "收割机去哪登记？", "别的知识的问题，一行一条，最多3条", ("相关问题",))
    ] = Field(default_factory=list)
    source: Annotated[str | None, Column("依据", TEXT, "", "答案依据的法规，写明日期")] = None
    expires_on: Annotated[date | None, Column("哪天零点到期", DATE, "", "不填是一直有效", ("到期", "有效期"))] = None
    is_internal: Annotated[bool, Column("给谁看", choose(READERS), "客户和员工", "只给员工的，客户永远看不到")] = False
    is_retired: Annotated[bool, Column("状态", choose(STATES), "在用")] = False

    def to_content(self) -> dict[str, Any]:
        """The fields as a revision keeps them, not yet checked."""
        expires = write_moment(self.expires_on.isoformat()) if self.expires_on else None
        return {**self.model_dump(exclude={"id", "expires_on"}), "expires_at": expires}


def build_row(entry_id: str, content: dict[str, Any]) -> EntryRow:
    """The row of an entry."""
    return EntryRow.model_validate({**content, "id": entry_id, "expires_on": read_moment(content.get("expires_at"))})
