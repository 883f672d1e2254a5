/** What the page says and offers before the customer has said anything. */

export const HUMAN = "转人工";
export const STARTERS = ["测额度", "申请贷款", "利率是多少", "要带什么材料", "还款日是几号"];

export const WELCOME = {
  id: 0,
  author: "bot",
  text: "您好，我是小禾，青禾农商银行的智能助手。可以问我贷款、还款、社保卡等问题，也可以测额度、申请贷款。",
  buttons: STARTERS.map((title) => ({ title, lasting: true })),
};
