//! Telephone numbers, versions and models in Mandarin.

use super::numbers;
use crate::spoken::reader::Reader;
use crate::spoken::wide::codes::{self, Codes};

const CODES: Codes = Codes {
    before: &[
        "电话",
        "手机",
        "号码",
        "拨打",
        "致电",
        "房间",
        "密码",
        "验证码",
        "编号",
        "热线",
        "電話",
        "號碼",
        "密碼",
    ],
    short: &[
        "110", "119", "120", "122", "12306", "12345", "12315", "10086", "10010", "10000", "911",
    ],
    mobile: &["13", "14", "15", "16", "17", "18", "19"],
    dialled: numbers::telephone,
    digits: numbers::digits,
    cardinal: numbers::cardinal,
    between: " ",
    signs: ["加", "点"],
};

/// Reads a code.
pub fn read(reader: &mut Reader<'_>) -> bool {
    codes::read(reader, &CODES)
}
