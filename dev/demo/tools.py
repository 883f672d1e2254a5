"""What the demo's supervisor has prepared for the agents: labels, canned answers and macros."""

from desk.macros import MacroValues
from dev.demo.bank import Bank

LABELS = ("要材料", "等客户回话", "老客户", "要上门")
CANNED = {
    "请稍等": "{姓}您好，我看一下，请稍等。",
    "要带的材料": "请带身份证、户口簿，还有土地承包合同或营业执照，到最近的网点就行。",
    "农户贷利率": "农户贷现在的年利率（单利）是{rate:农户贷}，按您的情况定，以合同为准。",
    "提前还款": "可以提前还，不收违约金，利息算到还款那天。",
    "不在微信收密码": "我们不会问您要密码和验证码，也不会让您转账。谁问都别给。",
}
MACROS = (
    MacroValues(title="补材料", label="要材料", reply="{姓}您好，还差几样材料，您方便时拍照发来就行。"),
    MacroValues(title="问完了", reply="不客气，有事随时说。", disposition="solved", summary="问题已答复"),
)


async def prepare(bank: Bank) -> None:
    """Puts them into the database, in the supervisor's name."""
    desk, supervisor = bank.desk, bank.staff["helihua"]
    for label in LABELS:
        await desk.labels.add(supervisor, label)
    for title, text in CANNED.items():
        await desk.canned.save(supervisor, title, text)
    for macro in MACROS:
        await desk.macros.save(supervisor, macro)
