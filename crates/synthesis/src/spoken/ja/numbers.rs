//! Numbers in katakana as they are pronounced.

const DIGITS: [&str; 10] = [
    "ゼロ",
    "イチ",
    "ニ",
    "サン",
    "ヨン",
    "ゴ",
    "ロク",
    "ナナ",
    "ハチ",
    "キュー",
];

/// Digits one by one.
pub fn digits(text: &str) -> String {
    let values = text.chars().filter_map(|c| c.to_digit(10));
    values.map(|value| DIGITS[value as usize]).collect()
}

/// Digits one by one as on the telephone, with a long ニー and ゴー.
pub fn telephone(text: &str) -> String {
    digits(text).replace("ニ", "ニー").replace("ゴ", "ゴー")
}

/// A whole number below 10^16.
pub fn cardinal(value: u64) -> String {
    if value == 0 {
        return DIGITS[0].to_owned();
    }
    let mut said = String::new();
    let scales = [
        (1_000_000_000_000, "チョー"),
        (100_000_000, "オク"),
        (10_000, "マン"),
        (1, ""),
    ];
    for (scale, name) in scales {
        let part = value / scale % 10_000;
        if part == 0 {
            continue;
        }
        // 千万 is イッセンマン, 千 alone セン.
        let mut words = thousands(part);
        if scale > 1 && part / 1000 == 1 {
            words = format!("イッ{words}");
        }
        if name == "チョー" {
            words = doubled(&words);
        }
        said.push_str(&words);
        said.push_str(name);
    }
    said
}

fn thousands(value: u64) -> String {
    let thousand = match value / 1000 {
        0 => String::new(),
        1 => "セン".to_owned(),
        3 => "サンゼン".to_owned(),
        8 => "ハッセン".to_owned(),
        many => format!("{}セン", DIGITS[many as usize]),
    };
    let hundred = match value / 100 % 10 {
        0 => String::new(),
        1 => "ヒャク".to_owned(),
        3 => "サンビャク".to_owned(),
        6 => "ロッピャク".to_owned(),
        8 => "ハッピャク".to_owned(),
        many => format!("{}ヒャク", DIGITS[many as usize]),
    };
    let ten = match value / 10 % 10 {
        0 => String::new(),
        1 => "ジュー".to_owned(),
        many => format!("{}ジュー", DIGITS[many as usize]),
    };
    let one = match value % 10 {
        0 => "",
        one => DIGITS[one as usize],
    };
    format!("{thousand}{hundred}{ten}{one}")
}

/// The last sound doubles the next: イチ to イッ, ハチ to ハッ, ジュー to ジュッ.
pub fn doubled(number: &str) -> String {
    for (plain, double) in [("イチ", "イッ"), ("ハチ", "ハッ"), ("ジュー", "ジュッ")]
    {
        if let Some(stem) = number.strip_suffix(plain) {
            return format!("{stem}{double}");
        }
    }
    number.to_owned()
}
