//! Numbers in characters.

const DIGITS: [&str; 10] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];

/// Digits one by one.
pub fn digits(text: &str) -> String {
    let values = text.chars().filter_map(|c| c.to_digit(10));
    values.map(|value| DIGITS[value as usize]).collect()
}

/// Digits one by one as on the telephone, where 一 is 幺.
pub fn telephone(text: &str) -> String {
    digits(text).replace('一', "幺")
}

/// A whole number below 10^16, 两 where it leads a scale.
pub fn cardinal(value: u64) -> String {
    let said = of(value, true);
    let scaled = ["二百", "二千", "二万", "二亿"];
    match said.strip_prefix('二') {
        Some(rest) if scaled.iter().any(|lead| said.starts_with(lead)) => format!("两{rest}"),
        _ => said,
    }
}

fn of(value: u64, leads: bool) -> String {
    match value {
        0..10 => DIGITS[value as usize].to_owned(),
        10..20 if leads => format!("十{}", rest(value % 10, 1)),
        10..100 => scaled(value, 10, "十"),
        100..1000 => scaled(value, 100, "百"),
        1000..10_000 => scaled(value, 1000, "千"),
        10_000..100_000_000 => scaled(value, 10_000, "万"),
        _ => scaled(value, 100_000_000, "亿"),
    }
}

fn scaled(value: u64, scale: u64, name: &str) -> String {
    let many = of(value / scale, scale > 1000);
    format!("{many}{name}{}", rest(value % scale, scale / 10))
}

/// What follows a scale: 零 where places are skipped.
fn rest(value: u64, next: u64) -> String {
    match value {
        0 => String::new(),
        _ if value < next => format!("零{}", of(value, false)),
        _ => of(value, false),
    }
}

/// A long number as words that can be said in one breath each.
pub fn words(said: &str) -> String {
    if said.chars().count() < 6 {
        return said.to_owned();
    }
    let spaced = said.replace('亿', "亿 ").replace('万', "万 ");
    spaced.replace("万 亿", "万亿").trim().to_owned()
}
