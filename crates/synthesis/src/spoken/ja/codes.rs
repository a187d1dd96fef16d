//! Telephone numbers, versions and models in Japanese.

use super::numbers;
use crate::spoken::reader::Reader;
use crate::spoken::wide::codes::{self, Codes};

const CODES: Codes = Codes {
    before: &[
        "電話",
        "電話番号",
        "携帯",
        "番号",
        "暗証番号",
        "パスワード",
        "コード",
        "〒",
        "郵便番号",
        "TEL",
    ],
    short: &["110", "119", "117", "177", "911"],
    mobile: &["070", "080", "090", "050"],
    dialled: numbers::telephone,
    digits: numbers::digits,
    cardinal: numbers::cardinal,
    between: " ノ ",
    signs: ["プラス", "テン"],
};

/// Reads a code.
pub fn read(reader: &mut Reader<'_>) -> bool {
    codes::read(reader, &CODES)
}
