"""Takes pictures out of texts: WeChat's emoticon codes, placeholders of media, decorative emoji."""

import re

# What WeChat pastes for an emoticon, in its Chinese and English interface, in lower case.
_NAMES = """
微笑 撇嘴 色 发呆 得意 流泪 害羞 闭嘴 睡 大哭 尴尬 发怒 调皮 呲牙 惊讶 难过 酷 冷汗 抓狂 吐 偷笑 可爱 愉快 白眼 傲慢
饥饿 困 惊恐 流汗 憨笑 大兵 悠闲 奋斗 咒骂 疑问 嘘 晕 折磨 疯了 衰 骷髅 敲打 再见 擦汗 抠鼻 鼓掌 糗大了 坏笑 左哼哼
右哼哼 哈欠 鄙视 委屈 快哭了 阴险 亲亲 吓 可怜 菜刀 西瓜 啤酒 篮球 乒乓 咖啡 饭 猪头 玫瑰 凋谢 示爱 嘴唇 爱心 心碎
蛋糕 闪电 炸弹 刀 足球 瓢虫 便便 月亮 太阳 礼物 拥抱 握手 胜利 抱拳 勾引 拳头 差劲 爱你 no 爱情 飞吻 跳跳 发抖
怄火 转圈 磕头 回头 跳绳 投降 激动 街舞 乱舞 献吻 左太极 右太极 嘿哈 捂脸 奸笑 机智 皱眉 耶 吃瓜 加油 汗 天啊
社会社会 旺柴 打脸 哇 翻白眼 让我看看 叹气 苦涩 裂开 囧 红包 发 福 烟花 爆竹 鸡 庆祝 生病 破涕为笑 脸红 恐惧 失望
无语 笑脸 笑哭 爱心眼 大笑 呵呵 哈哈 心 花 鲜花 干杯 挥手 思考 流口水
"""
_MEDIA = """
图片 照片 语音 语音消息 视频 小视频 表情 动画表情 文件 链接 位置 地理位置 转账 名片 个人名片 小程序 聊天记录 语音通话
视频通话 音乐 收藏 笔记 未知消息 卡片 拍一拍 直播 picture photo image voice video sticker file link location
"""
# Old codes, as WeChat still pastes them from a computer, in lower case.
_SLASHED = r"""
::) ::~ ::b ::| :8-) ::< ::$ ::x ::z ::'( ::-| ::@ ::p ::d ::o ::( ::+ :--b ::q ::t :,@p :,@-d :,@o ::g :|-) ::! ::l ::>
::,@ :,@f ::-s :? :,@x :,@@ ::8 :,@! :!!! :xx :bye :wipe :dig :handclap :&-( :b-) :<@ :@> ::-o :>-| :p-( ::'| :x-) ::*
:@x :8* :pd :<w> :beer :basketb :oo :coffee :eat :pig :rose :fade :showlove :heart :break :cake :li :bome :kn :footb
:ladybug :shit :moon :sun :gift :hug :share :v :@) :jj :@@ :bad :lvu :no :love :<l> :jump :shake :<o> :circle
:kotow :turn :skip :oy :#-0 :hiphot :kiss :<& :&>
"""
# Signs that answer a question are kept, one for each meaning.
_SIGNS = {
    "👍": ("👍🏻", "[强]", "[赞]", "[thumbsup]", "[点赞]", "/:strong"),
    "👌": ("👌🏻", "[ok]", "[好的]", "/:ok"),
    "🙏": ("[合十]", "[worship]", "[拜托]"),
    "👎": ("[弱]", "[thumbsdown]", "/:weak"),
    "✅": ("✔", "☑", "✓", "[对]", "[对勾]"),
    "❌": ("✖", "❎", "✗", "✘", "[叉]"),
}
_SIGN_OF = {code: sign for sign, codes in _SIGNS.items() for code in codes}
_ENGLISH = "[a-z][a-z!'-]{1,14}"  # [smile], [yeah!]


def _join(words: str) -> str:
    return "|".join(re.escape(word) for word in sorted(words.split(), key=len, reverse=True))


_CODE = re.compile(
    f"(?P<sign>{_join(' '.join(_SIGN_OF))})"
    rf"|\[(?:{_join(_NAMES)}|{_join(_MEDIA)}|{_ENGLISH}|666|emm)\]"
    f"|/(?:{_join(_SLASHED)})(?![a-z0-9])"
    # Emoji, flags, dingbats and private use.
    "|(?![👍👌🙏👎✅❌])[\U0001f000-\U0001faff\U0001fb00-\U0001fbef\u231a-\u23ff\u25a0-\u27bf\u2b00-\u2bff"
    "\ue000-\uf8ff\u3030\u303d\u3297\u3299]"
)


def drop_emoticons(text: str) -> str:
    """A lower-case text with a space for each picture; 👍 👌 🙏 👎 ✅ ❌ stay, also if written as codes."""
    return _CODE.sub(lambda code: _SIGN_OF.get(code["sign"] or "", " "), text)
