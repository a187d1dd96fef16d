//! Numbers counted in powers of ten thousand: the grammar Chinese, Japanese and Korean share.

/// What one character of a number says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sym {
    /// Zero to nine.
    Digit(u8),
    /// Ten, a hundred, a thousand.
    Small(u64),
    /// Ten thousand and its powers.
    Large(u64),
}

/// How a language bends the grammar.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    /// A hundred and a thousand need no digit before them (Japanese 百, Korean 백).
    pub bare_small: bool,
    /// Ten thousand needs no digit before it (Korean 만).
    pub bare_large: bool,
    /// A last digit counts the next lower power: 三万五 is 35000.
    pub short_tail: bool,
}

/// The value of a number said with powers (`二百五十`), not digit by digit.
pub(super) fn value(symbols: &[Sym], rules: Rules) -> Option<u64> {
    if let [Sym::Digit(digit)] = symbols {
        return Some(u64::from(*digit));
    }
    let (mut total, mut section) = (0u64, 0u64);
    let (mut small, mut large) = (10_000u64, u64::MAX);
    let mut pending = None;
    let mut zero = false;
    for (i, &symbol) in symbols.iter().enumerate() {
        match symbol {
            Sym::Digit(0) => {
                if i == 0 || pending.is_some() || i + 1 == symbols.len() || zero {
                    return None;
                }
                zero = true;
            }
            Sym::Digit(digit) => {
                if pending.replace(u64::from(digit)).is_some() {
                    return None;
                }
            }
            Sym::Small(power) => {
                if power >= small {
                    return None;
                }
                let count = match pending.take() {
                    Some(digit) => digit,
                    None if power == 10 || rules.bare_small => 1,
                    None => return None,
                };
                section += count * power;
                small = power;
                zero = false;
            }
            Sym::Large(power) => {
                section += pending.take().unwrap_or(0);
                if section == 0 && total > 0 && !zero && power > large {
                    total = total.checked_mul(power)?;
                } else {
                    if section == 0 && i == 0 && rules.bare_large {
                        section = 1;
                    }
                    if section == 0 || power >= large {
                        return None;
                    }
                    total = total.checked_add(section.checked_mul(power)?)?;
                }
                large = power;
                (section, small, zero) = (0, 10_000, false);
            }
        }
    }
    if let Some(digit) = pending {
        let before = symbols.len().checked_sub(2).map(|at| symbols[at]);
        section += match before {
            Some(Sym::Small(power)) if rules.short_tail && power > 10 => digit * (power / 10),
            Some(Sym::Large(power)) if rules.short_tail => digit.checked_mul(power / 10)?,
            _ => digit,
        };
    }
    total.checked_add(section)
}

/// A number said digit by digit (`二零二六`), at least one.
pub(super) fn digits(symbols: &[Sym]) -> Option<String> {
    let each = symbols.iter().map(|symbol| match symbol {
        Sym::Digit(digit) => Some(char::from(b'0' + digit)),
        _ => None,
    });
    each.collect::<Option<String>>().filter(|s| !s.is_empty())
}

/// `1234567` as `1,234,567`.
pub(super) fn grouped(value: u64) -> String {
    let plain = value.to_string();
    let mut out = String::new();
    for (i, digit) in plain.chars().enumerate() {
        if i > 0 && (plain.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::Sym::{Digit, Large, Small};
    use super::*;

    const CHINESE: Rules = Rules {
        bare_small: false,
        bare_large: false,
        short_tail: true,
    };
    const KOREAN: Rules = Rules {
        bare_small: true,
        bare_large: true,
        short_tail: false,
    };

    #[test]
    fn powers_add_up() {
        let two_hundred_fifty = [Digit(2), Small(100), Digit(5), Small(10)];
        assert_eq!(value(&two_hundred_fifty, CHINESE), Some(250));
        let with_zero = [Digit(1), Large(10_000), Digit(0), Digit(1)];
        assert_eq!(value(&with_zero, CHINESE), Some(10_001));
        let trillion = [Digit(3), Large(10_000), Large(100_000_000)];
        assert_eq!(value(&trillion, CHINESE), Some(3_000_000_000_000));
        assert_eq!(value(&[Large(10_000), Small(1000)], KOREAN), Some(11_000));
    }

    #[test]
    fn a_last_digit_counts_the_next_power_where_the_language_says_so() {
        let symbols = [Digit(3), Large(10_000), Digit(5)];
        assert_eq!(value(&symbols, CHINESE), Some(35_000));
        assert_eq!(value(&symbols, KOREAN), Some(30_005));
    }

    #[test]
    fn what_is_no_number_has_no_value() {
        for symbols in [
            &[Digit(4), Digit(5), Small(10)][..],
            &[Large(10_000), Digit(1)],
            &[Small(10), Small(10)],
            &[Digit(1), Small(10), Digit(0)],
            &[],
        ] {
            let found = value(symbols, CHINESE);
            assert!(
                found.is_none() || symbols.is_empty(),
                "{symbols:?} {found:?}"
            );
        }
    }

    #[test]
    fn thousands_are_grouped() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }
}
